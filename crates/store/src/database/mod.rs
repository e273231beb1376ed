//! The database with its tables up to date, and the content version that this process knows.
pub(crate) mod json_param;
pub(crate) mod migrate;
pub(crate) mod read;
pub(crate) mod rows;
pub(crate) mod save_throttle;
pub(crate) mod table;
pub(crate) mod transaction;
pub(crate) mod turn;
pub(crate) mod version;
pub(crate) mod watch;
pub(crate) mod writable;

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use document::Clock;
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, sea_query::SelectStatement};
use tokio::{
    sync::{
        Mutex, OwnedMutexGuard,
        watch::{Receiver, Sender},
    },
    time::{Instant, timeout},
};

use self::{
    read::{Collected, Observer, Readers, Row, RowSink},
    transaction::Faults,
    turn::{Turn, Work},
    version::{Known, News, Version},
    watch::identity,
    writable::Writable,
};
use crate::{Failure, Result, sync::locked};

/// Maximum number of reads of the version until nothing else is learnt meanwhile.
const ATTEMPTS: u32 = 3;

/// A database that [`Migrations::up`](super::Migrations::up) brought up to date. Cheap to clone; all clones know the same
/// content version.
#[derive(Clone)]
pub struct Database {
    connection: DatabaseConnection,
    readers: Option<Arc<Readers>>,
    known: Arc<Sender<Known>>,
    writing: Arc<Mutex<()>>,
    /// Tells whether a writer of this process is at work.
    work: Arc<Work>,
    /// From when on the next draft may be saved.
    saving: Arc<Mutex<Instant>>,
    /// True where any entry was ever renamed.
    has_renames: Arc<AtomicBool>,
    /// The SQLite file that is open, and the number by which the system knows it.
    file: Option<Arc<(PathBuf, (u64, u64))>>,
    /// Tells whether another file stands in the place of the one that is open.
    is_replaced: Arc<AtomicBool>,
    /// Hears of each statement of those that write.
    observer: Option<Observer>,
    /// Tells whether what was written last failed by the database.
    pub(crate) writable: Arc<Writable>,
    /// Time that a writer waits for others.
    patience: Duration,
    faults: Arc<std::sync::Mutex<Option<Faults>>>,
    clock: Clock,
}

/// Time that a command waits for others that write.
const PATIENCE: Duration = Duration::from_mins(1);
/// Maximum time for closing.
const CLOSING: Duration = Duration::from_secs(3);

impl Database {
    /// Reads the content version.
    pub(crate) async fn new(connection: DatabaseConnection, clock: Clock) -> Result<Self> {
        let readers = Readers::new(&connection).map(Arc::new);
        let path = readers.as_ref().and_then(|readers| readers.file()).map(Path::to_owned);
        let file = path.and_then(|path| Some(Arc::new((path.clone(), identity(&path)?))));
        let database = Self {
            readers,
            connection,
            known: Arc::default(),
            writing: Arc::default(),
            work: Arc::default(),
            saving: Arc::new(Mutex::new(Instant::now())),
            has_renames: Arc::default(),
            is_replaced: Arc::default(),
            file,
            observer: None,
            writable: Arc::default(),
            patience: PATIENCE,
            faults: Arc::default(),
            clock,
        };
        database.refresh().await?;
        Ok(database)
    }

    /// The content version. What this process published is counted at once, what others did, or what was restored, when it is
    /// noticed (see [`refresh`](Self::refresh)).
    pub fn state(&self) -> Version {
        self.known.borrow().version
    }

    /// The clock by which changes are dated and what is due is found.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The number of the content version.
    pub fn version(&self) -> i64 {
        self.state().number
    }

    /// Tells when the content version changes.
    pub fn versions(&self) -> Versions {
        Versions(self.known.subscribe())
    }

    /// Reads the content version again. [`watch`](Self::watch) does this again and again, for what other processes publish.
    pub async fn refresh(&self) -> Result<()> {
        self.is_there()?;
        for _ in 0..ATTEMPTS {
            if self.take_over(&self.news(&self.connection).await?) {
                break;
            }
        }
        Ok(())
    }

    /// Reads what is new. Whoever publishes does this before the commit and [learns](Self::learn) it afterwards.
    pub(crate) async fn news(&self, db: &impl ConnectionTrait) -> Result<News> {
        let base = self.known.borrow().clone();
        News::read(db, base).await
    }

    /// Takes over what was read by a transaction that was committed. Where something else was learnt meanwhile, it is read again.
    pub(crate) async fn learn(&self, news: &News) {
        if self.take_over(news) {
            return;
        }
        if let Err(error) = self.refresh().await {
            // What is stored is stored: whoever watches the database will find it.
            tracing::warn!(cause = %error.cause(), "the content version cannot be read; trying again");
        }
    }

    fn take_over(&self, news: &News) -> bool {
        self.has_renames.store(news.has_renames, Ordering::Relaxed);
        news.learn(&self.known)
    }

    /// Notes whether another file stands in the place of the one that is open. As long as it does, nothing is answered.
    pub(crate) fn is_replaced(&self, is_replaced: bool) {
        if self.is_replaced.swap(is_replaced, Ordering::Relaxed) != is_replaced {
            self.known.send_modify(Known::forget);
        }
    }

    /// The SQLite file that is open, and the number by which the system knows it.
    pub(crate) fn file(&self) -> Option<(&Path, &(u64, u64))> {
        self.file.as_deref().map(|(path, identity)| (path.as_path(), identity))
    }

    fn is_there(&self) -> Result<()> {
        if self.is_replaced.load(Ordering::Relaxed) { Err(Failure::Replaced.error()) } else { Ok(()) }
    }

    /// Tells the observer of each statement from now on; clones that were made before do not.
    pub fn observe(&mut self, observer: Observer) {
        if let Some(readers) = &self.readers {
            readers.observe(observer.clone());
        }
        self.observer = Some(observer.clone());
        self.connection.set_metric_callback(move |info| observer(info));
    }

    /// Number of connections that are kept at hand and wait for a statement that reads.
    pub fn rested(&self) -> usize {
        self.readers.as_ref().map_or(0, |readers| readers.rested())
    }

    /// Number of connections beside those of the pool.
    pub fn beside_pool(&self) -> usize {
        self.readers.as_ref().map_or(0, |readers| readers.beside_pool())
    }

    /// Values that are made of the rows of a statement that reads.
    pub async fn read<T: Send>(
        &self,
        select: &SelectStatement,
        row: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        self.read_built(&self.connection.get_database_backend().build(select), row).await
    }

    /// The same where the statement was built before. A row may be looked at twice, as the statement may begin anew.
    pub async fn read_built<T: Send>(
        &self,
        statement: &Statement,
        row: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        let mut rows = Collected::new(row);
        self.read_into(statement, &mut rows).await?;
        Ok(rows.values)
    }

    /// The same for rows of any type: boxed here, so that no other crate compiles the drivers.
    fn read_into<'a>(&'a self, statement: &'a Statement, rows: &'a mut dyn RowSink) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.is_there()?;
            if let Some(readers) = &self.readers
                && let Some(read) = readers.read(statement, rows).await
            {
                return read;
            }
            let found = self.connection.query_all_raw(statement.clone()).await?;
            found.iter().try_for_each(|found| rows.take(&Row::Driver(found)))
        })
    }

    /// Tells whether slugs may lead to entries that have other ones now.
    pub fn has_renames(&self) -> bool {
        self.has_renames.load(Ordering::Relaxed)
    }

    /// The same database, whose writers wait no longer for others than this.
    #[must_use]
    pub fn waiting(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Until when a writer that comes now waits for others.
    pub(crate) fn patience(&self) -> Instant {
        Instant::now() + self.patience
    }

    /// Observer of the statements of writers.
    pub(crate) fn observer(&self) -> Option<Observer> {
        self.observer.clone()
    }

    /// Makes statements of writers fail from now on, for tests: in all clones.
    pub fn fail_by(&self, faults: Option<Faults>) {
        *locked(&self.faults) = faults;
    }

    /// Faults of the statements of writers.
    pub(crate) fn faults(&self) -> Option<Faults> {
        locked(&self.faults).clone()
    }

    /// Waits for the writers of this process that came before.
    pub(crate) async fn turn(&self) -> Turn {
        Turn::new(self.writing.clone().lock_owned().await, self.work.clone())
    }

    /// The writers of this process, as they work.
    pub(crate) fn writers(&self) -> &Work {
        &self.work
    }

    /// Waits for those who wanted to save before.
    pub(crate) async fn saving(&self) -> OwnedMutexGuard<Instant> {
        self.saving.clone().lock_owned().await
    }

    /// Closes the connections. One that does not answer keeps nobody: what it was told to write is not committed.
    pub async fn close(self) -> Result<()> {
        if let Some(readers) = &self.readers {
            readers.close();
        }
        if let Ok(closed) = timeout(CLOSING, self.connection.close()).await {
            return Ok(closed?);
        }
        tracing::warn!("a database connection did not close in time; it is abandoned");
        Ok(())
    }
}

impl Deref for Database {
    type Target = DatabaseConnection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

/// Tells when the content version changes.
#[derive(Clone)]
pub struct Versions(Receiver<Known>);

impl Versions {
    /// Waits for another version than the last that was [seen](Self::seen); ends only with the database.
    pub async fn changed(&mut self) -> Option<()> {
        self.0.changed().await.ok()
    }

    /// The version, which counts as seen from now on.
    pub fn seen(&mut self) -> Version {
        self.0.borrow_and_update().version
    }
}
