//! `revision`: one immutable version of a document. Never updated.
use std::collections::HashMap;

use sea_orm::{
    Condition, FromQueryResult as _,
    entity::prelude::*,
    sea_query::{Alias, Expr, ExprTrait as _, Func, Order, OverStatement as _, Query, WindowStatement},
};

use crate::{End, Result, Span};

/// One revision.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revision")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The entry it is a version of.
    pub entry_id: i64,
    /// 1 for the first revision of the entry, and so on.
    pub number: i32,
    /// SHA-256 of the canonical document, in hexadecimal.
    pub hash: String,
    /// Author.
    pub author: String,
    /// Why.
    pub message: String,
    /// Time of its creation.
    pub created_at: DateTimeUtc,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The revisions with these numbers, each of one of some entries.
pub async fn of_numbers(db: &impl ConnectionTrait, asked: Vec<(Vec<i64>, i32)>) -> Result<Vec<Model>> {
    let asked = asked.into_iter().fold(Condition::any(), |any, (entries, number)| {
        any.add(Column::EntryId.is_in(entries).and(Column::Number.eq(number)))
    });
    Ok(Entity::find().filter(asked).all(db).await?)
}

/// A stretch of the revisions of each of these entries.
pub async fn stretches(db: &impl ConnectionTrait, entries: Vec<i64>, span: Span) -> Result<HashMap<i64, Vec<Model>>> {
    use Column::{EntryId, Number};
    let order = if span.from == End::Newest { Order::Desc } else { Order::Asc };
    let mut window = WindowStatement::new();
    window.add_partition_by(Expr::col(EntryId)).order_by(Number, order);
    let numbered = Query::select()
        .expr(Expr::cust("*"))
        .expr_window_as(Func::cust("ROW_NUMBER"), window, Alias::new("place"))
        .from(Entity)
        .and_where(Expr::col(EntryId).is_in(entries))
        .cond_where(span.condition(Number))
        .take();
    let select = Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(numbered, Alias::new("numbered"))
        .and_where(Expr::col("place").lte(span.limit))
        .order_by("place", Order::Asc)
        .take();
    let mut revisions: HashMap<i64, Vec<Model>> = HashMap::new();
    for row in db.query_all(&select).await? {
        let revision = Model::from_query_result(&row, "")?;
        revisions.entry(revision.entry_id).or_default().push(revision);
    }
    Ok(revisions)
}
