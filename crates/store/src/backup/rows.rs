//! Rows on their way from one kind of database to the other, some at a time.
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, QueryResult, Statement,
    sea_query::{Alias, Expr, ExprTrait as _, Query, Value},
};

use super::catalog::{CopiedColumn, CopiedTable, ValueClass, quoted};
use crate::{Error, Result};

/// Number of rows that are held in memory at once.
const BATCH: usize = 200;

/// The place that the next rows of a table come from.
pub(super) enum RowSource<'a, C> {
    /// A cursor of Postgres, in a transaction.
    Cursor(&'a C),
    /// A file, whose rows come by their numbers, or by their primary keys: after this one, from the first where it is empty.
    File(&'a C, Vec<Value>),
}

impl<C: ConnectionTrait> RowSource<'_, C> {
    /// Begins to read a table.
    pub(super) async fn begin(&self, table: &CopiedTable) -> Result<()> {
        if let Self::Cursor(postgres) = self {
            let columns: Vec<_> = table.columns.iter().map(selected).collect();
            let (cursor, name) = (cursor(table), quoted(&table.name));
            let sql = format!("DECLARE {cursor} NO SCROLL CURSOR FOR SELECT {} FROM {name}", columns.join(", "));
            postgres.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    /// The next rows of the table; none after the last.
    pub(super) async fn next(&mut self, table: &CopiedTable) -> Result<Vec<Vec<Value>>> {
        let rows = match self {
            Self::Cursor(postgres) => {
                let sql = format!("FETCH {BATCH} FROM {}", cursor(table));
                postgres.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?
            }
            Self::File(file, after) => {
                let select = Statement::from_sql_and_values(DbBackend::Sqlite, some_rows(table, after), after.clone());
                let rows = file.query_all_raw(select).await?;
                if let Some(last) = rows.last() {
                    *after = place(last, table)?;
                }
                rows
            }
        };
        Ok(rows.iter().map(|row| values(row, table)).collect::<Result<_, _>>()?)
    }

    /// Ends reading the table.
    pub(super) async fn end(&self, table: &CopiedTable) -> Result<()> {
        if let Self::Cursor(postgres) = self {
            postgres.execute_unprepared(&format!("CLOSE {}", cursor(table))).await?;
        }
        Ok(())
    }
}

/// Statement for the next rows of a table of a file, after the place of a row.
fn some_rows(table: &CopiedTable, after: &[Value]) -> String {
    let columns: Vec<_> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let key = if table.key.is_empty() {
        "rowid".to_owned()
    } else {
        table.key.iter().map(|column| columns[*column].as_str()).collect::<Vec<_>>().join(", ")
    };
    let marks = (1..=after.len()).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
    let beyond = if after.is_empty() { String::new() } else { format!(" WHERE ({key}) > ({marks})") };
    format!(
        "SELECT {}, {} FROM {}{beyond} ORDER BY {key} LIMIT {BATCH}",
        columns.join(", "),
        if table.key.is_empty() { "rowid" } else { "NULL" },
        quoted(&table.name)
    )
}

/// The place of a row of a file, after which others follow.
fn place(row: &QueryResult, table: &CopiedTable) -> Result<Vec<Value>, DbErr> {
    if table.key.is_empty() {
        return Ok(vec![row.try_get_by_index::<i64>(table.columns.len())?.into()]);
    }
    table.key.iter().map(|column| value(row, *column, table.columns[*column].class)).collect()
}

/// The cursor of a table. Its statement is prepared once, for these columns.
fn cursor(table: &CopiedTable) -> String {
    quoted(&format!("copy of {}", table.name))
}

/// A column as it is read from Postgres.
fn selected(column: &CopiedColumn) -> String {
    let name = quoted(&column.name);
    match column.class {
        ValueClass::Integer => format!("CAST({name} AS bigint)"),
        ValueClass::Number => format!("CAST({name} AS double precision)"),
        ValueClass::Text | ValueClass::Json | ValueClass::BinaryJson => format!("CAST({name} AS text)"),
        ValueClass::Truth | ValueClass::Moment | ValueClass::Bytes => name,
    }
}

fn values(row: &QueryResult, table: &CopiedTable) -> Result<Vec<Value>, DbErr> {
    table.columns.iter().enumerate().map(|(index, column)| value(row, index, column.class)).collect()
}

fn value(row: &QueryResult, index: usize, class: ValueClass) -> Result<Value, DbErr> {
    Ok(match class {
        ValueClass::Integer => row.try_get_by_index::<Option<i64>>(index)?.into(),
        ValueClass::Number => row.try_get_by_index::<Option<f64>>(index)?.into(),
        ValueClass::Truth => row.try_get_by_index::<Option<bool>>(index)?.into(),
        ValueClass::Moment => row.try_get_by_index::<Option<chrono::DateTime<chrono::Utc>>>(index)?.into(),
        ValueClass::Bytes => row.try_get_by_index::<Option<Vec<u8>>>(index)?.into(),
        ValueClass::Text | ValueClass::Json | ValueClass::BinaryJson => {
            row.try_get_by_index::<Option<String>>(index)?.into()
        }
    })
}

/// The failure of a copy of rows.
pub(super) enum CopyError {
    /// They cannot be read.
    Source(Error),
    /// They cannot be written.
    Target(Error),
}

impl CopyError {
    /// The error, wherever it comes from.
    pub(super) fn either(self) -> Error {
        match self {
            Self::Source(error) | Self::Target(error) => error,
        }
    }
}

/// Copies all rows of a table into one of this name that has the same columns.
pub(super) async fn copy(
    mut source: RowSource<'_, impl ConnectionTrait>,
    table: &CopiedTable,
    target: &impl ConnectionTrait,
    name: &str,
    mut told: impl FnMut(u64),
) -> Result<(), CopyError> {
    source.begin(table).await.map_err(CopyError::Source)?;
    loop {
        let rows = source.next(table).await.map_err(CopyError::Source)?;
        if rows.is_empty() {
            break;
        }
        let more = rows.len() as u64;
        insert(target, name, table, rows).await.map_err(CopyError::Target)?;
        told(more);
    }
    source.end(table).await.map_err(CopyError::Source)
}

async fn insert(target: &impl ConnectionTrait, name: &str, table: &CopiedTable, rows: Vec<Vec<Value>>) -> Result<()> {
    let backend = target.get_database_backend();
    let mut insert = Query::insert();
    insert.into_table(Alias::new(name)).columns(table.columns.iter().map(|column| Alias::new(&column.name)));
    for row in rows {
        let values = row.into_iter().zip(&table.columns).map(|(value, column)| written(value, column.class, backend));
        insert.values(values).map_err(Error::internal)?;
    }
    target.execute_raw(backend.build(&insert)).await?;
    Ok(())
}

fn written(value: Value, class: ValueClass, backend: DbBackend) -> Expr {
    match (class, backend) {
        (ValueClass::Json, DbBackend::Postgres) => Expr::val(value).cast_as(Alias::new("json")),
        (ValueClass::BinaryJson, DbBackend::Postgres) => Expr::val(value).cast_as(Alias::new("jsonb")),
        _ => Expr::val(value),
    }
}
