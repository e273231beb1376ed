//! The visible entries of a kind, a stretch at a time, in the order of their slugs.
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection,
    sea_query::{Alias, Expr, ExprTrait, IntoIden, Order, Query},
};

use crate::{Perspective, Result, tables::entry};

/// Maximum number of entries in a stretch.
const BATCH: u64 = 500;

/// Entries of a kind from a slug on, as many as are held at once: slug and visible revision.
pub async fn visible_entries(
    db: &DatabaseConnection,
    perspective: Perspective,
    kind: &str,
    from: &str,
) -> Result<Vec<(String, i64)>> {
    page_of(db, perspective, kind, Some(entry::Column::Slug.gte(from)), Order::Asc).await
}

/// Position of a walk through entries against the order of their slugs.
pub enum Below {
    /// At the end of the list.
    End,
    /// At this slug, which is still to be looked at.
    Or(String),
    /// At this slug, which was looked at.
    Only(String),
}

/// Entries of a kind against the order of their slugs, as many as are held at once: slug and visible revision.
pub async fn visible_entries_back(
    db: &DatabaseConnection,
    perspective: Perspective,
    kind: &str,
    below: &Below,
) -> Result<Vec<(String, i64)>> {
    let place = match below {
        Below::End => None,
        Below::Or(slug) => Some(entry::Column::Slug.lte(slug)),
        Below::Only(slug) => Some(entry::Column::Slug.lt(slug)),
    };
    page_of(db, perspective, kind, place, Order::Desc).await
}

/// The next entries of a kind: slug and visible revision.
pub(crate) async fn visible_after(
    db: &DatabaseConnection,
    perspective: Perspective,
    kind: &str,
    after: &str,
) -> Result<Vec<(String, i64)>> {
    page_of(db, perspective, kind, Some(entry::Column::Slug.gt(after)), Order::Asc).await
}

async fn page_of(
    db: &DatabaseConnection,
    perspective: Perspective,
    kind: &str,
    place: Option<Expr>,
    order: Order,
) -> Result<Vec<(String, i64)>> {
    let revision = perspective.of_lists().revision_of(&entry::Entity.into_iden());
    let select = Query::select()
        .column(entry::Column::Slug)
        .expr_as(revision.clone(), Alias::new("revision"))
        .from(entry::Entity)
        .and_where(entry::Column::Kind.eq(kind))
        .and_where_option(place)
        .and_where(Expr::expr(revision).is_not_null())
        .order_by(entry::Column::Slug, order)
        .limit(BATCH)
        .take();
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", "slug")?, row.try_get("", "revision")?))).collect()
}
