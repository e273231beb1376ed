//! Tables and columns, as the catalogues of both databases tell them.
use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Counts;
use crate::{Error, Result, database::migrate::HISTORY};

/// A table that is copied from one kind of database to the other.
pub(super) struct CopiedTable {
    pub(super) name: String,
    pub(super) columns: Vec<CopiedColumn>,
    /// Places of the columns of its primary key, where the file has no other number of its rows.
    pub(super) key: Vec<usize>,
    /// The sequence that its ids come from on Postgres, with its schema, ready for a statement.
    pub(super) sequence: Option<String>,
}

/// A column of such a table.
pub(super) struct CopiedColumn {
    pub(super) name: String,
    pub(super) class: ValueClass,
}

/// Types of values that mean the same on both databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueClass {
    Integer,
    Number,
    Truth,
    Text,
    Moment,
    Bytes,
    Json,
    BinaryJson,
}

impl ValueClass {
    /// The class of a type of Postgres.
    fn of_postgres(name: &str) -> Option<Self> {
        Some(match name {
            "smallint" | "integer" | "bigint" => Self::Integer,
            "real" | "double precision" => Self::Number,
            "boolean" => Self::Truth,
            "text" | "character varying" | "character" => Self::Text,
            "timestamp with time zone" => Self::Moment,
            "bytea" => Self::Bytes,
            "json" => Self::Json,
            "jsonb" => Self::BinaryJson,
            _ => return None,
        })
    }
}

/// The names of the tables of an SQLite database, without those of SQLite itself.
pub(super) const TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";

/// The columns of the primary key of a table of SQLite whose rows lie in its order, and have no number.
const KEY: &str = "SELECT i.name FROM pragma_table_info($1) i, pragma_table_list l \
                   WHERE l.schema = 'main' AND l.name = $1 AND l.wr = 1 AND i.pk > 0 ORDER BY i.pk";

/// The names of the tables of an SQLite database.
pub(super) async fn tables(file: &impl ConnectionTrait) -> Result<Vec<String>> {
    texts(file, TABLES, []).await
}

/// The tables of an SQLite file, each with what Postgres says of it. An error where a table or a column is missing there.
pub(super) async fn copied(file: &impl ConnectionTrait, postgres: &impl ConnectionTrait) -> Result<Vec<CopiedTable>> {
    let mut copied = Vec::new();
    for name in tables(file).await? {
        let columns = texts(file, "SELECT name FROM pragma_table_info($1) ORDER BY cid", [&*name]).await?;
        let key = texts(file, KEY, [&*name]).await?;
        let key = key.iter().filter_map(|name| columns.iter().position(|column| column == name)).collect();
        copied.push(CopiedTable { key, ..table(postgres, name, columns).await? });
    }
    Ok(copied)
}

async fn table(postgres: &impl ConnectionTrait, name: String, columns: Vec<String>) -> Result<CopiedTable> {
    let select = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT CAST(attname AS text), format_type(atttypid, NULL), pg_get_serial_sequence($1, attname) FROM pg_attribute \
         WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
        [quoted(&name).into()],
    );
    let mut known = BTreeMap::new();
    let mut sequence = None;
    for row in postgres.query_all_raw(select).await? {
        let (column, of): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        sequence = sequence.or(row.try_get_by_index::<Option<String>>(2)?);
        known.insert(column, of);
    }
    if known.len() != columns.len() {
        return Err(differs(&name));
    }
    let columns = columns.into_iter().map(|column| {
        let of = known.get(&column).ok_or_else(|| differs(&name))?;
        let class = ValueClass::of_postgres(of);
        let class = class
            .ok_or_else(|| Error::internal(format!("`{name}.{column}` is of the type {of}, which is not copied")))?;
        Ok(CopiedColumn { name: column, class })
    });
    let columns = columns.collect::<Result<_>>()?;
    Ok(CopiedTable { name, columns, key: Vec::new(), sequence })
}

fn differs(table: &str) -> Error {
    let message = format!(
        "The table `{table}` of the database is not as the migrations of this version make it. Run `careerql migrate` with the version \
         that the database belongs to."
    );
    Error::caller("TABLE_DIFFERS", message)
}

/// Modules of a Postgres database whose history none of these names is.
pub(super) async fn modules(postgres: &impl ConnectionTrait) -> Result<Vec<String>> {
    let sql = "SELECT CAST(relname AS text) FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid) \
               AND starts_with(relname, $1) ORDER BY 1";
    texts(postgres, sql, [HISTORY]).await
}

/// Tells whether a table holds the history of a module, and no content.
pub(super) fn is_history(table: &str) -> bool {
    table.starts_with(HISTORY)
}

/// The number of rows of each of these tables.
pub(super) async fn counts(db: &impl ConnectionTrait, tables: impl Iterator<Item = &str>) -> Result<Counts> {
    let mut counts = Counts::new();
    for name in tables {
        let select = Statement::from_string(db.get_database_backend(), count(name));
        let row = db.query_one_raw(select).await?;
        let rows: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        counts.insert(name.to_owned(), rows.unsigned_abs());
    }
    Ok(counts)
}

/// Statement that counts the rows of a table.
pub(super) fn count(table: &str) -> String {
    format!("SELECT count(*) FROM {}", quoted(table))
}

/// A name, for a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The first column of the rows of a statement with these values.
async fn texts<const N: usize>(db: &impl ConnectionTrait, sql: &str, values: [&str; N]) -> Result<Vec<String>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values.map(Into::into));
    let rows = db.query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}
