//! A Postgres server: how it is reached, and why it is not.
use std::{io::ErrorKind, time::Duration};

use kernel::{Error, Result};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        self, ConnectOptions as _, Connection as _, Executor as _, Row as _,
        postgres::{PgConnectOptions, PgConnection},
    },
};
use tokio::time::timeout;

use super::{CONNECTIONS, unavailable};

/// Maximum time that the server may take to answer at start.
const PATIENCE: Duration = Duration::from_secs(3);
/// Maximum time that a statement waits for a connection: whoever asks waits no longer than a request may.
const FOR_A_CONNECTION: Duration = Duration::from_secs(4);
/// Time for which a session that began read-only is kept: after a failover it stays so though its server can be written again.
const READ_ONLY: Duration = Duration::from_secs(1);

/// A pool of connections to a server that answers.
pub(super) async fn connect(options: PgConnectOptions) -> Result<DatabaseConnection> {
    // The pool would try again and again for half a minute.
    let first = timeout(PATIENCE, options.connect()).await;
    let first = first.map_err(|_| {
        let seconds = PATIENCE.as_secs();
        let message = format!(
            "{} did not answer within {seconds} seconds. Check that it is running, and check the host and the port.",
            place(&options)
        );
        unavailable(message)
    })?;
    let mut first = first.map_err(|cause| refused(&options, &cause))?;
    warn_of_loss(&mut first).await;
    // Whoever is told nothing more of this connection need not wait for it.
    tokio::spawn(first.close());
    // The library is given a URL without secrets: it shows it in its traces.
    let mut pool = ConnectOptions::new("postgres://localhost");
    pool.max_connections(CONNECTIONS)
        .acquire_timeout(FOR_A_CONNECTION)
        .connect_lazy(true)
        .sqlx_logging_level(tracing::log::LevelFilter::Debug)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .map_sqlx_postgres_before_acquire(|connection, session| {
            Box::pin(async move {
                let row =
                    connection.fetch_one("SELECT current_setting('default_transaction_read_only') = 'on'").await?;
                Ok(!row.try_get::<bool, _>(0)? || session.age < READ_ONLY)
            })
        })
        .map_sqlx_postgres_opts(move |_| options.clone().log_statements(tracing::log::LevelFilter::Debug));
    Database::connect(pool).await.map_err(|cause| {
        tracing::debug!(%cause, "the connection pool cannot be created");
        unavailable("The connections to the database cannot be created.".to_owned())
    })
}

/// Warns where the server acknowledges what is not on its disk yet.
async fn warn_of_loss(connection: &mut PgConnection) {
    let setting = connection.fetch_one("SHOW synchronous_commit").await.and_then(|row| row.try_get::<String, _>(0));
    if setting.is_ok_and(|setting| setting == "off") {
        tracing::warn!(
            "`synchronous_commit` is off: a crash of the database server may lose the last changes, even if webhooks were \
             already notified of them"
        );
    }
}

/// The server, for a sentence that begins with it.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => format!("The database server at the socket {}", socket.display()),
        None => format!("The database server at {}:{}", options.get_host(), options.get_port()),
    }
}

/// The error of whoever was not let in, with what to do.
fn refused(options: &PgConnectOptions, cause: &sqlx::Error) -> Error {
    tracing::debug!(%cause, "the database cannot be opened");
    let (place, user) = (place(options), options.get_username());
    match cause {
        sqlx::Error::Io(cause) => unavailable(match cause.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::NotFound => {
                format!(
                    "{place} cannot be reached: nothing listens there. Check that it is running, and check the host and the port."
                )
            }
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => {
                format!("{place} ended the connection at once. Check whether it is Postgres that listens there.")
            }
            _ => format!("{place} cannot be reached: {cause}. Check the host and the port."),
        }),
        sqlx::Error::Database(told) => match told.code().as_deref().unwrap_or_default() {
            "28P01" | "28000" => Error::caller(
                "DATABASE_DENIED",
                format!("{place} refuses the user `{user}`: {}. Check the user name and the password.", told.message()),
            ),
            "3D000" => {
                let name = options.get_database().unwrap_or(user);
                let message =
                    format!("{place} has no database `{name}`. Create it (`createdb {name}`), or name another.");
                Error::caller("DATABASE_MISSING", message)
            }
            "42501" => Error::caller(
                "DATABASE_DENIED",
                format!(
                    "{place} does not let the user `{user}` in: {}. Grant the user CONNECT on the database.",
                    told.message()
                ),
            ),
            "53300" => {
                unavailable(format!("{place} has too many connections: {}. Try again in a moment.", told.message()))
            }
            "57P03" => unavailable(format!("{place} is not ready: {}. Try again in a moment.", told.message())),
            _ => unavailable(format!("{place} refuses the connection: {}.", told.message())),
        },
        sqlx::Error::Tls(cause) => {
            unavailable(format!("{place} cannot be reached by TLS: {cause}. Check the parameter `sslmode` of the URL."))
        }
        sqlx::Error::Configuration(cause) => unavailable(format!("{place} cannot be queried: {cause}.")),
        _ => unavailable(format!("{place} does not answer as Postgres does. Check the host and the port.")),
    }
}
