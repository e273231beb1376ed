//! The connection of a transaction that writes. It goes back to its pool only after what it was used for has ended well.
//!
//! The driver's own transactions are not used. SQLite ends a transaction by itself where the disk is full or fails, and the driver
//! goes on counting: what is written on that connection afterwards is acknowledged and never committed.
use futures_util::{Stream, TryStreamExt as _};
use sea_orm::{
    DatabaseConnection, DbBackend, ExecResult, QueryResult, Statement,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, Either, Executor as _, Postgres, Sqlite, pool::PoolConnection},
};
use sea_query_sqlx::SqlxValues;

/// A connection of the pool.
pub(crate) enum Connection {
    /// To an SQLite database.
    Sqlite(PoolConnection<Sqlite>),
    /// To a Postgres server.
    Postgres(PoolConnection<Postgres>),
}

/// Answer of the database to a statement.
pub(crate) struct Answer {
    pub(crate) rows: Vec<QueryResult>,
    pub(crate) result: ExecResult,
}

impl Connection {
    pub(crate) async fn acquire(db: &DatabaseConnection) -> Result<Self, sqlx::Error> {
        Ok(match db.get_database_backend() {
            DbBackend::Sqlite => Self::Sqlite(db.get_sqlite_connection_pool().acquire().await?),
            _ => Self::Postgres(db.get_postgres_connection_pool().acquire().await?),
        })
    }

    pub(crate) async fn run(&mut self, statement: &Statement) -> Result<Answer, sqlx::Error> {
        let values = SqlxValues(statement.values.clone().unwrap_or_else(|| Values(Vec::new())));
        let sql = AssertSqlSafe(statement.sql.as_str());
        match self {
            Self::Sqlite(connection) => collect(connection.fetch_many(sqlx::query_with(sql, values))).await,
            Self::Postgres(connection) => collect(connection.fetch_many(sqlx::query_with(sql, values))).await,
        }
    }

    /// Runs statements without values, which are not prepared, in one go.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<Answer, sqlx::Error> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Sqlite(connection) => collect(connection.fetch_many(sql)).await,
            Self::Postgres(connection) => collect(connection.fetch_many(sql)).await,
        }
    }

    fn close_on_drop(&mut self) {
        match self {
            Self::Sqlite(connection) => connection.close_on_drop(),
            Self::Postgres(connection) => connection.close_on_drop(),
        }
    }
}

async fn collect<R, T>(
    mut told: impl Stream<Item = Result<Either<R, T>, sqlx::Error>> + Unpin,
) -> Result<Answer, sqlx::Error>
where
    R: Default + Extend<R>,
    ExecResult: From<R>,
    QueryResult: From<T>,
{
    let (mut rows, mut result) = (Vec::new(), R::default());
    while let Some(told) = told.try_next().await? {
        match told {
            Either::Left(done) => result.extend([done]),
            Either::Right(row) => rows.push(QueryResult::from(row)),
        }
    }
    Ok(Answer { rows, result: result.into() })
}

/// A connection that is closed when it is dropped, because nobody knows what state it is in, unless it is
/// [released](Self::release).
pub(crate) struct Held {
    connection: Option<Connection>,
    /// Tells whether the database lives in this connection, as one in memory does. Such a connection is never closed.
    is_database: bool,
}

impl Held {
    pub(crate) async fn acquire(db: &DatabaseConnection) -> Result<Self, sqlx::Error> {
        let connection = Connection::acquire(db).await?;
        let is_database = match &connection {
            Connection::Sqlite(_) => db.get_sqlite_connection_pool().options().get_max_connections() == 1,
            Connection::Postgres(_) => false,
        };
        Ok(Self { connection: Some(connection), is_database })
    }

    /// The connection; none after it was released.
    pub(crate) fn get(&mut self) -> Result<&mut Connection, sqlx::Error> {
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// Tells whether it is closed where it is dropped as it is.
    pub(crate) fn may_close(&self) -> bool {
        !self.is_database
    }

    /// Takes the connection out, leaving nothing that could be closed.
    pub(crate) fn take(&mut self) -> Self {
        Self { connection: self.connection.take(), is_database: self.is_database }
    }

    /// Tells whether there is a connection.
    pub(crate) fn is_some(&self) -> bool {
        self.connection.is_some()
    }

    /// Gives the connection back to the pool: it is as it was.
    pub(crate) fn release(&mut self) {
        self.connection.take();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.as_mut().filter(|_| !self.is_database) {
            connection.close_on_drop();
        }
    }
}
