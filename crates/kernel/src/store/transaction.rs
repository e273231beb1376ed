//! Writing transactions: one at a time, on either database, so that none has to be repeated.
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
    sea_query::{Func, Query},
};

use crate::Result;

/// How much of an SQLite database a bulk transaction keeps in memory, in KiB: what changes all over, its indexes, is then
/// written once and not again and again.
const BULK_CACHE: u32 = 65_536;
/// What SQLite keeps otherwise.
const CACHE: u32 = 2_000;

/// The key of the lock that writers share on Postgres: `careerq` in ASCII.
const WRITER_LOCK: i64 = 0x0063_6172_6565_7271;

/// Begins a transaction that waits for other writers: `BEGIN IMMEDIATE` on SQLite, an advisory lock on Postgres.
pub(super) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let txn = db.begin_with_options(options).await?;
    if txn.get_database_backend() == DbBackend::Postgres {
        let lock = Query::select().expr(Func::cust("pg_advisory_xact_lock").arg(WRITER_LOCK)).take();
        txn.query_one(&lock).await?;
    }
    Ok(txn)
}

/// A transaction like that of [`begin`], which is about to write much.
pub(super) async fn begin_bulk(db: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let txn = begin(db).await?;
    keep(&txn, BULK_CACHE).await?;
    Ok(txn)
}

/// Ends it.
pub(super) async fn commit_bulk(txn: DatabaseTransaction) -> Result<()> {
    keep(&txn, CACHE).await?;
    Ok(txn.commit().await?)
}

async fn keep(txn: &DatabaseTransaction, kibibytes: u32) -> Result<()> {
    if txn.get_database_backend() == DbBackend::Sqlite {
        txn.execute_unprepared(&format!("PRAGMA cache_size = -{kibibytes}")).await?;
    }
    Ok(())
}
