//! The end of a transaction. Whoever is told that something was stored finds it, and whoever is told that nothing was does not.
use std::{sync::Arc, time::Duration};

use sea_orm::{
    DatabaseConnection, DbBackend,
    sqlx::{self, PgPool},
};
use tokio::time::{sleep, timeout};

use super::{Transaction, failed, fault::Asked};
use crate::{Error, Failure, Result, error::OUTCOME_UNKNOWN};

/// Maximum time to find out what became of a transaction.
const FINDING_OUT: Duration = Duration::from_secs(3);
/// Time to wait before it is asked again.
const AGAIN: Duration = Duration::from_millis(50);

/// Outcome of a transaction whose commit failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CommitOutcome {
    Stored,
    NotStored,
    Unknown,
}

impl Transaction {
    pub(crate) async fn commit(mut self) -> Result<()> {
        let at = self.at.get_mut();
        if let Some(refusal) = at.refusal() {
            return Err(refusal.into());
        }
        let Err(cause) = at.ask(Asked::Script("COMMIT"), self.faults.as_ref()).await else {
            at.held.release();
            self.writable.worked();
            return Ok(());
        };
        self.writable.failed(&cause);
        // The connection ends now, and with it what it may still be doing.
        drop(at.held.take());
        match outcome(&self.db, self.backend, &cause, at.id).await {
            CommitOutcome::Stored => Ok(()),
            CommitOutcome::NotStored => Err(failed(cause).into()),
            CommitOutcome::Unknown => Err(unknown(&cause)),
        }
    }
}

fn unknown(cause: &Arc<sqlx::Error>) -> Error {
    tracing::error!(%cause, "it is unknown whether a change was stored");
    Error::caller(
        OUTCOME_UNKNOWN,
        "The database failed while it stored the change. The change may or may not be stored: check before you repeat it.",
    )
}

async fn outcome(db: &DatabaseConnection, backend: DbBackend, cause: &sqlx::Error, id: Option<i64>) -> CommitOutcome {
    match (cause.as_database_error().and_then(sea_orm::sqlx::error::DatabaseError::code), backend, id) {
        // After an error of the disk, what SQLite does not show now may come back when the log is read anew.
        (Some(code), DbBackend::Sqlite, _) if code.parse().is_ok_and(|code: i32| code & 0xff == 10) => {
            CommitOutcome::Unknown
        }
        (Some(_), DbBackend::Sqlite, _) => CommitOutcome::NotStored,
        (Some(_), ..) if Failure::of_driver(cause) != Some(Failure::Lost) => CommitOutcome::NotStored,
        (_, DbBackend::Postgres, Some(id)) => {
            let pool = db.get_postgres_connection_pool();
            timeout(FINDING_OUT, ask(pool, id)).await.unwrap_or(CommitOutcome::Unknown)
        }
        _ => CommitOutcome::Unknown,
    }
}

/// Asks the server on other connections, until it knows.
async fn ask(pool: &PgPool, id: i64) -> CommitOutcome {
    loop {
        let status = sqlx::query_scalar::<_, Option<String>>("SELECT txid_status($1)").bind(id).fetch_one(pool).await;
        match status {
            Ok(Some(status)) if status == "committed" => return CommitOutcome::Stored,
            Ok(Some(status)) if status == "aborted" => return CommitOutcome::NotStored,
            // So long ago that the server has forgotten it.
            Ok(None) => return CommitOutcome::Unknown,
            // Its connection has not ended yet, or none can be had.
            Ok(_) | Err(_) => sleep(AGAIN).await,
        }
    }
}
