//! The beginning of a transaction: when no other writer is at work, and no later than the caller has patience for.
use std::{sync::Arc, time::Duration};

use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
    sea_query::{Func, Query},
    sqlx,
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

use super::{At, BULK_CACHE, Transaction, TransactionState, Writer, connection::Held, fault::Asked, keep};
use crate::{
    Database, Error, Failure, Result,
    database::turn::{Turn, Waiting},
};

/// The key of the lock that writers share on Postgres: `careerq` in ASCII.
const WRITER_LOCK: i64 = 0x0063_6172_6565_7271;
/// For how long SQLite itself waits for another writer, in milliseconds. Then it is asked again, where somebody still waits.
const SLICE: u32 = 250;
/// Time that somebody waits before the log says so.
const SILENCE: Duration = Duration::from_secs(2);

/// Begins a transaction when no other writer is at work.
pub(crate) async fn begin(db: &Database) -> Result<Writer> {
    begin_by(db, db.patience(), &db.writers().wait()).await
}

/// A transaction like that of [`begin`], which is about to write much.
pub(crate) async fn begin_bulk(db: &Database) -> Result<Writer> {
    let txn = begin(db).await?;
    keep(&txn, BULK_CACHE).await?;
    Ok(txn)
}

/// The same, where the caller waits until then at most, and has waited before.
pub(crate) async fn begin_by(db: &Database, until: Instant, waiting: &Waiting<'_>) -> Result<Writer> {
    let mut turn = timeout_at(until, db.turn()).await.map_err(|_| waiting.error())?;
    let mut read_only = None;
    loop {
        let held = match timeout_at(until, Held::acquire(db)).await {
            Ok(held) => held,
            // Other writers left it no time for a connection.
            Err(_) if waiting.failure() == Failure::Busy => return Err(waiting.error()),
            Err(_) => Err(sqlx::Error::PoolTimedOut),
        };
        let held = held.map_err(|cause| failed(db, cause.into()))?;
        turn.begin_work();
        let mut txn = Transaction {
            at: Mutex::new(At { held, state: TransactionState::Open, id: None, is_special: false }),
            db: (**db).clone(),
            backend: db.get_database_backend(),
            observer: db.observer(),
            faults: db.faults(),
            writable: db.writable.clone(),
            clock: db.clock().clone(),
            turn: Some(turn),
        };
        let Some(others) = txn.begin(until, &mut read_only).await.map_err(|cause| failed(db, cause))? else {
            return Ok(Writer(txn));
        };
        turn = others;
    }
}

impl Transaction {
    /// Begins. A connection that may only read keeps to what held when it was made, whatever has been allowed since: so it is
    /// closed, and the turn is given back for another, until one made after `read_only` cannot write, either.
    async fn begin(&mut self, until: Instant, read_only: &mut Option<f64>) -> Result<Option<Turn>, Arc<sqlx::Error>> {
        let (at, faults, since) = (self.at.get_mut(), self.faults.as_ref(), Instant::now());
        let mut is_told = false;
        loop {
            let sql = script(self.backend, until.saturating_duration_since(Instant::now()));
            let cause = match at.ask(Asked::Script(&sql), faults).await {
                Ok(answer) => {
                    let row = answer.rows.last();
                    at.id = row.and_then(|row| row.try_get("", "id").ok());
                    let made: Option<f64> = row.and_then(|row| row.try_get("", "read_only_since").ok());
                    let now: Option<f64> = row.and_then(|row| row.try_get("", "now").ok());
                    let is_outdated = made.is_some_and(|made| read_only.is_none_or(|first| made < first));
                    *read_only = read_only.or(now);
                    at.is_special = is_outdated;
                    return Ok(self.turn.take_if(|_| is_outdated));
                }
                Err(cause) => cause,
            };
            let waits = self.backend == DbBackend::Sqlite && Failure::of_driver(&cause) == Some(Failure::Busy);
            if !waits || Instant::now() >= until {
                return Err(cause);
            }
            if !is_told && since.elapsed() > SILENCE {
                tracing::info!("another process is writing to the database; waiting for it");
                is_told = true;
            }
            at.state = TransactionState::Open;
        }
    }
}

/// Script that begins a transaction that waits for other writers: `BEGIN IMMEDIATE` on SQLite; an advisory lock on Postgres,
/// where what others lock is waited for no longer, either.
fn script(backend: DbBackend, left: Duration) -> String {
    if backend == DbBackend::Sqlite {
        return format!("PRAGMA busy_timeout = {SLICE}; BEGIN IMMEDIATE");
    }
    let left = left.as_millis().max(1);
    format!(
        "BEGIN; SET LOCAL lock_timeout = {left}; SELECT pg_advisory_xact_lock({WRITER_LOCK}), txid_current() AS id, \
         CAST(extract(epoch FROM now()) AS float8) AS now, CASE WHEN current_setting('transaction_read_only') = 'on' THEN \
         (SELECT CAST(extract(epoch FROM backend_start) AS float8) FROM pg_stat_activity WHERE pid = pg_backend_pid()) END \
         AS read_only_since"
    )
}

fn failed(db: &Database, cause: Arc<sqlx::Error>) -> Error {
    db.writable.failed(&cause);
    super::failed(cause).into()
}

/// Begins a transaction of the driver that waits for other writers, for migrations.
pub(crate) async fn begin_on(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let txn = db.begin_with_options(options).await?;
    if txn.get_database_backend() == DbBackend::Postgres {
        let lock = Query::select().expr(Func::cust("pg_advisory_xact_lock").arg(WRITER_LOCK)).take();
        txn.query_one(&lock).await?;
    }
    Ok(txn)
}
