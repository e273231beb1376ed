//! The way of a database into a file.
use std::{collections::BTreeSet, path::Path};

use sea_orm::{DatabaseConnection, DbBackend, sqlx::sqlite::SqliteConnectOptions};
use tokio::task::spawn_blocking;

use super::{
    Copied, CopyProgress, Counts, Existing, catalog, check,
    dump::{self, dump},
    pages,
    partial::{Partial, clean_up_beside, full, refuse_existing, unwritten},
    rows::CopyError,
    version,
};
use crate::{
    Error, Failure, Migrations, Result,
    database::{
        migrate::{Applied, HISTORY},
        read::DatabaseFile,
        watch::identity,
    },
    error::failure::told,
};

/// Writes the whole database, as it is at one moment, to an SQLite file. The file is there when all of it is, and was read again, or
/// it is not there. Others read and write meanwhile. A database of an older version is written as it is.
pub async fn save(
    migrations: &Migrations,
    connection: &DatabaseConnection,
    file: &Path,
    existing: Existing,
    progress: CopyProgress,
) -> Result<Copied> {
    refuse_existing(file, existing)?;
    let applied = applied(migrations, connection).await?;
    let leftover = clean_up_beside(file, migrations.clock().now());
    let partial = Partial::beside(file)?;
    let (counts, left_out) = if connection.get_database_backend() == DbBackend::Sqlite {
        (pages(connection, file, &partial, progress).await?, Vec::new())
    } else {
        let counts = dump(migrations, &applied, connection, partial.path(), &progress).await;
        let counts = counts.map_err(|error| match error {
            CopyError::Source(error) => error,
            CopyError::Target(error) => of_file(file, error),
        })?;
        let others = catalog::modules(connection).await?.into_iter().filter(|table| !migrations.has_history(table));
        (counts, others.map(|table| table.trim_start_matches(HISTORY).to_owned()).collect())
    };
    verify(migrations, &partial, &counts, &applied).await?;
    partial.finish(file, existing)?;
    Ok(Copied { left_out, leftover, ..Copied::of(&counts) })
}

/// The migrations of a database that can be backed up.
async fn applied(migrations: &Migrations, connection: &DatabaseConnection) -> Result<Applied> {
    let applied = migrations.applied(connection).await?;
    if let Some((module, newer)) = migrations.unknown(&applied) {
        let message = format!(
            "The database was set up by a newer version of CareerQL: it has the migration `{newer}` of the module `{module}`, which \
             this version does not know. Back it up with that version or a newer one."
        );
        return Err(Error::caller("DATABASE_NEWER", message));
    }
    if applied.iter().all(BTreeSet::is_empty) {
        let message = "There is nothing to back up: the database has no tables of CareerQL. Check its URL.";
        return Err(Error::caller("DATABASE_MISSING", message));
    }
    Ok(applied)
}

async fn pages(db: &DatabaseConnection, file: &Path, partial: &Partial, progress: CopyProgress) -> Result<Counts> {
    let pool = db.get_sqlite_connection_pool();
    if identity(file).is_some_and(|it| identity(pool.connect_options().get_filename()) == Some(it)) {
        let message = format!("{} is the database itself. Name another file.", file.display());
        return Err(Error::caller("BACKUP_EXISTS", message));
    }
    let source = DatabaseFile::of(pool).ok_or_else(|| Error::internal("the database is no file"))?;
    let path = partial.path().to_owned();
    let copied = spawn_blocking(move || pages::save(&source, &path, version(), &progress)).await;
    copied.map_err(Error::internal)?.map_err(|error| error.error(|failure, cause| at_file(file, failure, cause)))
}

/// The error about a file that SQLite cannot write.
pub(super) fn at_file(file: &Path, failure: Option<Failure>, cause: rusqlite::Error) -> Error {
    tracing::debug!(%cause, "the backup cannot be written");
    match failure {
        Some(Failure::Full) => full(file),
        Some(Failure::Lost | Failure::ReadOnly | Failure::Denied) => refused(file),
        // The pages of the database were read before they were written.
        failure => told(failure, cause),
    }
}

/// The error about a file that cannot be written, where the driver tells of it as of any database.
fn of_file(file: &Path, error: Error) -> Error {
    match error.code() {
        "DATABASE_FULL" => full(file),
        "DATABASE_UNAVAILABLE" | "DATABASE_READ_ONLY" | "DATABASE_DENIED" => refused(file),
        _ => error,
    }
}

fn refused(file: &Path) -> Error {
    unwritten(file, &std::io::Error::other("its disk does not take it"))
}

/// Reads the file again: it is sound, has the migrations of the database, and all its rows.
async fn verify(migrations: &Migrations, partial: &Partial, counts: &Counts, applied: &Applied) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(partial.path()).read_only(true);
    let db = dump::pool(options).await.map_err(Error::internal)?;
    let verified = async {
        if let Some(damage) = check::damage(&db).await? {
            let message =
                format!("The database is damaged, and no backup was written: {damage}. Restore an earlier backup.");
            return Err(Error::caller("DATABASE_DAMAGED", message));
        }
        let written = catalog::counts(&db, counts.keys().map(|name| &**name)).await?;
        if written != *counts || migrations.applied(&db).await? != *applied {
            return Err(Error::internal(format!("{counts:?} rows were read, and {written:?} were written")));
        }
        Ok(())
    };
    let verified = verified.await;
    db.close().await?;
    verified
}
