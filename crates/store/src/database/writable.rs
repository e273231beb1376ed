//! Tells whether the database can be written: so a probe tells that changes are refused while everything can still be read.
use std::{convert::Infallible, time::Duration};

use sea_orm::{ConnectionTrait as _, DbErr, sqlx};
use tokio::{sync::watch, time::sleep};

use super::transaction;
use crate::{Database, Failure, Result};

/// Time to wait before it is tried again whether the database can be written.
const PAUSE: Duration = Duration::from_secs(1);
/// Number of bytes that are written to find that out: more than fit into what is left over of pages that are in use.
const TRIED: usize = 65_536;

/// Outcome of the last attempt to write.
#[derive(Default)]
pub(crate) struct Writable(watch::Sender<Option<Failure>>);

impl Writable {
    /// Something was written.
    pub(crate) fn worked(&self) {
        self.0.send_if_modified(|failure| {
            let was = failure.take();
            if was.is_some() {
                tracing::info!("the database can be written again");
            }
            was.is_some()
        });
    }

    /// Something could not be written. A lock of others, and a database that is there to be read, are no failures of it.
    pub(crate) fn failed(&self, cause: &sqlx::Error) {
        let Some(failure @ (Failure::Full | Failure::Lost | Failure::Damaged)) = Failure::of_driver(cause) else {
            return;
        };
        self.0.send_if_modified(|known| {
            let was = known.replace(failure);
            if was != Some(failure) {
                tracing::error!(%cause, "the database cannot be written");
            }
            was != Some(failure)
        });
    }
}

impl Database {
    /// Why the database could not be written the last time; none where it could.
    pub fn write_failure(&self) -> Option<Failure> {
        *self.writable.0.borrow()
    }

    /// Finds out when a database that could not be written can be again, also where nobody writes.
    pub async fn keep_writable(&self) -> Infallible {
        let mut failures = self.writable.0.subscribe();
        loop {
            // The sender lives as long as the database.
            let is_over = failures.wait_for(Option::is_some).await.is_err();
            if is_over || self.try_to_write().await.is_err() {
                sleep(PAUSE).await;
            }
        }
    }

    /// Writes what nobody reads, and takes it away again.
    async fn try_to_write(&self) -> Result<()> {
        for bytes in [TRIED, 0] {
            let txn = transaction::begin(self).await?;
            txn.execute_unprepared("DELETE FROM write_probe").await?;
            if bytes > 0 {
                txn.execute_unprepared(&format!("INSERT INTO write_probe (bytes) VALUES ('{}')", noise(bytes)?))
                    .await?;
            }
            txn.commit().await?;
        }
        Ok(())
    }
}

/// Letters that cannot be compressed to fewer bytes than half of them.
fn noise(length: usize) -> Result<String, DbErr> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|cause| DbErr::Custom(cause.to_string()))?;
    Ok(bytes.into_iter().map(|byte| char::from(b'a' + byte % 26)).collect())
}
