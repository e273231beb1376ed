//! Writing transactions: one at a time, on either database, so that none has to be repeated.
//!
//! After a statement of a transaction failed, the transaction takes no other, cannot be committed, and its connection is closed.
mod begin;
mod commit;
mod connection;
mod fault;

use std::{ops::Deref, sync::Arc, time::Instant};

use document::Clock;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    metric::Info, prelude::async_trait::async_trait, sqlx,
};
use tokio::{runtime::Handle, sync::Mutex, time::timeout};

pub(crate) use self::begin::{begin, begin_bulk, begin_by, begin_on};
pub use self::fault::{Fault, Faults};
use self::{
    connection::{Answer, Held},
    fault::Asked,
};
use crate::{
    Result,
    database::{read::Observer, turn::Turn, writable::Writable},
};

/// Maximum time that the end of a transaction that leaves no trace may take, before its connection is closed.
const ROLLBACK: std::time::Duration = std::time::Duration::from_secs(2);

/// A transaction of the only writer. Dropped before [`commit`](Self::commit), it leaves no trace.
pub(crate) struct Writer(Transaction);

impl Writer {
    /// Makes it all visible at once. Where that fails, the error says whether anything was stored, or that nobody knows.
    pub(crate) async fn commit(self) -> Result<()> {
        self.0.commit().await
    }
}

impl Deref for Writer {
    type Target = Transaction;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Executor of the statements of a [`Writer`].
pub(crate) struct Transaction {
    at: Mutex<At>,
    db: DatabaseConnection,
    backend: DbBackend,
    observer: Option<Observer>,
    faults: Option<Faults>,
    writable: Arc<Writable>,
    clock: Clock,
    /// Writers of this process wait here and not in the database, where each would keep a connection from the readers.
    turn: Option<Turn>,
}

/// Connection and state of a transaction.
struct At {
    held: Held,
    state: TransactionState,
    /// Its number on Postgres, by which anybody can ask what became of it.
    id: Option<i64>,
    /// Tells whether the connection is set up for this transaction, and of no use to others.
    is_special: bool,
}

/// Requests that a transaction admits.
enum TransactionState {
    /// Anything.
    Open,
    /// Nothing: a statement is on its way, or nobody waited for its answer.
    Asked,
    /// Nothing: a statement failed.
    Failed(Arc<sqlx::Error>),
}

impl At {
    fn refusal(&self) -> Option<DbErr> {
        match &self.state {
            TransactionState::Open => None,
            TransactionState::Asked => Some(failed(Arc::new(sqlx::Error::WorkerCrashed))),
            TransactionState::Failed(first) => Some(failed(first.clone())),
        }
    }

    /// Asks the database, and remembers where that fails.
    async fn ask(&mut self, asked: Asked<'_>, faults: Option<&Faults>) -> Result<Answer, Arc<sqlx::Error>> {
        self.state = TransactionState::Asked;
        let answer = match self.held.get() {
            Ok(connection) => asked.with(connection, faults).await,
            Err(error) => Err(error),
        };
        let answer = answer.map_err(Arc::new);
        self.state =
            answer.as_ref().map_or_else(|error| TransactionState::Failed(error.clone()), |_| TransactionState::Open);
        answer
    }
}

/// The error of a statement in a transaction that writes. Other statements fail otherwise: `Exec` says that nothing was stored.
fn failed(cause: Arc<sqlx::Error>) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(cause))
}

impl Transaction {
    /// The clock by which its changes are dated.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    async fn run(&self, statement: &Statement, asked: Asked<'_>) -> Result<Answer, DbErr> {
        let mut at = self.at.lock().await;
        if let Some(refusal) = at.refusal() {
            return Err(refusal);
        }
        let begun = Instant::now();
        let answer = at.ask(asked, self.faults.as_ref()).await;
        if let Some(observer) = &self.observer {
            observer(&Info { elapsed: begun.elapsed(), statement, failed: answer.is_err() });
        }
        answer.map_err(|error| {
            self.writable.failed(&error);
            failed(error)
        })
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        Ok(self.run(&statement, Asked::Statement(&statement)).await?.result)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let statement = Statement::from_string(self.backend, sql);
        Ok(self.run(&statement, Asked::Script(sql)).await?.result)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.run(&statement, Asked::Statement(&statement)).await?.rows.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self.run(&statement, Asked::Statement(&statement)).await?.rows)
    }
}

/// Rolls back what is not committed. The next writer of this process begins when that is done.
impl Drop for Transaction {
    fn drop(&mut self) {
        let At { held, state, is_special, .. } = self.at.get_mut();
        let is_well = !matches!(state, TransactionState::Failed(_)) && !*is_special;
        let (mut held, turn) = (held.take(), self.turn.take());
        // Closing a connection rolls back, too.
        let rolls_back = held.is_some() && (is_well || !held.may_close());
        if let Some(runtime) = Handle::try_current().ok().filter(|_| rolls_back) {
            runtime.spawn(async move {
                let rolled_back = match held.get() {
                    Ok(connection) => {
                        timeout(ROLLBACK, connection.script("ROLLBACK")).await.is_ok_and(|done| done.is_ok())
                    }
                    Err(_) => false,
                };
                if rolled_back {
                    held.release();
                }
                drop((held, turn));
            });
        }
    }
}

/// Size of the part of an SQLite database that a bulk transaction keeps in memory, in KiB: what changes all over, its indexes,
/// is then written once and not again and again.
const BULK_CACHE: u32 = 65_536;
/// Size of the part that SQLite keeps otherwise.
const CACHE: u32 = 2_000;

/// Ends a transaction that wrote much.
pub(crate) async fn commit_bulk(txn: Writer) -> Result<()> {
    keep(&txn, CACHE).await?;
    txn.commit().await
}

async fn keep(txn: &Transaction, kibibytes: u32) -> Result<()> {
    if txn.backend == DbBackend::Sqlite {
        txn.execute_unprepared(&format!("PRAGMA cache_size = -{kibibytes}")).await?;
        txn.at.lock().await.is_special = kibibytes != CACHE;
    }
    Ok(())
}
