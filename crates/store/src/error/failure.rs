//! Failures of the database that somebody can do something about, told apart by the codes of both databases.
use std::error::Error as StdError;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use crate::Error;

/// A failure of the database that is no mistake of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Another process holds the lock of the writers for longer than a writer waits.
    Busy,
    /// There is no room for what is written.
    Full,
    /// The database can be read and not written.
    ReadOnly,
    /// The database cannot be reached, or ended the connection.
    Lost,
    /// The database refuses this user.
    Denied,
    /// Tables are missing: they are being restored, or are those of another program.
    Missing,
    /// The file is damaged, or is no database.
    Damaged,
    /// Another file stands in the place of the one that is open.
    Replaced,
}

impl Failure {
    /// The failure behind an error of the driver; none where the error is of another kind.
    pub fn of(error: &DbErr) -> Option<Self> {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => Self::of_driver(cause),
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout | ConnAcquireErr::ConnectionClosed) => Some(Self::Lost),
            _ => None,
        }
    }

    /// The failure behind an error of the driver, as the driver tells it.
    pub fn of_driver(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Database(told) => {
                let code = told.code()?;
                // Codes of Postgres have five characters, those of SQLite are numbers of up to four digits.
                if code.len() == 5 { of_postgres(&code) } else { of_sqlite(code.parse().ok()?, told.message()) }
            }
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => {
                Some(Self::Lost)
            }
            _ => None,
        }
    }

    /// The failure behind an error of the other driver of SQLite.
    pub fn of_embedded(error: &rusqlite::Error) -> Option<Self> {
        let rusqlite::Error::SqliteFailure(told, message) = error else { return None };
        of_sqlite(told.extended_code, message.as_deref().unwrap_or_default())
    }

    /// The error that tells of it, with what to do.
    pub fn error(self) -> Error {
        let (code, message) = match self {
            Self::Busy => {
                ("DATABASE_BUSY", "Another process is writing a lot, such as an import. Try again in a moment.")
            }
            Self::Full => (
                "DATABASE_FULL",
                "The disk of the database is full, so nothing can be written. Free some space on it, and try again.",
            ),
            Self::ReadOnly => (
                "DATABASE_READ_ONLY",
                "The database is read-only here: it is a standby or a read-only file, or its user may not write. Write \
                 through a server whose database can be written.",
            ),
            Self::Lost => (
                "DATABASE_UNAVAILABLE",
                "The database does not answer. Try again in a moment; if that does not help, check that it is running.",
            ),
            Self::Denied => (
                "DATABASE_DENIED",
                "The user of the database is not allowed to do this. Grant it the rights to create, read and write the tables.",
            ),
            Self::Missing => (
                "DATABASE_INCOMPLETE",
                "Tables of the database are missing. If it is being restored, try again when that is done; otherwise \
                 restart the server, which creates them.",
            ),
            Self::Damaged => (
                "DATABASE_DAMAGED",
                "The file of the database is damaged, or is not an SQLite database. Restore it from a backup, or name another.",
            ),
            Self::Replaced => (
                "DATABASE_REPLACED",
                "The file of the database was replaced while the server was running, so nothing is answered any more. \
                 Restart the server.",
            ),
        };
        Error::caller(code, message)
    }
}

/// The failure with this SQLSTATE.
fn of_postgres(code: &str) -> Option<Failure> {
    Some(match code {
        "55P03" => Failure::Busy,
        "53100" => Failure::Full,
        "25006" => Failure::ReadOnly,
        "42501" | "28000" | "28P01" => Failure::Denied,
        "42P01" | "3F000" | "42703" => Failure::Missing,
        "XX001" | "XX002" => Failure::Damaged,
        // No connection; too many of them; the server is stopping or starting, or ended this one.
        _ if code.starts_with("08") || matches!(code, "53300" | "57P01" | "57P02" | "57P03" | "57P05") => Failure::Lost,
        _ => return None,
    })
}

/// The failure with this result code, the extended one as well.
fn of_sqlite(code: i32, message: &str) -> Option<Failure> {
    // The low byte is the primary code, <https://www.sqlite.org/rescode.html>.
    Some(match code & 0xff {
        1 if message.starts_with("no such table") || message.starts_with("no such column") => Failure::Missing,
        // The file was moved or deleted while it is open, or no shared memory can be made for lack of room.
        _ if code == 1032 => Failure::Replaced,
        _ if code == 4874 => Failure::Full,
        5 | 6 => Failure::Busy,
        3 | 23 => Failure::Denied,
        8 => Failure::ReadOnly,
        10 | 14 => Failure::Lost,
        11 | 26 => Failure::Damaged,
        13 => Failure::Full,
        _ => return None,
    })
}

/// The error for a caller: the failure where it is one that somebody can do something about, else a failure of the server.
pub(crate) fn told(failure: Option<Failure>, cause: impl StdError + Send + Sync + 'static) -> Error {
    let Some(failure) = failure else { return Error::internal(cause) };
    tracing::debug!(%cause, ?failure, "the database failed");
    failure.error()
}

/// The error for whoever wanted to write, where that leaves no trace.
pub(crate) fn nothing_stored(error: Error) -> Error {
    match error {
        Error::Caller { code, message } => Error::caller(code, format!("{message} Nothing was stored.")),
        internal @ Error::Internal(_) => internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_both_databases_are_told_apart() {
        for (code, failure) in [
            ("25006", Some(Failure::ReadOnly)),
            ("53100", Some(Failure::Full)),
            ("08006", Some(Failure::Lost)),
            ("57P01", Some(Failure::Lost)),
            ("55P03", Some(Failure::Busy)),
            ("42P01", Some(Failure::Missing)),
            ("23505", None),
        ] {
            assert_eq!(of_postgres(code), failure, "{code}");
        }
        for (code, message, failure) in [
            (5, "database is locked", Some(Failure::Busy)),
            (517, "database is locked", Some(Failure::Busy)),
            (8, "attempt to write a readonly database", Some(Failure::ReadOnly)),
            (1032, "attempt to write a readonly database", Some(Failure::Replaced)),
            (13, "database or disk is full", Some(Failure::Full)),
            (26, "file is not a database", Some(Failure::Damaged)),
            (1, "no such table: entry", Some(Failure::Missing)),
            (1, "near \"x\": syntax error", None),
            (2067, "UNIQUE constraint failed", None),
        ] {
            assert_eq!(of_sqlite(code, message), failure, "{code} {message}");
        }
    }
}
