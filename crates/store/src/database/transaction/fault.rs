//! Faults of the database, made on purpose: so tests try each of them at each statement of each write.
use std::{io, sync::Arc};

use sea_orm::{Statement, sqlx};

use super::connection::{Answer, Connection};

/// A way in which a statement fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The statement does not reach the database.
    Refused,
    /// The statement is executed, and the connection is lost before the answer comes.
    Unheard,
    /// The database ends the transaction by itself: SQLite, as where the disk is full; Postgres, with the connection.
    Ended,
}

/// Asked before each statement of each transaction that writes, its beginning and its end among them: how it fails.
pub type Faults = Arc<dyn Fn(&str) -> Option<Fault> + Send + Sync>;

/// Request to a connection.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    Statement(&'a Statement),
    Script(&'a str),
}

impl Asked<'_> {
    fn sql(&self) -> &str {
        match self {
            Self::Statement(statement) => &statement.sql,
            Self::Script(sql) => sql,
        }
    }

    async fn of(self, connection: &mut Connection) -> Result<Answer, sqlx::Error> {
        match self {
            Self::Statement(statement) => connection.run(statement).await,
            Self::Script(sql) => connection.script(sql).await,
        }
    }

    /// Asks the connection, with the fault that is due.
    pub(crate) async fn with(
        self,
        connection: &mut Connection,
        faults: Option<&Faults>,
    ) -> Result<Answer, sqlx::Error> {
        let fault = faults.and_then(|faults| faults(self.sql()));
        match (fault, &connection) {
            (None, _) => self.of(connection).await,
            (Some(Fault::Refused), _) => Err(lost()),
            (Some(Fault::Unheard), _) => self.of(connection).await.and_then(|_| Err(lost())),
            (Some(Fault::Ended), Connection::Sqlite(_)) => {
                let _ended = connection.script("ROLLBACK").await;
                Err(lost())
            }
            (Some(Fault::Ended), Connection::Postgres(_)) => {
                let _ended = connection.script("SELECT pg_terminate_backend(pg_backend_pid())").await;
                self.of(connection).await
            }
        }
    }
}

fn lost() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::ConnectionReset, "a fault that was made on purpose"))
}
