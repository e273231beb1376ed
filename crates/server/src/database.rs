//! The connection to the database: an embedded SQLite file, or Postgres.
mod file;
mod server;
mod url;

use std::time::Duration;

use kernel::{Error, Result};
use sea_orm::{
    DatabaseConnection,
    sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous},
};

pub use self::url::DatabaseUrl;
use self::url::Location;
pub(crate) use self::url::shown;
use crate::webhooks::prepare_tls;

/// How long a writer waits for another on SQLite.
const BUSY: Duration = Duration::from_secs(30);
/// How many connections are kept at most. On Postgres, two thirds of them are for reading; an SQLite file is read on others.
const CONNECTIONS: u32 = 12;

/// Connects to the database with this URL; creates an SQLite file where it is missing. Waits for no writer.
pub async fn connect(url: &str) -> Result<DatabaseConnection> {
    prepare_tls();
    match Location::of(url)? {
        Location::Sqlite(url) => file::connect(&url).await,
        Location::Postgres(options) => server::connect(*options).await,
    }
}

/// Warns where the file of the database is open to others.
pub(crate) fn warn_of_readers(db: &DatabaseConnection) {
    if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        file::warn_of_readers(db.get_sqlite_connection_pool().connect_options().get_filename());
    }
}

/// Each commit is on the disk before it is acknowledged: a loss of power takes nothing of it.
fn write_durably(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.synchronous(SqliteSynchronous::Full)
}

fn unavailable(message: String) -> Error {
    Error::caller("DATABASE_UNAVAILABLE", message)
}
