//! The floor of an import: rows that are in memory already, written by multi-row inserts in one transaction.
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Statement,
    sqlx::{self, AssertSqlSafe, Column as _, Row as _, TypeInfo as _},
};

use crate::Result;

/// Maximum number of rows that one statement inserts.
const ROWS_PER_STATEMENT: usize = 500;
/// Maximum number of values in one statement, on SQLite.
const VALUES_PER_STATEMENT: usize = 32_766;

/// The rows of one table.
pub(crate) struct Rows {
    table: String,
    columns: Vec<String>,
    cells: Vec<Cell>,
}

impl Rows {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.cells.len() / self.columns.len().max(1)
    }

    /// The statement that inserts this many rows.
    fn insert(&self, rows: usize, backend: DbBackend) -> String {
        let columns = self.columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
        let row = |row: usize| {
            let first = row * self.columns.len();
            let value = |column| match backend {
                // A number would be looked up as a name.
                DbBackend::Sqlite => "?".to_owned(),
                _ => format!("${}", first + column),
            };
            format!("({})", (1..=self.columns.len()).map(value).collect::<Vec<_>>().join(", "))
        };
        let values = (0..rows).map(row).collect::<Vec<_>>().join(", ");
        format!("INSERT INTO \"{}\" ({columns}) VALUES {values}", self.table)
    }
}

/// A value, by the type of its column.
enum Cell {
    Long(Option<i64>),
    Int(Option<i32>),
    Float(Option<f64>),
    Text(Option<String>),
    Time(Option<DateTime<Utc>>),
}

/// A new database on a Postgres server; replaces one of that name.
pub(crate) async fn database(server: &str, name: &str) -> Result<String> {
    let server = server.trim_end_matches('/');
    let admin = careerql_server::connect(&format!("{server}/postgres")).await?;
    for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        admin.execute_unprepared(&statement).await?;
    }
    admin.close().await?;
    Ok(format!("{server}/{name}"))
}

/// All rows of all tables but those of the migrations, in an order in which they can be inserted.
pub(crate) async fn read(url: &str) -> Result<Vec<Rows>> {
    let db = careerql_server::connect(url).await?;
    let mut all = Vec::new();
    for table in tables(&db).await? {
        let sql = format!("SELECT * FROM \"{table}\"");
        let mut rows = Rows { table, columns: Vec::new(), cells: Vec::new() };
        match db.get_database_backend() {
            DbBackend::Sqlite => {
                let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(db.get_sqlite_connection_pool()).await?;
                for row in &found {
                    for (index, column) in row.columns().iter().enumerate() {
                        let declared = column.type_info().name().to_ascii_lowercase();
                        rows.cells.push(match declared.as_str() {
                            "integer" | "bigint" | "int8" | "int4" => Cell::Long(row.try_get_unchecked(index)?),
                            "real" | "double" => Cell::Float(row.try_get_unchecked(index)?),
                            _ => Cell::Text(row.try_get_unchecked(index)?),
                        });
                    }
                }
                rows.columns = found.first().into_iter().flat_map(sqlx::Row::columns).map(name).collect();
            }
            _ => {
                let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(db.get_postgres_connection_pool()).await?;
                for row in &found {
                    for (index, column) in row.columns().iter().enumerate() {
                        rows.cells.push(match column.type_info().name() {
                            "INT8" => Cell::Long(row.try_get(index)?),
                            "INT4" => Cell::Int(row.try_get(index)?),
                            "FLOAT8" => Cell::Float(row.try_get(index)?),
                            "TIMESTAMPTZ" => Cell::Time(row.try_get(index)?),
                            _ => Cell::Text(row.try_get(index)?),
                        });
                    }
                }
                rows.columns = found.first().into_iter().flat_map(sqlx::Row::columns).map(name).collect();
            }
        }
        if !rows.cells.is_empty() {
            all.push(rows);
        }
    }
    db.close().await?;
    Ok(all)
}

fn name(column: &impl sqlx::Column) -> String {
    column.name().to_owned()
}

async fn tables(db: &DatabaseConnection) -> Result<Vec<String>> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let mut names = rows.iter().map(|row| row.try_get("", "name")).collect::<Result<Vec<String>, _>>()?;
    names.retain(|name| !name.starts_with("migration_"));
    names.sort_by_key(|name| (name != "entry", name != "revision", name.clone()));
    Ok(names)
}

/// Inserts the rows; the time from the begin of the transaction to the end of its commit.
pub(crate) async fn insert(url: &str, tables: &[Rows]) -> Result<Duration> {
    let db = careerql_server::connect(url).await?;
    let backend = db.get_database_backend();
    // The same for both databases, whose types share no trait that says so.
    macro_rules! insert {
        ($pool:expr) => {{
            let mut txn = $pool.begin().await?;
            for rows in tables {
                let columns = rows.columns.len();
                let size = columns * ROWS_PER_STATEMENT.min(VALUES_PER_STATEMENT / columns);
                let full = rows.insert(size / columns, backend);
                for cells in rows.cells.chunks(size) {
                    let sql =
                        if cells.len() == size { full.clone() } else { rows.insert(cells.len() / columns, backend) };
                    let mut query = sqlx::query(AssertSqlSafe(sql));
                    for cell in cells {
                        query = match cell {
                            Cell::Long(value) => query.bind(value),
                            Cell::Int(value) => query.bind(value),
                            Cell::Float(value) => query.bind(value),
                            Cell::Text(value) => query.bind(value),
                            Cell::Time(value) => query.bind(value),
                        };
                    }
                    query.execute(&mut *txn).await?;
                }
            }
            txn.commit().await?;
        }};
    }
    let started = Instant::now();
    match backend {
        DbBackend::Sqlite => insert!(db.get_sqlite_connection_pool()),
        _ => insert!(db.get_postgres_connection_pool()),
    }
    let elapsed = started.elapsed();
    db.close().await?;
    Ok(elapsed)
}
