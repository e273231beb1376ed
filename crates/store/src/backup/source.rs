//! A backup that is read, once it was found sound.
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::{Path, PathBuf},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement,
    sqlx::{self, sqlite::SqliteConnectOptions},
};

use super::{check, dump};
use crate::{Error, Failure, Migrations, Result};

/// The first bytes of each SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// A backup that is open to be read.
pub(super) struct Backup {
    pub(super) file: PathBuf,
    pub(super) db: DatabaseConnection,
}

impl Backup {
    /// Opens a file, which is not changed.
    pub(super) async fn open(file: &Path) -> Result<Self> {
        has_magic(file)?;
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let db = match opened(options.clone()).await {
            // What was written ahead needs files beside it, and there are none where nobody can write them.
            Err(cause) if Failure::of_driver(&cause) == Some(Failure::Lost) && !has_log(file) => {
                opened(options.immutable(true)).await
            }
            opened => opened,
        };
        let db = db.map_err(|cause| unreadable(file, &DbErr::Conn(RuntimeErr::SqlxError(cause.into()))))?;
        Ok(Self { file: file.to_owned(), db })
    }

    /// Makes sure that it is sound, and that this program knows its tables; tells whether they are behind.
    pub(super) async fn check(&self, migrations: &Migrations) -> Result<bool> {
        let (file, shown) = (&*self.file, self.file.display());
        if let Some(damage) = check::damage(&self.db).await.map_err(|cause| unreadable(file, &cause))? {
            return Err(damaged(file, &damage));
        }
        let applied = migrations.applied(&self.db).await?;
        if let Some((module, newer)) = migrations.unknown(&applied) {
            let version = self.version().await?;
            let message = format!(
                "The backup {shown} was written by a newer version of CareerQL{version}: it has the migration `{newer}` of the module \
                 `{module}`, which this version does not know. Restore it with that version or a newer one."
            );
            return Err(Error::caller("BACKUP_NEWER", message));
        }
        if applied.iter().all(BTreeSet::is_empty) {
            let message = format!("{shown} is no backup: it has no tables of CareerQL. Name another file.");
            return Err(Error::caller("BACKUP_FOREIGN", message));
        }
        Ok(migrations.is_behind(&applied))
    }

    /// The version that wrote the file, for a sentence; nothing where no backup wrote it.
    async fn version(&self) -> Result<String> {
        let row = self.db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA user_version")).await?;
        let number: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        let version = format!(", {}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000);
        Ok(if number > 0 { version } else { String::new() })
    }

    pub(super) async fn close(self) -> Result<()> {
        Ok(self.db.close().await?)
    }
}

async fn opened(options: SqliteConnectOptions) -> Result<DatabaseConnection, sqlx::Error> {
    let db = dump::pool(options).await?;
    match sqlx::query("SELECT count(*) FROM sqlite_master").execute(db.get_sqlite_connection_pool()).await {
        Ok(_) => Ok(db),
        Err(cause) => Err(cause),
    }
}

/// Looks at the first bytes of the file.
fn has_magic(file: &Path) -> Result<()> {
    let shown = file.display();
    let mut start = Vec::new();
    match File::open(file).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start)) {
        Ok(_) if start == MAGIC => Ok(()),
        Ok(_) => {
            let message = format!("{shown} is no backup: it is not an SQLite database. Name another file.");
            Err(Error::caller("BACKUP_DAMAGED", message))
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            Err(Error::caller("BACKUP_MISSING", format!("The backup {shown} does not exist. Check its path.")))
        }
        Err(cause) => Err(Error::caller("BACKUP_MISSING", format!("The backup {shown} cannot be read: {cause}."))),
    }
}

fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// The error about a file of which SQLite says this.
fn unreadable(file: &Path, cause: &DbErr) -> Error {
    tracing::debug!(%cause, file = %file.display(), "the backup cannot be read");
    match Failure::of(cause) {
        Some(Failure::Damaged) | None => damaged(file, "SQLite cannot read it"),
        Some(failure) => failure.error(),
    }
}

fn damaged(file: &Path, why: &str) -> Error {
    let message =
        format!("The backup {} is damaged: {why}. Nothing was restored; take another backup.", file.display());
    Error::caller("BACKUP_DAMAGED", message)
}
