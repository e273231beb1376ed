//! `publication`: when which revision was published, and when an entry was withdrawn. Its largest id is the content version.
use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    DbBackend, FromQueryResult as _, Iterable as _, JoinType,
    entity::prelude::*,
    sea_query::{Alias, Expr, ExprTrait as _, Func, Order, Query},
};

use super::entry;
use crate::database::{transaction::Transaction, watch::CHANNEL};

/// One span of time in which a revision was what the world saw, or in which the entry was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    /// Its row; grows with each publication and withdrawal.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The entry.
    pub entry_id: i64,
    /// The revision that was visible; null where the entry was withdrawn.
    pub revision_id: Option<i64>,
    /// From this moment.
    pub published_at: DateTimeUtc,
    /// Until this moment; null while it lasts.
    pub retired_at: Option<DateTimeUtc>,
    /// The first publication of the entry, under whichever slug; null for that itself.
    pub first_id: Option<i64>,
    /// The publication since which the entry is published without a break; null for that itself, and where it is withdrawn.
    pub since_id: Option<i64>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Ends what holds for these entries: what that was, by entry. For one that has a slug of its own for the first time, that of the slug
/// before it.
pub(crate) async fn retire(
    txn: &Transaction,
    entries: Vec<i64>,
    at: DateTimeUtc,
) -> crate::Result<HashMap<i64, Model>> {
    if entries.is_empty() {
        return Ok(HashMap::new());
    }
    let open = Entity::find().filter(Column::EntryId.is_in(entries.clone())).filter(Column::RetiredAt.is_null());
    let open = open.all(txn).await?.into_iter().map(|row| (row.entry_id, row));
    let mut retired: HashMap<_, _> = open.collect();
    let others: Vec<_> = entries.iter().copied().filter(|entry| !retired.contains_key(entry)).collect();
    if !others.is_empty() {
        retired.extend(last_of_lineage(txn, others).await?);
    }
    Entity::update_many()
        .col_expr(Column::RetiredAt, Some(at).into())
        .filter(Column::EntryId.is_in(entries))
        .filter(Column::RetiredAt.is_null())
        .exec(txn)
        .await?;
    Ok(retired)
}

/// The last publication or withdrawal of each of these entries under a former slug.
async fn last_of_lineage(txn: &Transaction, entries: Vec<i64>) -> crate::Result<Vec<(i64, Model)>> {
    let former = Alias::new("former");
    let of = |alias: &Alias, column: entry::Column| Expr::col((alias.clone(), column));
    let is_former = of(&former, entry::Column::LineageId).eq(Expr::col((entry::Entity, entry::Column::LineageId)));
    let is_of_it = Expr::col((Entity, Column::EntryId)).eq(of(&former, entry::Column::Id));
    let select = Query::select()
        .expr_as(Expr::col((entry::Entity, entry::Column::Id)), Alias::new("of"))
        .columns(Column::iter().map(|column| (Entity, column)))
        .from(entry::Entity)
        .join_as(JoinType::InnerJoin, entry::Entity, former, is_former)
        .join(JoinType::InnerJoin, Entity, is_of_it)
        .and_where(Expr::col((entry::Entity, entry::Column::Id)).is_in(entries))
        .order_by((Entity, Column::Id), Order::Asc)
        .take();
    let rows = txn.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", "of")?, Model::from_query_result(row, "")?))).collect()
}

/// The publication of a revision that begins now or, without one, the time in which the entry is withdrawn, after what held before.
pub(crate) fn begin(entry: i64, revision: Option<i64>, at: DateTimeUtc, before: Option<&Model>) -> ActiveModel {
    let lasting = before.filter(|before| before.revision_id.is_some() && revision.is_some());
    ActiveModel {
        entry_id: Set(entry),
        revision_id: Set(revision),
        published_at: Set(at),
        first_id: Set(before.map(Model::first)),
        since_id: Set(lasting.map(Model::since)),
        ..Default::default()
    }
}

/// An entry goes on under another slug: its publications follow those of the old one.
pub(crate) async fn follow(txn: &Transaction, entry: i64, before: &Model) -> crate::Result<()> {
    let since = before.revision_id.map(|_| before.since());
    Entity::update_many()
        .col_expr(Column::FirstId, Some(before.first()).into())
        .col_expr(Column::SinceId, since.into())
        .filter(Column::EntryId.eq(entry))
        .filter(Column::RetiredAt.is_null())
        .filter(Column::RevisionId.is_not_null())
        .exec(txn)
        .await?;
    Ok(())
}

impl Model {
    /// The first publication of the entry.
    fn first(&self) -> i64 {
        self.first_id.unwrap_or(self.id)
    }

    /// The publication since which it is published.
    fn since(&self) -> i64 {
        self.since_id.unwrap_or(self.id)
    }
}

/// Tells other processes, once the transaction is committed, that something was published. SQLite has no way to; there they
/// look themselves.
pub(crate) async fn announce(txn: &Transaction) -> crate::Result<()> {
    if txn.get_database_backend() == DbBackend::Postgres {
        let notify = Query::select().expr(Func::cust("pg_notify").arg(CHANNEL).arg("")).take();
        txn.query_one(&notify).await?;
    }
    Ok(())
}
