//! Statements that only read, on connections that are kept at hand.
//!
//! A file is read on the thread of the request: what most statements ask of it takes less time than to tell another thread. A
//! server is asked on connections of the pool which do not go back to it after each statement, as it would ask each whether it
//! still answers.
mod embedded;
mod pooled;
mod row;
mod row_sink;

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use sea_orm::{DatabaseConnection, DbBackend, Statement, metric::Info};

pub(crate) use self::embedded::DatabaseFile;
pub use self::embedded::MAPPED;
pub use self::row::Row;
pub(crate) use self::row_sink::{Collected, RowSink};
use self::{embedded::Embedded, pooled::Pooled};
use crate::{Mechanism, Result};

/// Hears of each statement, once it was answered.
pub type Observer = Arc<dyn Fn(&Info<'_>) + Send + Sync>;

/// Connections that only read.
pub(crate) struct Readers {
    connections: Connections,
    observer: OnceLock<Observer>,
}

enum Connections {
    Embedded(Embedded),
    Pooled(Pooled),
}

impl Readers {
    /// Readers of the database; none where its pool is too small to keep any, as for a database in memory.
    pub(crate) fn new(connection: &DatabaseConnection) -> Option<Self> {
        let connections = match connection.get_database_backend() {
            DbBackend::Sqlite if !Mechanism::EmbeddedReads.is_on() => return None,
            DbBackend::Sqlite => Connections::Embedded(Embedded::new(connection.get_sqlite_connection_pool())?),
            DbBackend::Postgres => Connections::Pooled(Pooled::new(connection.get_postgres_connection_pool())?),
            _ => return None,
        };
        Some(Self { connections, observer: OnceLock::new() })
    }

    /// Tells this observer of each statement; the first one that is given.
    pub(crate) fn observe(&self, observer: Observer) {
        let _is_observed = self.observer.set(observer);
    }

    /// Takes the rows of the statement; none where it has values that these connections cannot take.
    pub(crate) async fn read(&self, statement: &Statement, rows: &mut dyn RowSink) -> Option<Result<()>> {
        let begun = Instant::now();
        let read = match &self.connections {
            Connections::Embedded(file) => file.read(statement, rows).await?,
            Connections::Pooled(pooled) => pooled.read(statement, rows).await,
        };
        if let Some(observer) = self.observer.get() {
            observer(&Info { elapsed: begun.elapsed(), statement, failed: read.is_err() });
        }
        Some(read)
    }

    /// The file that is read; none where a server is.
    pub(crate) fn file(&self) -> Option<&std::path::Path> {
        match &self.connections {
            Connections::Embedded(file) => Some(file.path()),
            Connections::Pooled(_) => None,
        }
    }

    /// Number of connections at rest.
    pub(crate) fn rested(&self) -> usize {
        match &self.connections {
            Connections::Embedded(file) => file.rested(),
            Connections::Pooled(pooled) => pooled.rested(),
        }
    }

    /// Number of connections beside those of the pool.
    pub(crate) fn beside_pool(&self) -> usize {
        match &self.connections {
            Connections::Embedded(file) => file.open(),
            Connections::Pooled(_) => 0,
        }
    }

    /// Gives the connections back, so that the database can be closed.
    pub(crate) fn close(&self) {
        match &self.connections {
            Connections::Embedded(file) => file.close(),
            Connections::Pooled(pooled) => pooled.close(),
        }
    }
}
