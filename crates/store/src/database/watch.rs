//! Noticing what other processes publish.
use std::{convert::Infallible, path::Path, time::Duration};

use sea_orm::{DbBackend, sqlx::postgres::PgListener};
use tokio::time::sleep;

use crate::{Database, Error, Result};

/// On Postgres, the channel that tells other processes of publications.
pub(crate) const CHANNEL: &str = "careerql_publication";
/// Interval at which an SQLite file is looked at.
const SQLITE: Duration = Duration::from_millis(250);
/// Interval at which a Postgres server is asked, beside what it tells by itself.
const POSTGRES: Duration = Duration::from_millis(500);
/// Time to wait for a Postgres server that cannot be listened to.
const RECONNECT: Duration = Duration::from_secs(1);

impl Database {
    /// Keeps the content version up to date with what other processes publish, until it is dropped. Failures are logged and
    /// tried again.
    pub async fn watch(&self) {
        match self.get_database_backend() {
            DbBackend::Postgres => {
                tokio::join!(self.look_every(POSTGRES), self.listen());
            }
            _ => self.look_every(SQLITE).await,
        }
    }

    async fn look_every(&self, pause: Duration) {
        let mut failures = Failures::new("the database cannot be watched");
        loop {
            self.is_replaced(self.file_is_other());
            failures.note(&self.refresh().await);
            sleep(pause).await;
        }
    }

    /// Looks whether another file was put in the place of the SQLite file that is open, or it was deleted: its content is not that
    /// of the connections any more, and opening it beside them could damage it.
    fn file_is_other(&self) -> bool {
        self.file().is_some_and(|(path, opened)| identity(path) != Some(*opened))
    }

    async fn listen(&self) {
        let mut failures = Failures::new("the database cannot be watched");
        loop {
            let Err(cause) = self.follow(&mut failures).await;
            failures.note(&Err::<(), _>(cause));
            sleep(RECONNECT).await;
        }
    }

    /// Looks whenever the server tells of something, until it cannot be listened to.
    async fn follow(&self, failures: &mut Failures) -> Result<Infallible> {
        let pool = self.get_postgres_connection_pool();
        let mut listener = PgListener::connect_with(pool).await.map_err(Error::internal)?;
        listener.listen(CHANNEL).await.map_err(Error::internal)?;
        loop {
            failures.note(&self.refresh().await);
            // Comes back also where a lost connection was replaced, during which something may have been published.
            listener.try_recv().await.map_err(Error::internal)?;
        }
    }
}

/// The device and the number of a file, by which the system knows it; none where there is none, or the system has no such thing.
#[cfg(unix)]
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

/// The failure that was logged last. The same one again is not logged again.
pub(crate) struct Failures {
    what: &'static str,
    last: Option<String>,
}

impl Failures {
    /// None so far of this kind.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, last: None }
    }

    /// Logs a failure that is new, and the end of one.
    pub(crate) fn note<T>(&mut self, outcome: &Result<T>) {
        let failure = outcome.as_ref().err().map(Error::cause);
        if failure == self.last {
            return;
        }
        if outcome.as_ref().is_err_and(|error| error.code() == "DATABASE_READ_ONLY") {
            tracing::info!("the database is read-only here: what is due is left to a server that can write to it");
        } else if let Some(cause) = &failure {
            tracing::error!(%cause, "{}; trying again", self.what);
        } else {
            tracing::info!("over: {}", self.what);
        }
        self.last = failure;
    }
}
