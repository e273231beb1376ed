//! Reading from a server.
use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use sea_orm::{
    DbErr, QueryResult, RuntimeErr, Statement,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, PgPool, Postgres, pool::PoolConnection},
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Semaphore;

use super::{Row, RowSink};
use crate::{Result, sync::locked};

/// Maximum time for which a connection that is used without a question was at rest.
const TRUSTED: Duration = Duration::from_secs(5);

/// Connections that only read: two thirds of those of the pool, the others are left to writers.
pub(crate) struct Pooled {
    pool: PgPool,
    /// The connections at rest, and since when they are.
    rested: Mutex<Vec<(PoolConnection<Postgres>, Instant)>>,
    places: Semaphore,
}

impl Pooled {
    /// Readers of the server of this pool; none where it has too few connections.
    pub(crate) fn new(pool: &PgPool) -> Option<Self> {
        let places = pool.options().get_max_connections() / 3 * 2;
        (places > 0).then(|| Self {
            pool: pool.clone(),
            rested: Mutex::default(),
            places: Semaphore::new(places.try_into().unwrap_or(1)),
        })
    }

    /// Takes the rows of the statement.
    pub(crate) async fn read(&self, statement: &Statement, rows: &mut dyn RowSink) -> Result<()> {
        let found = self.rows(statement).await.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?;
        found.iter().try_for_each(|found| rows.take(&Row::Driver(found)))
    }

    async fn rows(&self, statement: &Statement) -> Result<Vec<QueryResult>, sqlx::Error> {
        let _place = self.places.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        // One that is given up while it reads, with its request, goes back to the pool.
        if let Some(connection) = self.trusted() {
            match self.ask(connection, statement).await {
                Err(error) if is_lost(&error) => {
                    tracing::debug!(%error, "a connection was lost while it was at rest");
                }
                answered => return answered,
            }
        }
        self.ask(self.pool.acquire().await?, statement).await
    }

    /// Asks on the connection, and keeps it where it works.
    async fn ask(
        &self,
        mut connection: PoolConnection<Postgres>,
        statement: &Statement,
    ) -> Result<Vec<QueryResult>, sqlx::Error> {
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
    fn trusted(&self) -> Option<PoolConnection<Postgres>> {
        let mut rested = locked(&self.rested);
        let (connection, since) = rested.pop()?;
        if since.elapsed() < TRUSTED {
            return Some(connection);
        }
        // Those below rest for longer.
        rested.clear();
        None
    }

    pub(crate) fn rested(&self) -> usize {
        locked(&self.rested).len()
    }

    pub(crate) fn close(&self) {
        self.places.close();
        locked(&self.rested).clear();
    }
}

/// Tells whether the connection, and not the statement, cannot be used any more: Postgres tells so by codes of this class
/// (operator intervention) where it ended the connection itself.
fn is_lost(error: &sqlx::Error) -> bool {
    let told = error.as_database_error();
    told.is_none_or(|told| told.code().is_some_and(|code| code.starts_with("57P")))
}
