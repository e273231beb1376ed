//! Lineages: the entries that one entry was, under each of its slugs.
use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Alias, Expr, ExprTrait as _, JoinType, Query},
};

use crate::{Result, tables::entry};

/// The rows of an entry's lineage, itself among them.
pub(crate) async fn lineage(db: &impl ConnectionTrait, entry: &entry::Model) -> Result<Vec<i64>> {
    let Some(lineage) = entry.lineage_id else { return Ok(vec![entry.id]) };
    let rows = entry::Entity::find().filter(entry::Column::LineageId.eq(lineage)).all(db).await?;
    Ok(rows.into_iter().map(|entry| entry.id).collect())
}

/// The rows of the lineage of each of these entries, itself among them.
pub async fn members(db: &impl ConnectionTrait, entries: Vec<i64>) -> Result<HashMap<i64, Vec<i64>>> {
    let (asked, member) = (Alias::new("asked"), Alias::new("member"));
    let column = |of: &Alias, column: entry::Column| Expr::col((of.clone(), column));
    let is_same = column(&member, entry::Column::Id).eq(column(&asked, entry::Column::Id)).or(column(
        &member,
        entry::Column::LineageId,
    )
    .eq(column(&asked, entry::Column::LineageId)));
    let select = Query::select()
        .expr_as(column(&asked, entry::Column::Id), Alias::new("asked_id"))
        .expr_as(column(&member, entry::Column::Id), Alias::new("member_id"))
        .from_as(entry::Entity, asked.clone())
        .join_as(JoinType::InnerJoin, entry::Entity, member.clone(), is_same)
        .and_where(column(&asked, entry::Column::Id).is_in(entries))
        .take();
    let mut members: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in db.query_all(&select).await? {
        members.entry(row.try_get("", "asked_id")?).or_default().push(row.try_get("", "member_id")?);
    }
    Ok(members)
}
