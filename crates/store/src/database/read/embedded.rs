//! Reading an SQLite file on the thread of the request.
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, params_from_iter,
    types::{ToSqlOutput, Value, ValueRef},
};
use sea_orm::{
    Statement, sea_query,
    sqlx::{ConnectOptions as _, SqlitePool},
};
use tokio::{sync::Semaphore, task::spawn_blocking};
use url::Url;

use super::{Row, RowSink};
use crate::{
    Error, Result,
    error::failure::{Failure, told},
    sync::locked,
};

/// Number of statements that take long and are answered at the same time, and of connections that are kept.
const READERS: usize = 8;
/// Maximum time for which a statement keeps the thread of the request. One that takes longer begins anew on a thread that may wait.
const SHORT: Duration = Duration::from_millis(2);
/// After how many steps of SQLite's machine the clock is looked at.
const STEPS: i32 = 1_000;
/// Number of statements that a connection keeps prepared.
const PREPARED: usize = 100;
/// Maximum time for which a reader waits for a lock: none has to as a rule, as the log is written ahead.
const BUSY: Duration = Duration::from_secs(30);
/// Size of the part of the file that is mapped into memory, in bytes: as much as is asked for, the system keeps what it can.
pub const MAPPED: i64 = 8 << 30;

/// Connections that only read a file.
pub(crate) struct Embedded {
    file: DatabaseFile,
    path: PathBuf,
    rested: Mutex<Vec<Reader>>,
    places: Arc<Semaphore>,
}

/// The file, and how it is opened.
#[derive(Clone)]
pub(crate) struct DatabaseFile {
    file: PathBuf,
    flags: OpenFlags,
}

impl DatabaseFile {
    /// The file of the pool, opened as the pool opens it.
    pub(crate) fn of(pool: &SqlitePool) -> Option<Self> {
        let options = pool.connect_options();
        let file = options.get_filename().to_owned();
        // Only the parameters are of interest; some names of files make no URL.
        let url = (*options).clone().filename("file").to_url_lossy();
        let has = |key: &str, value: &str| url.query_pairs().any(|(known, given)| known == key && given == value);
        if has("immutable", "true") {
            let mut url = Url::from_file_path(std::path::absolute(&file).ok()?).ok()?;
            url.query_pairs_mut().append_pair("immutable", "1");
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            return Some(Self { file: url.as_str().into(), flags });
        }
        // Who reads writes as well: the log that is written ahead says who reads what.
        let is_read_only = has("mode", "ro");
        let flags = if is_read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        Some(Self { file, flags })
    }

    /// A connection that waits for no lock.
    pub(crate) fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(&self.file, self.flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(Duration::ZERO)?;
        Ok(connection)
    }
}

impl Embedded {
    /// Readers of the file of this pool; none where the database lives in its only connection.
    pub(crate) fn new(pool: &SqlitePool) -> Option<Self> {
        let is_file = pool.options().get_max_connections() > 1;
        let file = DatabaseFile::of(pool).filter(|_| is_file)?;
        let path = pool.connect_options().get_filename().to_owned();
        Some(Self { file, path, rested: Mutex::default(), places: Arc::new(Semaphore::new(READERS)) })
    }

    /// Takes the rows of the statement; none where it has other values than texts and numbers.
    pub(crate) async fn read(&self, statement: &Statement, rows: &mut dyn RowSink) -> Option<Result<()>> {
        let values = statement.values.iter().flat_map(|values| &values.0);
        let values: Vec<_> = values.map(plain).collect::<Option<_>>()?;
        Some(match self.at_once(&statement.sql, &values, rows) {
            Err(Failed::Statement(error)) if may_wait(&error) => {
                // Texts are always of UTF-8.
                let values = values.iter().filter_map(|value| Value::try_from(*value).ok()).collect();
                let kept = self.apart(statement.sql.clone(), values).await;
                rows.restart();
                kept.and_then(|kept| kept.iter().try_for_each(|values| rows.take(&Row::Kept(values))))
            }
            answer => answer.map_err(Error::from),
        })
    }

    /// The same, where it takes a short while only.
    fn at_once(&self, sql: &str, values: &[ValueRef<'_>], rows: &mut dyn RowSink) -> Result<(), Failed> {
        let reader = self.reader()?;
        *locked(&reader.pace) = Pace::Until(Instant::now() + SHORT);
        let answer = reader.read(sql, values, |found| rows.take(&Row::Embedded(found)).map_err(Failed::Row));
        self.rest(reader);
        answer
    }

    /// The values of all rows, read on a thread that may wait.
    async fn apart(&self, sql: String, values: Vec<Value>) -> Result<Vec<Vec<Value>>> {
        let place = self.places.clone().acquire_owned().await.map_err(Error::internal)?;
        let reader = self.reader()?;
        // From here on: the thread may begin when nobody waits for it any more.
        *locked(&reader.pace) = Pace::Any;
        let given_up = GiveUp(reader.pace.clone());
        let kept = spawn_blocking(move || {
            let _place = place;
            let kept = reader.keep(&sql, &values);
            (reader, kept)
        });
        let (reader, kept) = kept.await.map_err(Error::internal)?;
        drop(given_up);
        self.rest(reader);
        Ok(kept?)
    }

    /// A connection that is at rest, or a new one.
    fn reader(&self) -> Result<Reader, Failed> {
        if self.places.is_closed() {
            return Err(Failed::Row(Error::internal("the database is closed")));
        }
        let rested = locked(&self.rested).pop();
        Ok(rested.map_or_else(|| Reader::open(&self.file), Ok)?)
    }

    fn rest(&self, reader: Reader) {
        let mut rested = locked(&self.rested);
        if !self.places.is_closed() && rested.len() < READERS {
            rested.push(reader);
        }
    }

    /// The file as the pool names it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn rested(&self) -> usize {
        locked(&self.rested).len()
    }

    /// Number of connections, but for those that read for a short while.
    pub(crate) fn open(&self) -> usize {
        self.rested() + READERS.saturating_sub(self.places.available_permits())
    }

    pub(crate) fn close(&self) {
        self.places.close();
        locked(&self.rested).clear();
    }
}

/// One connection.
struct Reader {
    connection: Connection,
    pace: Arc<Mutex<Pace>>,
}

/// Time for which the statement of a connection goes on.
#[derive(Clone, Copy)]
enum Pace {
    /// As long as it takes.
    Any,
    /// Until then.
    Until(Instant),
    /// No longer: nobody waits for it any more.
    GivenUp,
}

impl Reader {
    fn open(source: &DatabaseFile) -> rusqlite::Result<Self> {
        let connection = source.connect()?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "mmap_size", MAPPED)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        let pace = Arc::new(Mutex::new(Pace::Any));
        let goes_on = pace.clone();
        let is_over = move || match *locked(&goes_on) {
            Pace::Any => false,
            Pace::Until(end) => Instant::now() > end,
            Pace::GivenUp => true,
        };
        connection.progress_handler(STEPS, Some(is_over))?;
        Ok(Self { connection, pace })
    }

    /// Shows the rows of the statement one after the other, at the pace that was set.
    fn read(
        &self,
        sql: &str,
        values: &[ValueRef<'_>],
        mut row: impl FnMut(&rusqlite::Row<'_>) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values.iter().copied().map(ToSqlOutput::Borrowed)))?;
        while let Some(found) = rows.next()? {
            row(found)?;
        }
        Ok(())
    }

    /// The values of all rows, however long that takes.
    fn keep(&self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>, Failed> {
        let values: Vec<_> = values.iter().map(ValueRef::from).collect();
        let mut kept = Vec::new();
        self.connection.busy_timeout(BUSY)?;
        let answer = self.read(sql, &values, |row| {
            let columns = 0..row.as_ref().column_count();
            kept.push(columns.map(|index| row.get(index)).collect::<rusqlite::Result<_>>()?);
            Ok(())
        });
        self.connection.busy_timeout(Duration::ZERO)?;
        answer.map(|()| kept)
    }
}

/// Gives a statement up when nobody waits for it any more.
struct GiveUp(Arc<Mutex<Pace>>);

impl Drop for GiveUp {
    fn drop(&mut self) {
        *locked(&self.0) = Pace::GivenUp;
    }
}

/// Why a statement was not answered.
enum Failed {
    Statement(rusqlite::Error),
    Row(Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Statement(error)
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Statement(error) => told(Failure::of_embedded(&error), error),
            Failed::Row(error) => error,
        }
    }
}

/// Tells whether the statement may be answered on a thread that may wait.
fn may_wait(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    code.is_some_and(|code| {
        matches!(code, ErrorCode::OperationInterrupted | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    })
}

/// The value as SQLite has it, where its driver would make nothing else of it.
fn plain(value: &sea_query::Value) -> Option<ValueRef<'_>> {
    use sea_query::Value as Given;
    let number = |number: i64| Some(ValueRef::Integer(number));
    let value = match value {
        Given::String(text) => text.as_ref().map(|text| ValueRef::Text(text.as_bytes())),
        Given::Bool(truth) => truth.and_then(|truth| number(truth.into())),
        Given::Int(given) => given.and_then(|given| number(given.into())),
        Given::BigInt(given) => given.and_then(number),
        Given::BigUnsigned(given) => number(i64::try_from((*given)?).ok()?),
        Given::Double(given) => given.map(ValueRef::Real),
        _ => return None,
    };
    Some(value.unwrap_or(ValueRef::Null))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use sea_orm::{
        DbBackend,
        sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    };
    use tokio::time::timeout;

    use super::{super::Collected, *};

    /// Readers of an empty file.
    async fn readers(folder: &tempfile::TempDir) -> Embedded {
        let options = SqliteConnectOptions::new().filename(folder.path().join("file.sqlite")).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
        Embedded::new(&pool).unwrap()
    }

    /// Values that are made of the rows of the statement.
    async fn values<T: Send>(
        readers: &Embedded,
        statement: &Statement,
        row: impl Fn(&Row<'_>) -> Result<T> + Send,
    ) -> Option<Result<Vec<T>>> {
        let mut rows = Collected::new(row);
        Some(readers.read(statement, &mut rows).await?.map(|()| rows.values))
    }

    /// Counts to the number, one step after the other.
    fn count_to(number: i64) -> Statement {
        let count = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?) SELECT count(*), 'text', 0.5, NULL FROM number";
        Statement::from_sql_and_values(DbBackend::Sqlite, count, [number.into()])
    }

    async fn answer(readers: &Embedded, number: i64) -> Vec<(i64, String, Option<f64>, Option<f64>)> {
        let row =
            |row: &Row<'_>| Ok((row.integer(0)?, row.required_text(1)?.to_owned(), row.number(2)?, row.number(3)?));
        values(readers, &count_to(number), row).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn what_takes_long_is_answered_alike() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(&folder).await;

        for number in [1, 2_000_000] {
            assert_eq!(answer(&readers, number).await, [(number, "text".to_owned(), Some(0.5), None)]);
        }

        assert_eq!(readers.rested(), 1);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_ends() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(&folder).await;
        let for_ever = count_to(i64::MAX);

        for _ in 0..2 * READERS {
            let row = |row: &Row<'_>| row.integer(0);
            assert!(timeout(5 * SHORT, values(&readers, &for_ever, row)).await.is_err(), "it never ends by itself");
        }

        // Each of them held a place, of which there are less.
        assert_eq!(answer(&readers, 2_000_000).await.len(), 1);
    }

    #[test]
    fn what_nobody_waits_for_any_more_does_not_begin() {
        let runtime =
            tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
        let is_answered = runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let readers = readers(&folder).await;
            let (let_go, held) = std::sync::mpsc::channel::<()>();
            let holding = spawn_blocking(move || held.recv());
            let for_ever = count_to(i64::MAX);
            assert!(timeout(5 * SHORT, values(&readers, &for_ever, |row| row.integer(0))).await.is_err());

            let_go.send(()).unwrap();
            holding.await.unwrap().unwrap();

            timeout(Duration::from_mins(1), answer(&readers, 2_000_000)).await.is_ok()
        });
        runtime.shutdown_background();
        assert!(is_answered, "the only thread counts for ever");
    }

    #[tokio::test]
    async fn a_value_that_only_the_driver_knows_is_left_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(&folder).await;
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 2);
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, "SELECT ?", [day.into()]);

        assert!(values(&readers, &statement, |_| Ok(())).await.is_none());
    }
}
