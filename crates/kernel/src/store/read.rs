//! Statements that only read, on connections that are kept at hand.
//!
//! A connection that goes back to its pool is asked whether it still answers, by a task of its own: on SQLite that takes as long as
//! a small statement, on Postgres it is a way there and back. So whoever only reads keeps a connection for the next statement.
use std::{
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use sea_orm::{
    DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr, Statement,
    metric::Info,
    sea_query::Values,
    sqlx::{
        self, AssertSqlSafe, Database as Driver, Executor, IntoArguments, Pool, Postgres, Sqlite, pool::PoolConnection,
    },
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Semaphore;

use crate::request::locked;

/// How long a connection may have been at rest that is used without a question.
const TRUSTED: Duration = Duration::from_secs(5);

/// Hears of each statement, once it was answered.
pub type Observer = Arc<dyn Fn(&Info<'_>) + Send + Sync>;

/// Connections that only read: two thirds of those of the pool, the others are left to writers.
pub(super) struct Readers {
    connections: Connections,
    observer: OnceLock<Observer>,
}

enum Connections {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>),
}

struct Held<D: Driver> {
    pool: Pool<D>,
    /// The connections at rest, and since when they are.
    rested: Mutex<Vec<(PoolConnection<D>, Instant)>>,
    places: Semaphore,
}

impl Readers {
    /// Readers of the database; none where its pool is too small to keep any, as for a database in memory.
    pub(super) fn new(connection: &DatabaseConnection) -> Option<Self> {
        let connections = match connection.get_database_backend() {
            DbBackend::Sqlite => Connections::Sqlite(Held::new(connection.get_sqlite_connection_pool())?),
            DbBackend::Postgres => Connections::Postgres(Held::new(connection.get_postgres_connection_pool())?),
            _ => return None,
        };
        Some(Self { connections, observer: OnceLock::new() })
    }

    /// Tells this observer of each statement; the first one that is given.
    pub(super) fn observe(&self, observer: Observer) {
        let _is_observed = self.observer.set(observer);
    }

    /// The rows of the statement.
    pub(super) async fn rows(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let begun = Instant::now();
        let rows = match &self.connections {
            Connections::Sqlite(held) => held.rows(statement).await,
            Connections::Postgres(held) => held.rows(statement).await,
        };
        if let Some(observer) = self.observer.get() {
            observer(&Info { elapsed: begun.elapsed(), statement, failed: rows.is_err() });
        }
        rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))))
    }

    /// How many connections are at rest.
    pub(super) fn rested(&self) -> usize {
        match &self.connections {
            Connections::Sqlite(held) => locked(&held.rested).len(),
            Connections::Postgres(held) => locked(&held.rested).len(),
        }
    }

    /// Gives the connections back, so that the pool can be closed.
    pub(super) fn close(&self) {
        match &self.connections {
            Connections::Sqlite(held) => held.close(),
            Connections::Postgres(held) => held.close(),
        }
    }
}

impl<D: Driver> Held<D> {
    fn new(pool: &Pool<D>) -> Option<Self> {
        let places = pool.options().get_max_connections() / 3 * 2;
        (places > 0).then(|| Self {
            pool: pool.clone(),
            rested: Mutex::default(),
            places: Semaphore::new(places.try_into().unwrap_or(1)),
        })
    }

    async fn rows(&self, statement: &Statement) -> Result<Vec<QueryResult>, sqlx::Error>
    where
        QueryResult: From<D::Row>,
        SqlxValues: IntoArguments<D>,
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let _place = self.places.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        // One that is given up while it reads, with its request, goes back to the pool.
        if let Some(connection) = self.rested() {
            match self.read(connection, statement).await {
                Err(error) if is_lost(&error) => {
                    tracing::debug!(%error, "a connection was lost while it was at rest");
                }
                answered => return answered,
            }
        }
        self.read(self.pool.acquire().await?, statement).await
    }

    /// Reads on the connection, and keeps it where it works.
    async fn read(
        &self,
        mut connection: PoolConnection<D>,
        statement: &Statement,
    ) -> Result<Vec<QueryResult>, sqlx::Error>
    where
        QueryResult: From<D::Row>,
        SqlxValues: IntoArguments<D>,
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let values = SqlxValues(statement.values.clone().unwrap_or_else(|| Values(Vec::new())));
        let rows = sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), values).fetch_all(&mut *connection).await;
        let mut rested = locked(&self.rested);
        if rows.is_ok() && !self.places.is_closed() {
            rested.push((connection, Instant::now()));
        }
        drop(rested);
        Ok(rows?.into_iter().map(QueryResult::from).collect())
    }

    /// A connection that was at rest for a short while only. The pool looks after others.
    fn rested(&self) -> Option<PoolConnection<D>> {
        let mut rested = locked(&self.rested);
        let (connection, since) = rested.pop()?;
        if since.elapsed() < TRUSTED {
            return Some(connection);
        }
        // Those below rest for longer.
        rested.clear();
        None
    }

    fn close(&self) {
        self.places.close();
        locked(&self.rested).clear();
    }
}

/// Whether the connection cannot be used any more, and not the statement: Postgres tells so by codes of this class (operator
/// intervention) where it ended the connection itself.
fn is_lost(error: &sqlx::Error) -> bool {
    let told = error.as_database_error();
    told.is_none_or(|told| told.code().is_some_and(|code| code.starts_with("57P")))
}
