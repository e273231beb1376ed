//! The connection to the database: an embedded SQLite file, or Postgres.
mod file;
mod server;
mod url;

use std::time::Duration;

use clap::ValueEnum;
use kernel::{Error, Result};
use sea_orm::{
    DatabaseConnection,
    sqlx::{ConnectOptions as _, postgres::PgConnectOptions, sqlite::SqliteSynchronous},
};

pub use self::url::DatabaseUrl;
use self::url::Location;
pub(crate) use self::url::shown;
use crate::tls::prepare_tls;

/// Time for which a writer waits for another on SQLite.
const BUSY: Duration = Duration::from_secs(30);
/// Maximum number of connections that are kept. On Postgres, two thirds of them are for reading; an SQLite file is read on others.
const CONNECTIONS: u32 = 12;

/// Moment at which a change in an SQLite file is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    /// Once it is on the disk.
    #[default]
    Full,
    /// Before: a loss of power may take the last changes.
    Normal,
}

/// The database to use.
#[derive(Debug, clap::Args)]
pub struct DatabaseOptions {
    /// The database: `sqlite://FILE` (created if it is missing) or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://careerql.sqlite", value_name = "URL")]
    pub database_url: DatabaseUrl,
    /// Moment at which a change in an SQLite file is acknowledged: `full` once it is on the disk, so that a power failure loses
    /// nothing; `normal` before that, which is faster, but a power failure may lose the last changes, of which webhooks may already
    /// have been notified. A crash of the server alone loses nothing either way. A Postgres server has its own `synchronous_commit`.
    #[arg(
        long,
        env = "CAREERQL_SQLITE_SYNCHRONOUS",
        value_enum,
        default_value = "full",
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub synchronous: Synchronous,
}

/// Connects to the database with this URL; creates an SQLite file where it is missing. Waits for no writer. Each change is on the disk
/// before it is acknowledged.
pub async fn connect(url: &str) -> Result<DatabaseConnection> {
    connect_with(url, Synchronous::default()).await
}

/// Connects to the database that the options name.
pub(crate) async fn open(options: &DatabaseOptions) -> Result<DatabaseConnection> {
    connect_with(options.database_url.reveal(), options.synchronous).await
}

/// Connects to the database that the options name, only to read it: an SQLite file is neither made nor changed.
pub(crate) async fn open_to_read(options: &DatabaseOptions) -> Result<DatabaseConnection> {
    let url = options.database_url.reveal();
    prepare_tls();
    match Location::of(url)? {
        Location::Sqlite(url) => file::connect_to_read(&url).await,
        Location::Postgres(options) => server::connect(quiet(*options)).await,
    }
}

/// Connects to the database that the options name, to put a backup into it: one that outlives the process.
pub(crate) async fn open_to_keep(options: &DatabaseOptions) -> Result<DatabaseConnection> {
    prepare_tls();
    match Location::of(options.database_url.reveal())? {
        Location::Sqlite(url) => {
            file::refuse_in_memory(&url)?;
            file::connect(&url, options.synchronous).await
        }
        Location::Postgres(options) => server::connect(quiet(*options)).await,
    }
}

/// Options without a line in the log for each statement that takes long: over whole tables, each does.
fn quiet(options: PgConnectOptions) -> PgConnectOptions {
    options.log_slow_statements(tracing::log::LevelFilter::Off, Duration::ZERO)
}

/// The same, where changes in an SQLite file are acknowledged as it is said.
async fn connect_with(url: &str, synchronous: Synchronous) -> Result<DatabaseConnection> {
    prepare_tls();
    match Location::of(url)? {
        Location::Sqlite(url) => file::connect(&url, synchronous).await,
        Location::Postgres(options) => server::connect(*options).await,
    }
}

/// Warns where the file of the database is open to others.
pub(crate) fn warn_of_readers(db: &DatabaseConnection) {
    if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        file::warn_of_readers(db.get_sqlite_connection_pool().connect_options().get_filename());
    }
}

impl From<Synchronous> for SqliteSynchronous {
    fn from(synchronous: Synchronous) -> Self {
        match synchronous {
            Synchronous::Full => Self::Full,
            Synchronous::Normal => Self::Normal,
        }
    }
}

fn unavailable(message: String) -> Error {
    Error::caller("DATABASE_UNAVAILABLE", message)
}
