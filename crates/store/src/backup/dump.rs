//! A Postgres database, written to an SQLite file that the same migrations made.
use std::{path::Path, time::Duration};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, IsolationLevel, SqlxSqliteConnector,
    Statement, TransactionTrait as _,
    sqlx::{
        self, ConnectOptions as _,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use super::{
    CopyProgress, Counts,
    catalog::{self, CopiedTable, quoted},
    rows::{self, CopyError, RowSource},
    version,
};
use crate::{Error, Migrations, Result, database::migrate::Applied};

/// Writes all rows of one moment to an empty file; returns their number.
pub(super) async fn dump(
    migrations: &Migrations,
    applied: &Applied,
    postgres: &DatabaseConnection,
    file: &Path,
    progress: &CopyProgress,
) -> Result<Counts, CopyError> {
    let made = async {
        let target = open(file).await?;
        migrations.up_to(applied, &target).await?;
        Ok(target)
    };
    let target = made.await.map_err(CopyError::Target)?;
    let read = async {
        let tables = catalog::copied(&target, postgres).await?;
        let source = snapshot(postgres, &tables).await?;
        let counts = catalog::counts(&source, tables.iter().map(|table| &*table.name)).await?;
        Ok((tables, source, counts))
    };
    let (tables, source, counts) = read.await.map_err(CopyError::Source)?;
    let (txn, made_later) = emptied(&target, &tables).await.map_err(CopyError::Target)?;
    let (mut done, all) = (0, counts.values().sum());
    for table in &tables {
        let told = |more| {
            done += more;
            progress(done, all);
        };
        rows::copy(RowSource::Cursor(&source), table, &txn, &table.name, told).await?;
        let last = last_id(&source, table).await.map_err(CopyError::Source)?;
        if let Some(last) = last {
            set_last_id(&txn, table, last).await.map_err(CopyError::Target)?;
        }
    }
    complete(txn, target, made_later).await.map_err(CopyError::Target)?;
    source.rollback().await.map_err(|cause| CopyError::Source(cause.into()))?;
    Ok(counts)
}

/// Empties the tables of a new file, without what is made once the rows are there.
async fn emptied(file: &DatabaseConnection, tables: &[CopiedTable]) -> Result<(DatabaseTransaction, Vec<String>)> {
    let txn = file.begin().await?;
    let made_later = take_out(&txn).await?;
    for table in tables {
        txn.execute_unprepared(&format!("DELETE FROM {}", quoted(&table.name))).await?;
    }
    Ok((txn, made_later))
}

/// Completes the file.
async fn complete(txn: DatabaseTransaction, file: DatabaseConnection, made_later: Vec<String>) -> Result<()> {
    for sql in made_later {
        txn.execute_unprepared(&sql).await?;
    }
    txn.execute_unprepared(&format!("PRAGMA user_version = {}", version())).await?;
    txn.commit().await?;
    Ok(file.close().await?)
}

/// Opens an SQLite file that nobody else uses, as one connection.
pub(super) async fn open(file: &Path) -> Result<DatabaseConnection> {
    // A file that is not complete is removed; one that is complete is synced as a whole.
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(false)
        .log_statements(tracing::log::LevelFilter::Debug);
    pool(options).await.map_err(Error::internal)
}

/// A pool of one connection.
pub(super) async fn pool(options: SqliteConnectOptions) -> Result<DatabaseConnection, sqlx::Error> {
    // To look at a whole file takes long, which is no news.
    let options = options.log_slow_statements(tracing::log::LevelFilter::Off, Duration::ZERO);
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.connect_with(options).await?))
}

/// Begins a transaction that sees one moment. The tables are locked before, against those who would empty or change one: they do that
/// for all transactions, also for those that began to read before.
async fn snapshot(postgres: &DatabaseConnection, tables: &[CopiedTable]) -> Result<DatabaseTransaction> {
    let (level, mode) = (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly));
    let txn = postgres.begin_with_config(level, mode).await?;
    let names: Vec<_> = tables.iter().map(|table| quoted(&table.name)).collect();
    txn.execute_unprepared(&format!("LOCK TABLE {} IN ACCESS SHARE MODE", names.join(", "))).await?;
    Ok(txn)
}

/// Takes triggers and indexes out of the file, and returns what makes them: they are made once the rows are there.
async fn take_out(txn: &DatabaseTransaction) -> Result<Vec<String>> {
    let sql = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL";
    let mut made_later = Vec::new();
    for row in txn.query_all_raw(Statement::from_string(txn.get_database_backend(), sql)).await? {
        let (of, name): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        txn.execute_unprepared(&format!("DROP {of} {}", quoted(&name))).await?;
        made_later.push(row.try_get_by_index(2)?);
    }
    Ok(made_later)
}

/// The last id that was given to a row of the table; none where ids are not given.
async fn last_id(postgres: &impl ConnectionTrait, table: &CopiedTable) -> Result<Option<i64>> {
    let Some(sequence) = &table.sequence else { return Ok(None) };
    let sql = format!("SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}");
    let row = postgres.query_one_raw(Statement::from_string(postgres.get_database_backend(), sql)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Lets the ids of the file go on where those of the table do, also where the last of them are gone.
async fn set_last_id(file: &impl ConnectionTrait, table: &CopiedTable, last: i64) -> Result<()> {
    let name = || table.name.clone().into();
    for (sql, values) in [
        ("DELETE FROM sqlite_sequence WHERE name = $1", vec![name()]),
        ("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", vec![name(), last.into()]),
    ] {
        file.execute_raw(Statement::from_sql_and_values(file.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}
