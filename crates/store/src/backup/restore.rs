//! The way of a file into a database.
use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, sqlx::sqlite::SqliteConnectOptions};
use tokio::task::spawn_blocking;

use super::{
    Copied, CopyProgress, Counts, Existing,
    catalog::{self, is_history, quoted},
    check, dump,
    load::load,
    pages,
    partial::{Partial, clean_up_temporary},
    source::Backup,
    version,
};
use crate::{
    Error, Migrations, Result,
    database::{migrate::HISTORY, read::DatabaseFile, watch::identity},
    error::failure::{nothing_stored, told},
};

/// Puts the content of a backup in the place of that of the database, all of it or nothing, once it was found sound. Readers see what
/// was before or what is after, also those of a running server, which notices it. A backup of an older version is brought up to date.
pub async fn restore(
    migrations: &Migrations,
    connection: DatabaseConnection,
    file: &Path,
    existing: Existing,
    progress: CopyProgress,
) -> Result<Copied> {
    let backup = Backup::open(file).await?;
    let target = Restoring { migrations, connection, existing, progress };
    let restored = target.restore(&backup).await;
    backup.close().await?;
    target.connection.close().await?;
    restored
}

/// The database that a backup is restored to.
struct Restoring<'a> {
    migrations: &'a Migrations,
    connection: DatabaseConnection,
    existing: Existing,
    progress: CopyProgress,
}

impl Restoring<'_> {
    async fn restore(&self, backup: &Backup) -> Result<Copied> {
        let is_behind = backup.check(self.migrations).await?;
        let leftover = clean_up_temporary(self.migrations.clock().now());
        let counts = match self.connection.get_database_backend() {
            DbBackend::Sqlite => self.to_file(backup, is_behind).await?,
            _ => self.to_postgres(backup, is_behind).await?,
        };
        Ok(Copied { leftover, ..Copied::of(&counts) })
    }

    async fn to_file(&self, backup: &Backup, is_behind: bool) -> Result<Counts> {
        let (db, pool) = (&self.connection, self.connection.get_sqlite_connection_pool());
        let path = pool.connect_options().get_filename().to_owned();
        self.admit_file(backup, &path).await?;
        let page_size = page_size(db).await?;
        let staged = if is_behind || page_size != self::page_size(&backup.db).await? {
            Some(self.staged(backup, Some(page_size)).await?)
        } else {
            None
        };
        let source = staged.as_ref().map_or(&backup.db, |staged| &staged.db);
        let counts = catalog::counts(source, catalog::tables(source).await?.iter().map(|name| &**name)).await?;
        let from = DatabaseFile::of(source.get_sqlite_connection_pool());
        let (Some(from), Some(to)) = (from, DatabaseFile::of(pool)) else {
            return Err(Error::internal("the database is no file"));
        };
        let progress = self.progress.clone();
        let copied = spawn_blocking(move || pages::restore(&from, &to, &progress)).await.map_err(Error::internal)?;
        copied.map_err(|error| nothing_stored(error.error(told)))?;
        if let Some(damage) = damage(&path).await? {
            let message =
                format!("The database is damaged after it was restored: {damage}. Check its disk, and restore again.");
            return Err(Error::caller("DATABASE_DAMAGED", message));
        }
        Staged::close(staged).await?;
        Ok(counts)
    }

    /// Refuses a file that must not be overwritten.
    async fn admit_file(&self, backup: &Backup, path: &Path) -> Result<()> {
        if identity(path).is_some_and(|it| identity(&backup.file) == Some(it)) {
            let message = format!("The backup {} is the database itself. Name another file.", backup.file.display());
            return Err(Error::caller("BACKUP_FOREIGN", message));
        }
        let tables = catalog::tables(&self.connection).await?;
        if !tables.is_empty() && !tables.iter().any(|table| self.migrations.has_history(table)) {
            let message = "The database has tables of another program and none of CareerQL. Name another file; nothing was changed.";
            return Err(Error::caller("DATABASE_FOREIGN", message));
        }
        match self.existing {
            Existing::Replaced => Ok(()),
            Existing::Kept => {
                let content = tables.iter().map(|name| &**name).filter(|name| !is_history(name));
                refuse_content(&self.connection, content).await
            }
        }
    }

    async fn to_postgres(&self, backup: &Backup, is_behind: bool) -> Result<Counts> {
        let tables = catalog::tables(&backup.db).await?;
        let unknown = tables.iter().find(|table| is_history(table) && !self.migrations.has_history(table));
        if let Some(module) = unknown.and_then(|table| table.strip_prefix(HISTORY)) {
            let message = format!(
                "The backup {} has tables of the module `{module}`, which this program does not have. Restore it with a program that has it.",
                backup.file.display()
            );
            return Err(Error::caller("BACKUP_FOREIGN", message));
        }
        let staged = if is_behind { Some(self.staged(backup, None).await?) } else { None };
        let source = staged.as_ref().map_or(&backup.db, |staged| &staged.db);
        let db = self.migrations.up(self.connection.clone()).await.map_err(|error| match error {
            Error::Caller { code: code @ "DATABASE_NEWER", message } => {
                Error::caller(code, format!("{message} To go back to this version, restore into an empty database."))
            }
            other => other,
        })?;
        let counts = load(source, &db, self.existing, &self.progress).await?;
        Staged::close(staged).await?;
        Ok(counts)
    }

    /// A copy of the backup that is up to date, with pages of this size.
    async fn staged(&self, backup: &Backup, page_size: Option<i64>) -> Result<Staged> {
        let partial = Partial::temporary()?;
        let source = DatabaseFile::of(backup.db.get_sqlite_connection_pool());
        let source = source.ok_or_else(|| Error::internal("the backup is no file"))?;
        let (path, shown) = (partial.path().to_owned(), partial.path().to_owned());
        let copied = spawn_blocking(move || {
            let silent: CopyProgress = std::sync::Arc::new(|_, _| {});
            pages::save(&source, &path, version(), &silent)
        });
        let copied = copied.await.map_err(Error::internal)?;
        copied.map_err(|error| error.error(|failure, cause| super::save::at_file(&shown, failure, cause)))?;
        let db = dump::open(partial.path()).await?;
        if let Some(size) = page_size {
            db.execute_unprepared(&format!("PRAGMA page_size = {size}")).await?;
            db.execute_unprepared("VACUUM").await?;
        }
        self.migrations.up(db.clone()).await?;
        Ok(Staged { db, _partial: partial })
    }
}

/// A copy of a backup that goes when it is dropped.
struct Staged {
    db: DatabaseConnection,
    _partial: Partial,
}

impl Staged {
    async fn close(staged: Option<Self>) -> Result<()> {
        if let Some(staged) = staged {
            staged.db.close().await?;
        }
        Ok(())
    }
}

/// Damage of the file of a database; none where it is sound.
async fn damage(path: &Path) -> Result<Option<String>> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let db = dump::pool(options).await.map_err(Error::internal)?;
    let damage = check::damage(&db).await;
    db.close().await?;
    Ok(damage?)
}

async fn page_size(db: &impl ConnectionTrait) -> Result<i64> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA page_size")).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
}

/// Refuses a database of which one of these tables has rows.
pub(super) async fn refuse_content<'a>(db: &impl ConnectionTrait, tables: impl Iterator<Item = &'a str>) -> Result<()> {
    for table in tables {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", quoted(table));
        if db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?.is_some() {
            let message = format!(
                "The database has content: the table `{table}` has rows. Name an empty database, or back this one up and replace all of it \
                 with `--replace`. Nothing was changed."
            );
            return Err(Error::caller("DATABASE_NOT_EMPTY", message));
        }
    }
    Ok(())
}
