//! The connection to the database: an embedded SQLite file, or Postgres.
use std::time::Duration;

use kernel::{Error, Result, store::MAPPED};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::webhooks::prepare_tls;

/// How long a writer waits for another on SQLite.
const BUSY: Duration = Duration::from_secs(30);
/// How many connections are kept at most. On Postgres, two thirds of them are for reading; an SQLite file is read on others.
const CONNECTIONS: u32 = 12;

/// Connects to the database with this URL; creates an SQLite file where it is missing.
pub async fn connect(url: &str) -> Result<DatabaseConnection> {
    prepare_tls();
    let mut options = ConnectOptions::new(url);
    // An SQLite database in memory lives in one connection.
    let in_memory = url.starts_with("sqlite::memory:") || url.contains("mode=memory");
    options
        .max_connections(if in_memory { 1 } else { CONNECTIONS })
        .sqlx_logging_level(tracing::log::LevelFilter::Debug)
        .test_before_acquire(!url.starts_with("sqlite"))
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .foreign_keys(true)
                // Pages come from the system's cache without a call for each.
                .pragma("mmap_size", MAPPED.to_string())
                .busy_timeout(BUSY)
        });
    Database::connect(options).await.map_err(|cause| {
        tracing::debug!(%cause, "the database cannot be opened");
        let message = format!("The database {} cannot be opened: {}", without_password(url), reason(&cause));
        Error::caller("DATABASE_UNAVAILABLE", message)
    })
}

/// The URL as it may be shown.
pub(crate) fn without_password(url: &str) -> String {
    let Some((before, host)) = url.rsplit_once('@') else { return url.to_owned() };
    let (scheme, user) = before.split_once("://").unwrap_or(("", before));
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    format!("{scheme}://{user}@{host}")
}

fn reason(cause: &sea_orm::DbErr) -> String {
    let text = cause.to_string();
    text.rsplit_once(": ").map_or(text.clone(), |(_, reason)| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(without_password("postgres://me:s3cret@host:5432/db"), "postgres://me@host:5432/db");
        assert_eq!(without_password("sqlite://careerql.sqlite"), "sqlite://careerql.sqlite");
    }
}
