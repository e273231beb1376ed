//! An SQLite file: how it is opened and made, and why it is not.
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read},
    path::Path,
    time::Duration,
};

use kernel::{
    Error, Result,
    store::{Failure, MAPPED},
};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        self, ConnectOptions as _, Connection as _, Executor as _, Row as _,
        sqlite::{SqliteConnectOptions, SqliteConnection},
    },
};
use url::form_urlencoded;

use super::{BUSY, CONNECTIONS, Synchronous, unavailable};

/// Time for which the first connection waits for others, which it has to only while they set the file up.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first bytes of each SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Access to the file, by the parameters of its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// It is made where it is missing.
    Create,
    /// It is there.
    Existing,
    /// It is there, and only read.
    ReadOnly,
}

/// Opens the database with this URL.
pub(super) async fn connect(url: &str, synchronous: Synchronous) -> Result<DatabaseConnection> {
    let options: SqliteConnectOptions = url.parse().map_err(|cause: sqlx::Error| {
        let why = cause.to_string();
        let why = why.strip_prefix("error with configuration: ").unwrap_or(&why).to_owned();
        Error::caller("DATABASE_URL_INVALID", format!("The database URL {} cannot be read: {why}.", super::shown(url)))
    })?;
    let options = options.synchronous(synchronous.into());
    // A database in memory lives in one connection.
    if is_in_memory(url) {
        return pool(options, 1).await;
    }
    let file = options.get_filename().to_owned();
    let access = access(url);
    look_at(&file, access)?;
    let options = if access == Access::Create { options.create_if_missing(true) } else { options };
    let options = set_up(options, &file, access).await?;
    pool(options, CONNECTIONS).await
}

/// Opens the database with this URL to read it.
pub(super) async fn connect_to_read(url: &str) -> Result<DatabaseConnection> {
    refuse_in_memory(url)?;
    if access(url) == Access::ReadOnly {
        return connect(url, Synchronous::default()).await;
    }
    let without = url.split_once('?').map_or(url, |(without, _)| without);
    connect(&format!("{without}?mode=ro"), Synchronous::default()).await
}

/// Refuses a database in memory: no other process has it, and it ends with this one.
pub(super) fn refuse_in_memory(url: &str) -> Result<()> {
    if is_in_memory(url) {
        let message = "A database in memory is known to its own process only, and ends with it. Name a file.";
        return Err(Error::caller("DATABASE_URL_INVALID", message));
    }
    Ok(())
}

fn is_in_memory(url: &str) -> bool {
    url.starts_with("sqlite::memory:") || url.contains("mode=memory")
}

fn access(url: &str) -> Access {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let has = |key: &str, values: &[&str]| {
        form_urlencoded::parse(parameters.as_bytes()).any(|(found, value)| found == key && values.contains(&&*value))
    };
    if has("mode", &["ro"]) || has("immutable", &["1", "true"]) {
        Access::ReadOnly
    } else if has("mode", &["rw"]) {
        Access::Existing
    } else {
        Access::Create
    }
}

/// Looks whether it can be a database, and makes an empty file where there is none: readable by this user alone, as tokens of
/// webhooks and keys stand in it. SQLite gives its log and its index the same mode.
fn look_at(file: &Path, access: Access) -> Result<()> {
    if file.as_os_str().is_empty() {
        let message = "The database URL names no file. Write it as `sqlite://FILE`, such as sqlite://careerql.sqlite.";
        return Err(Error::caller("DATABASE_URL_INVALID", message));
    }
    let shown = file.display();
    if file.is_dir() {
        return Err(unavailable(format!(
            "The database {shown} is a folder. Name a file in it, such as {shown}/careerql.sqlite."
        )));
    }
    let mut start = Vec::new();
    match File::open(file).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start)) {
        Ok(0) => Ok(()),
        Ok(_) if start == MAGIC => Ok(()),
        Ok(_) => {
            let message = format!(
                "The database {shown} is not an SQLite database. Name another file, or restore this one from a backup."
            );
            Err(Error::caller("DATABASE_DAMAGED", message))
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => make(file, access),
        Err(cause) => Err(unopened(file, &cause)),
    }
}

fn make(file: &Path, access: Access) -> Result<()> {
    let shown = file.display();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let message = format!(
            "The database {shown} cannot be created: the folder {} does not exist. Create it first, or name another file.",
            folder.display()
        );
        return Err(unavailable(message));
    }
    if access != Access::Create {
        return Err(Error::caller("DATABASE_MISSING", format!("The database {shown} does not exist. Check its path.")));
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        // Another process was first.
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(cause) => Err(unopened(file, &cause)),
    }
}

fn unopened(file: &Path, cause: &std::io::Error) -> Error {
    let shown = file.display();
    match cause.kind() {
        ErrorKind::PermissionDenied => unavailable(format!(
            "The database {shown} cannot be opened: this user has no permission. Check the owner and the mode of the file and its folder."
        )),
        ErrorKind::ReadOnlyFilesystem => Error::caller(
            "DATABASE_READ_ONLY",
            format!("The database {shown} cannot be created: its disk is read-only. Name a file on another disk."),
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::caller(
            "DATABASE_FULL",
            format!(
                "The database {shown} cannot be created: its disk is full. Free some space, or name a file on another disk."
            ),
        ),
        _ => unavailable(format!("The database {shown} cannot be opened: {cause}.")),
    }
}

/// Makes sure that the file can be read, and that its log is written ahead where it can be written. Waits for no other process
/// that writes.
async fn set_up(options: SqliteConnectOptions, file: &Path, access: Access) -> Result<SqliteConnectOptions> {
    let first = options.clone().busy_timeout(PATIENCE);
    match journal_mode(&first, access).await {
        Ok(()) => Ok(options),
        Err(cause) if is_unreadable(&cause) && !has_log(file) => {
            // A log that is written ahead needs a file beside the database. Nobody writes one where the folder cannot be written.
            let options = options.create_if_missing(false).read_only(true).immutable(true);
            journal_mode(&options, Access::ReadOnly).await.map_err(|cause| failed(file, &cause))?;
            tracing::warn!(
                file = %file.display(),
                "the folder of the database cannot be written: the database is read as it is, and changes to it are not noticed"
            );
            Ok(options)
        }
        Err(cause) => Err(failed(file, &cause)),
    }
}

async fn journal_mode(options: &SqliteConnectOptions, access: Access) -> Result<(), sqlx::Error> {
    let mut connection = options.connect().await?;
    let done = write_ahead(&mut connection, access).await;
    let _closed = connection.close().await;
    done
}

async fn write_ahead(connection: &mut SqliteConnection, access: Access) -> Result<(), sqlx::Error> {
    let mode: String = connection.fetch_one("PRAGMA journal_mode").await?.try_get(0)?;
    // Reading it needs the log and its index.
    connection.execute("SELECT count(*) FROM sqlite_master").await?;
    if mode == "wal" || access == Access::ReadOnly {
        return Ok(());
    }
    match connection.execute("PRAGMA journal_mode = WAL").await {
        // Others use the file meanwhile, or it cannot be written: it can be read as it is.
        Err(cause) if matches!(Failure::of_driver(&cause), Some(Failure::Busy | Failure::ReadOnly)) => Ok(()),
        done => done.map(drop),
    }
}

/// Tells whether the file may be readable where nothing has to be written beside it.
fn is_unreadable(cause: &sqlx::Error) -> bool {
    matches!(Failure::of_driver(cause), Some(Failure::Lost | Failure::ReadOnly))
}

fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

fn failed(file: &Path, cause: &sqlx::Error) -> Error {
    tracing::debug!(%cause, "the database cannot be opened");
    let shown = file.display();
    match Failure::of_driver(cause) {
        Some(Failure::Lost | Failure::ReadOnly) if has_log(file) => unavailable(format!(
            "The database {shown} cannot be read: there is a log of changes, {shown}-wal, beside it, and the folder cannot \
             be written. Copy both to a writable folder."
        )),
        Some(Failure::Lost) => unavailable(format!(
            "The database {shown} cannot be opened. Check the owner and the mode of the file and its folder."
        )),
        Some(failure) => failure.error(),
        None => unavailable(format!("The database {shown} cannot be opened.")),
    }
}

async fn pool(options: SqliteConnectOptions, connections: u32) -> Result<DatabaseConnection> {
    // The library is given a URL of its own: it shows it in its traces.
    let mut pool = ConnectOptions::new("sqlite::memory:");
    let options = options
        .foreign_keys(true)
        // Pages come from the system's cache without a call for each.
        .pragma("mmap_size", MAPPED.to_string())
        .busy_timeout(BUSY)
        .log_statements(tracing::log::LevelFilter::Debug);
    pool.max_connections(connections)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .sqlx_logging_level(tracing::log::LevelFilter::Debug)
        .map_sqlx_sqlite_opts(move |_| options.clone());
    Database::connect(pool).await.map_err(|cause| {
        tracing::debug!(%cause, "the database cannot be opened");
        Failure::of(&cause).map_or_else(|| unavailable("The database cannot be opened.".to_owned()), Failure::error)
    })
}

/// Warns where others than its owner may read the file of the database.
#[cfg(unix)]
pub(super) fn warn_of_readers(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(known) = fs::metadata(file) else { return };
    let mode = known.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        tracing::warn!(
            file = %file.display(),
            mode = format!("{mode:o}"),
            "other users can read the database, which contains secrets of webhooks; `chmod 600` keeps them out"
        );
    }
}

/// Files have no modes there.
#[cfg(not(unix))]
pub(super) fn warn_of_readers(_: &Path) {}
