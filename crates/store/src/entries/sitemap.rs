//! Entries that a sitemap names: those that are published, in the order of their slugs, with the time of their last change.
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait as _, Func, IntoIden as _, Order, Query, SelectStatement},
};

use crate::{
    Perspective, PublicationPoint, Result,
    tables::{entry, publication, unlisted},
};

/// The state of all that is published, by its last publication or withdrawal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PublishedState {
    /// The content version.
    pub version: i64,
    /// Time of the last publication or withdrawal: after a backup was restored, the version may come a second time.
    pub at: Option<DateTime<Utc>>,
}

/// The state of all that is published now.
pub async fn published_state(db: &DatabaseConnection) -> Result<PublishedState> {
    let last = publication::Entity::find().order_by_desc(publication::Column::Id).limit(1).one(db).await?;
    Ok(last
        .map_or_else(PublishedState::default, |last| PublishedState { version: last.id, at: Some(last.published_at) }))
}

/// The number of entries of a kind that a sitemap names.
pub async fn count_listed(db: &DatabaseConnection, kind: &str) -> Result<u64> {
    let count = listed(kind).expr_as(Func::count(Expr::col(entry::Column::Id)), Alias::new("number")).take();
    let row = db.query_one(&count).await?;
    let number: i64 = row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(number).unwrap_or_default())
}

/// Entries of a kind that a sitemap names, behind a slug and as many others: slug and time of the last change.
pub async fn listed_entries(
    db: &DatabaseConnection,
    kind: &str,
    after: &str,
    skipped: u64,
    limit: u64,
) -> Result<Vec<(String, DateTime<Utc>)>> {
    let held = Alias::new("held").into_iden();
    let entry = Expr::col((entry::Entity, entry::Column::Id));
    let mut select = listed(kind);
    Perspective::Published.join_publication(&mut select, &held, entry, PublicationPoint::Last);
    let select = select
        .column((entry::Entity, entry::Column::Slug))
        .column((held, publication::Column::PublishedAt))
        .and_where(entry::Column::Slug.gt(after))
        .order_by((entry::Entity, entry::Column::Slug), Order::Asc)
        .offset(skipped)
        .limit(limit)
        .take();
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", "slug")?, row.try_get("", "published_at")?))).collect()
}

/// The condition of all: whoever has to be left out of sitemaps is left out here.
fn listed(kind: &str) -> SelectStatement {
    let revision = || Perspective::Published.revision_of(&entry::Entity.into_iden());
    let left_out = Query::select()
        .expr(Expr::val(1))
        .from(unlisted::Entity)
        .and_where(Expr::col((unlisted::Entity, unlisted::Column::RevisionId)).eq(revision()))
        .take();
    Query::select()
        .from(entry::Entity)
        .and_where(entry::Column::Kind.eq(kind))
        .and_where(revision().is_not_null())
        .and_where(Expr::not_exists(left_out))
        .take()
}
