//! Writing transactions: one at a time, on either database, so that none has to be repeated.
use std::ops::Deref;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sea_query::{Func, Query},
};
use tokio::sync::OwnedMutexGuard;

use super::Database;
use crate::{Error, Result};

/// How much of an SQLite database a bulk transaction keeps in memory, in KiB: what changes all over, its indexes, is then
/// written once and not again and again.
const BULK_CACHE: u32 = 65_536;
/// What SQLite keeps otherwise.
const CACHE: u32 = 2_000;

/// The key of the lock that writers share on Postgres: `careerq` in ASCII.
const WRITER_LOCK: i64 = 0x0063_6172_6565_7271;

/// A transaction of the only writer. Dropped before [`commit`](Self::commit), it leaves no trace.
pub(super) struct Writer {
    txn: DatabaseTransaction,
    /// Writers of this process wait here and not in the database, where each would keep a connection from the readers.
    _turn: OwnedMutexGuard<()>,
}

impl Writer {
    /// Makes it all visible at once.
    pub(super) async fn commit(self) -> Result<()> {
        Ok(self.txn.commit().await?)
    }
}

impl Deref for Writer {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &Self::Target {
        &self.txn
    }
}

/// Begins a transaction when no other writer is at work.
pub(super) async fn begin(db: &Database) -> Result<Writer> {
    let turn = db.turn().await;
    let txn = begin_on(db).await.map_err(busy)?;
    Ok(Writer { txn, _turn: turn })
}

/// Begins a transaction that waits for other writers: `BEGIN IMMEDIATE` on SQLite, an advisory lock on Postgres.
pub(super) async fn begin_on(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let txn = db.begin_with_options(options).await?;
    if txn.get_database_backend() == DbBackend::Postgres {
        let lock = Query::select().expr(Func::cust("pg_advisory_xact_lock").arg(WRITER_LOCK)).take();
        txn.query_one(&lock).await?;
    }
    Ok(txn)
}

/// Another process writes for longer than a writer waits.
fn busy(cause: DbErr) -> Error {
    if !cause.to_string().contains("database is locked") {
        return cause.into();
    }
    Error::caller("DATABASE_BUSY", "Another process is writing much, such as an import. Try again in a moment.")
}

/// A transaction like that of [`begin`], which is about to write much.
pub(super) async fn begin_bulk(db: &Database) -> Result<Writer> {
    let txn = begin(db).await?;
    keep(&txn, BULK_CACHE).await?;
    Ok(txn)
}

/// Ends it.
pub(super) async fn commit_bulk(txn: Writer) -> Result<()> {
    keep(&txn, CACHE).await?;
    txn.commit().await
}

async fn keep(txn: &DatabaseTransaction, kibibytes: u32) -> Result<()> {
    if txn.get_database_backend() == DbBackend::Sqlite {
        txn.execute_unprepared(&format!("PRAGMA cache_size = -{kibibytes}")).await?;
    }
    Ok(())
}
