//! The database with its tables up to date, and the content version that this process knows.
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseConnection, Statement,
    sea_query::{Alias, Expr, Func, Query, SelectStatement},
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    time::Instant,
};

use super::{
    entry, publication,
    read::{Observer, Readers, Row},
};
use crate::Result;

/// A database that [`Migrations::up`](super::Migrations::up) brought up to date. Cheap to clone; all clones know the same
/// content version.
#[derive(Clone)]
pub struct Database {
    connection: DatabaseConnection,
    readers: Option<Arc<Readers>>,
    version: Arc<watch::Sender<i64>>,
    writing: Arc<Mutex<()>>,
    /// From when on the next draft may be saved.
    saving: Arc<Mutex<Instant>>,
    /// Whether any entry was ever renamed.
    has_renames: Arc<AtomicBool>,
}

impl Database {
    /// Reads the content version.
    pub(super) async fn new(connection: DatabaseConnection) -> Result<Self> {
        let database = Self {
            readers: Readers::new(&connection).map(Arc::new),
            connection,
            version: Arc::new(watch::Sender::new(0)),
            writing: Arc::default(),
            saving: Arc::new(Mutex::new(Instant::now())),
            has_renames: Arc::default(),
        };
        database.refresh().await?;
        Ok(database)
    }

    /// The content version: it grows with every publication and withdrawal. What this process published is counted at once,
    /// what others did when it is noticed (see [`refresh`](Self::refresh)).
    pub fn version(&self) -> i64 {
        *self.version.borrow()
    }

    /// Tells when the content version changes.
    pub fn versions(&self) -> watch::Receiver<i64> {
        self.version.subscribe()
    }

    /// Reads the content version again. Whoever publishes does this after the commit; [`watch`](Self::watch) does it again and
    /// again, for what other processes publish. The known version never goes back, whoever reads it at the same time.
    pub async fn refresh(&self) -> Result<i64> {
        let last = Func::coalesce([Func::max(Expr::col(publication::Column::Id)).into(), Expr::val(0_i64)]);
        let renamed = Query::select()
            .expr(Func::count(Expr::val(1)))
            .from(entry::Entity)
            .and_where(entry::Column::RenamedTo.is_not_null())
            .take();
        let select = Query::select()
            .expr_as(last, Alias::new("version"))
            .expr_as(Expr::SubQuery(None, Box::new(renamed.into())), Alias::new("renamed"))
            .from(publication::Entity)
            .take();
        let row = self.connection.query_one(&select).await?;
        let (version, renamed): (i64, i64) = match &row {
            Some(row) => (row.try_get("", "version")?, row.try_get("", "renamed")?),
            None => (0, 0),
        };
        self.has_renames.store(renamed > 0, Ordering::Relaxed);
        self.version.send_if_modified(|known| {
            let is_newer = version > *known;
            *known = version.max(*known);
            is_newer
        });
        Ok(version)
    }

    /// Tells the observer of each statement from now on; clones that were made before do not.
    pub fn observe(&mut self, observer: Observer) {
        if let Some(readers) = &self.readers {
            readers.observe(observer.clone());
        }
        self.connection.set_metric_callback(move |info| observer(info));
    }

    /// How many connections are kept at hand and wait for a statement that reads.
    pub fn rested(&self) -> usize {
        self.readers.as_ref().map_or(0, |readers| readers.rested())
    }

    /// How many connections there are beside those of the pool.
    pub fn beside_pool(&self) -> usize {
        self.readers.as_ref().map_or(0, |readers| readers.beside_pool())
    }

    /// What is made of the rows of a statement that reads.
    pub(crate) async fn read<T: Send>(
        &self,
        select: &SelectStatement,
        row: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        self.read_built(&self.connection.get_database_backend().build(select), row).await
    }

    /// The same where the statement was built before. A row may be looked at twice, as the statement may begin anew.
    pub(crate) async fn read_built<T: Send>(
        &self,
        statement: &Statement,
        row: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        if let Some(readers) = &self.readers
            && let Some(rows) = readers.read(statement, &row).await
        {
            return rows;
        }
        let rows = self.connection.query_all_raw(statement.clone()).await?;
        rows.iter().map(|found| row(&Row::Driver(found))).collect()
    }

    /// Whether slugs may lead to entries that have other ones now.
    pub(crate) fn has_renames(&self) -> bool {
        self.has_renames.load(Ordering::Relaxed)
    }

    /// Waits for the writers of this process that came before.
    pub(super) async fn turn(&self) -> OwnedMutexGuard<()> {
        self.writing.clone().lock_owned().await
    }

    /// Waits for those who wanted to save before.
    pub(super) async fn saving(&self) -> OwnedMutexGuard<Instant> {
        self.saving.clone().lock_owned().await
    }

    /// Closes the connections.
    pub async fn close(self) -> Result<()> {
        if let Some(readers) = &self.readers {
            readers.close();
        }
        Ok(self.connection.close().await?)
    }
}

impl Deref for Database {
    type Target = DatabaseConnection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}
