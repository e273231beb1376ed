//! Rows that modules project from a document, collected so that each table is written by few statements.
use std::{
    any::{Any, TypeId},
    collections::HashMap,
};

use futures_util::future::BoxFuture;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel};

/// How many rows one statement inserts: within SQLite's 32,766 values for up to 60 columns.
const ROWS_PER_STATEMENT: usize = 500;

/// The rows to be written, by table.
#[derive(Default)]
pub struct Rows(HashMap<TypeId, Box<dyn Table>>);

impl Rows {
    /// Adds a row to its table.
    pub fn insert<A>(&mut self, row: A)
    where
        A: ActiveModelTrait + Send + 'static,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let table = self.0.entry(TypeId::of::<A>()).or_insert_with(|| Box::new(Of::<A>(Vec::new())));
        if let Some(table) = table.as_any().downcast_mut::<Of<A>>() {
            table.0.push(row);
        }
    }

    /// Writes all rows.
    pub(super) async fn write(self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        for table in self.0.into_values() {
            table.write(txn).await?;
        }
        Ok(())
    }
}

trait Table: Send {
    fn as_any(&mut self) -> &mut dyn Any;
    fn write(self: Box<Self>, txn: &DatabaseTransaction) -> BoxFuture<'_, Result<(), DbErr>>;
}

struct Of<A>(Vec<A>);

impl<A> Table for Of<A>
where
    A: ActiveModelTrait + Send + 'static,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn write(self: Box<Self>, txn: &DatabaseTransaction) -> BoxFuture<'_, Result<(), DbErr>> {
        Box::pin(async move { insert(txn, self.0).await })
    }
}

/// Inserts rows of one table.
pub(super) async fn insert<A, C>(db: &C, rows: Vec<A>) -> Result<(), DbErr>
where
    A: ActiveModelTrait + Send + 'static,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    C: ConnectionTrait,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(ROWS_PER_STATEMENT).collect();
        A::Entity::insert_many(chunk).exec_without_returning(db).await?;
    }
    Ok(())
}
