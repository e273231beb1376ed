//! Writing transactions: one at a time, on either database, so that none has to be repeated.
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
    sea_query::{Func, Query},
};

use crate::Result;

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
