//! Rows that modules project from documents, collected so that each table is written by few statements.
use std::{
    any::TypeId,
    collections::{HashMap, hash_map::Entry},
};

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iterable, Statement,
    sea_query::{Expr, InsertStatement, IntoIden, OnConflict, Query, Value},
};

use super::transaction::Transaction;

/// Maximum number of rows that one statement inserts.
const ROWS_PER_STATEMENT: usize = 500;
/// Maximum number of values that one statement takes on SQLite.
const VALUES_PER_STATEMENT: usize = 32_766;

/// The rows to be written, by table.
///
/// Tables are filled by statements of always the same size, which the databases prepare once; what is left is written at
/// the end.
#[derive(Default)]
pub struct Rows {
    tables: HashMap<(TypeId, u64, bool), Table>,
}

impl Rows {
    /// Adds a row to its table.
    pub fn insert<A: ActiveModelTrait + 'static>(&mut self, row: A) {
        self.add(row, false);
    }

    /// Adds a row to its table, unless one of its key is there.
    pub fn insert_once<A: ActiveModelTrait + 'static>(&mut self, row: A) {
        self.add(row, true);
    }

    fn add<A: ActiveModelTrait + 'static>(&mut self, mut row: A, is_once: bool) {
        type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;
        let (mut set, mut values) = (0_u64, [const { None }; 64]);
        for (index, column) in Column::<A>::iter().enumerate() {
            if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = row.take(column) {
                set |= 1 << index;
                values[index] = Some(value);
            }
        }
        // Rows that leave other columns to the database are written by other statements.
        let table = self.tables.entry((TypeId::of::<A>(), set, is_once)).or_insert_with(|| {
            let columns = Column::<A>::iter().enumerate().filter(|(index, _)| set & (1 << index) != 0);
            Table::new::<A::Entity>(columns.map(|(_, column)| column), is_once)
        });
        table.values.extend(values.into_iter().flatten());
    }

    /// Adds rows to those that are here.
    pub(crate) fn append(&mut self, rows: Self) {
        for (key, mut table) in rows.tables {
            match self.tables.entry(key) {
                Entry::Occupied(mut known) => known.get_mut().values.append(&mut table.values),
                Entry::Vacant(new) => {
                    new.insert(table);
                }
            }
        }
    }

    /// Writes as many rows as fill a statement.
    pub(crate) async fn write_full(&mut self, txn: &Transaction) -> Result<(), DbErr> {
        for table in self.tables.values_mut() {
            table.write_full(txn).await?;
        }
        Ok(())
    }

    /// Writes all rows.
    pub(crate) async fn write(&mut self, txn: &Transaction) -> Result<(), DbErr> {
        for table in self.tables.values_mut() {
            table.write_full(txn).await?;
            table.write_rest(txn).await?;
        }
        Ok(())
    }
}

/// The rows of one table that set the same columns.
struct Table {
    /// The statement without values.
    insert: InsertStatement,
    /// Functions that write a value of each column.
    columns: Vec<Box<dyn Fn(Value) -> Expr + Send + Sync>>,
    /// The values, row by row.
    values: Vec<Value>,
    /// The statement for a full number of rows, once it was used.
    full: Option<String>,
}

impl Table {
    fn new<E: EntityTrait>(columns: impl Iterator<Item = E::Column>, is_once: bool) -> Self {
        let columns: Vec<_> = columns.collect();
        let mut insert = Query::insert();
        insert.into_table(E::default().table_ref()).columns(columns.iter().map(|column| column.into_iden()));
        if is_once {
            insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        }
        let write = |column: E::Column| {
            let write: Box<dyn Fn(Value) -> Expr + Send + Sync> =
                Box::new(move |value| column.save_as(Expr::val(value)));
            write
        };
        Self { insert, columns: columns.into_iter().map(write).collect(), values: Vec::new(), full: None }
    }

    /// Number of values that a full statement takes.
    fn full(&self) -> usize {
        let columns = self.columns.len().max(1);
        columns * ROWS_PER_STATEMENT.min(VALUES_PER_STATEMENT / columns)
    }

    /// Writes as many rows as fill a statement.
    async fn write_full(&mut self, txn: &Transaction) -> Result<(), DbErr> {
        let size = self.full();
        let mut values = std::mem::take(&mut self.values).into_iter();
        while values.len() >= size {
            let some = values.by_ref().take(size);
            let statement = match &self.full {
                Some(sql) => Statement::from_sql_and_values(txn.get_database_backend(), sql, some),
                None => self.statement(txn, some)?,
            };
            if self.full.is_none() {
                self.full = Some(statement.sql.clone());
            }
            txn.execute_raw(statement).await?;
        }
        self.values = values.collect();
        Ok(())
    }

    /// Writes what does not fill a statement.
    async fn write_rest(&mut self, txn: &Transaction) -> Result<(), DbErr> {
        let values = std::mem::take(&mut self.values);
        if !values.is_empty() {
            txn.execute_raw(self.statement(txn, values.into_iter())?).await?;
        }
        Ok(())
    }

    /// The statement that inserts these values.
    fn statement(
        &self,
        txn: &Transaction,
        mut values: impl ExactSizeIterator<Item = Value>,
    ) -> Result<Statement, DbErr> {
        let mut insert = self.insert.clone();
        while values.len() > 0 {
            let row: Vec<_> = self.columns.iter().zip(values.by_ref()).map(|(write, value)| write(value)).collect();
            insert.values(row).map_err(|cause| DbErr::Custom(cause.to_string()))?;
        }
        Ok(txn.get_database_backend().build(&insert))
    }
}
