//! Slugs: which entry has or had one, and where those lead that were given up.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _, JoinType, Query},
};

use super::{
    lineage::lineage,
    state::{EntryKey, State, state},
};
use crate::{
    Error, Perspective, Result,
    tables::{entry, publication, revision},
};

/// Number of slugs that one statement asks about.
const BATCH: usize = 100;

/// Which of these entries the perspective shows: those that a link may lead to.
pub(crate) async fn visible<C: ConnectionTrait>(
    db: &C,
    perspective: Perspective,
    links: &[(&'static str, String)],
) -> Result<Vec<(String, String)>> {
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let asked = links.iter().fold(sea_orm::Condition::any(), |any, (kind, slug)| {
        any.add(entry::Column::Kind.eq(*kind).and(entry::Column::Slug.eq(slug.as_str())))
    });
    let found = entry::Entity::find()
        .select_only()
        .columns([entry::Column::Kind, entry::Column::Slug])
        .filter(asked)
        .filter(perspective.revision_of(&entry::Entity.into_iden()).is_not_null())
        .into_tuple();
    let mut found: Vec<(String, String)> = found.all(db).await?;
    if found.len() < links.len() {
        let redirected = redirected(db, perspective, links).await?;
        found.extend(redirected.into_iter().map(|((kind, slug), ..)| (kind.to_owned(), slug)));
    }
    Ok(found)
}

/// Targets of slugs that entries do not have any more: the visible entries of their lineages, as kind, old slug, id, revision
/// and slug. In the past, a slug leads on only if it had been given up by then. A slug under which nothing was ever published
/// leads on for those who see drafts: to others, it is one that nobody knows.
pub async fn redirected(
    db: &impl ConnectionTrait,
    perspective: Perspective,
    asked: &[EntryKey],
) -> Result<Vec<(EntryKey, i64, i64, String)>> {
    let (old, new) = (Alias::new("old"), Alias::new("new"));
    let column = |of: &Alias, column: entry::Column| Expr::col((of.clone(), column));
    let slugs = asked.iter().fold(sea_orm::Condition::any(), |any, (kind, slug)| {
        any.add(column(&old, entry::Column::Kind).eq(*kind).and(column(&old, entry::Column::Slug).eq(slug.as_str())))
    });
    let same = column(&new, entry::Column::LineageId)
        .eq(column(&old, entry::Column::LineageId))
        .and(column(&new, entry::Column::Kind).eq(column(&old, entry::Column::Kind)));
    let revision = perspective.revision_of(&new.clone().into_iden());
    let mut select = Query::select();
    select
        .expr_as(column(&old, entry::Column::Kind), Alias::new("kind"))
        .expr_as(column(&old, entry::Column::Slug), Alias::new("asked"))
        .expr_as(column(&new, entry::Column::Id), Alias::new("id"))
        .expr_as(revision.clone(), Alias::new("revision"))
        .expr_as(column(&new, entry::Column::Slug), Alias::new("slug"))
        .from_as(entry::Entity, old.clone())
        .join_as(JoinType::InnerJoin, entry::Entity, new.clone(), same)
        .cond_where(slugs)
        .and_where(Expr::expr(revision).is_not_null());
    let until = if let Perspective::AsOf(time) = perspective { Some(time) } else { None };
    if perspective != Perspective::Draft {
        select.and_where(was_published(column(&old, entry::Column::Id), until));
    }
    if let Some(time) = until {
        select.and_where(column(&old, entry::Column::RenamedAt).lte(time));
    }
    let rows = db.query_all(&select).await?;
    let found = rows.iter().map(|row| {
        let (kind, slug): (String, String) = (row.try_get("", "kind")?, row.try_get("", "asked")?);
        let key = asked.iter().find(|(known, old)| *known == kind && *old == slug).cloned();
        Ok::<_, Error>(match key {
            Some(key) => Some((key, row.try_get("", "id")?, row.try_get("", "revision")?, row.try_get("", "slug")?)),
            None => None,
        })
    });
    found.filter_map(Result::transpose).collect()
}

/// Condition that anything was ever published of the entry in this row, or had been by this time.
fn was_published(entry: Expr, until: Option<DateTime<Utc>>) -> Expr {
    let published = Query::select()
        .expr(Expr::val(1))
        .from(publication::Entity)
        .and_where(Expr::col((publication::Entity, publication::Column::EntryId)).eq(entry))
        .and_where(Expr::col((publication::Entity, publication::Column::RevisionId)).is_not_null())
        .and_where_option(until.map(|time| publication::Column::PublishedAt.into_expr().lte(time)))
        .take();
    Expr::exists(published)
}

/// State in the store of the entry that has or had this slug.
pub async fn current(db: &impl ConnectionTrait, kind: &'static str, slug: &str) -> Result<Option<State>> {
    let found = state(db, kind, slug).await?;
    let Some(now) = found.as_ref().and_then(|found| found.entry.renamed_to) else { return Ok(found) };
    match renamed_to(db, vec![now]).await?.get(&now) {
        Some(slug) => state(db, kind, slug).await,
        None => Ok(None),
    }
}

/// Which of these slugs were given up, and those that their entries have by now.
pub(crate) async fn given_up(db: &impl ConnectionTrait, asked: &[EntryKey]) -> Result<HashMap<EntryKey, String>> {
    let mut left: Vec<(EntryKey, i64)> = Vec::new();
    for some in asked.chunks(BATCH) {
        let any = some.iter().fold(Condition::any(), |any, (kind, slug)| {
            any.add(entry::Column::Kind.eq(*kind).and(entry::Column::Slug.eq(slug.as_str())))
        });
        let old = entry::Entity::find().filter(any).filter(entry::Column::RenamedTo.is_not_null()).all(db).await?;
        left.extend(old.into_iter().filter_map(|old| {
            let key = some.iter().find(|(kind, slug)| *kind == old.kind && *slug == old.slug)?;
            Some((key.clone(), old.renamed_to?))
        }));
    }
    if left.is_empty() {
        return Ok(HashMap::new());
    }
    let slugs = renamed_to(db, left.iter().map(|(_, now)| *now).collect()).await?;
    Ok(left.into_iter().filter_map(|(key, now)| Some((key, slugs.get(&now)?.clone()))).collect())
}

/// The same, of those whose entries the perspective shows, or is about to show: where it does not, nobody can link by the slug of today.
pub(crate) async fn given_up_in(
    db: &impl ConnectionTrait,
    perspective: Perspective,
    asked: &[EntryKey],
    is_about_to: impl Fn(&EntryKey) -> bool,
) -> Result<HashMap<EntryKey, String>> {
    let mut given_up = given_up(db, asked).await?;
    let today: Vec<EntryKey> = given_up.iter().map(|((kind, _), now)| (*kind, now.clone())).collect();
    let mut shown = HashSet::new();
    for some in today.chunks(BATCH) {
        shown.extend(visible(db, perspective, some).await?);
    }
    given_up.retain(|(kind, _), now| {
        shown.contains(&((*kind).to_owned(), now.clone())) || is_about_to(&(*kind, now.clone()))
    });
    Ok(given_up)
}

/// The slugs under which each of these entries was published before, and which may lead to it.
pub(crate) async fn former_slugs(
    db: &impl ConnectionTrait,
    entries: &[entry::Model],
) -> Result<HashMap<i64, Vec<String>>> {
    let lineages: Vec<i64> = entries.iter().filter_map(|entry| entry.lineage_id).collect();
    if lineages.is_empty() {
        return Ok(HashMap::new());
    }
    let known = entry::Entity::find()
        .filter(entry::Column::LineageId.is_in(lineages))
        .filter(was_published(Expr::col((entry::Entity, entry::Column::Id)), None));
    let known = known.all(db).await?;
    let former = entries.iter().filter(|entry| entry.lineage_id.is_some()).map(|now| {
        let others = known.iter().filter(|known| known.lineage_id == now.lineage_id && known.id != now.id);
        (now.id, others.map(|other| other.slug.clone()).collect())
    });
    Ok(former.collect())
}

/// The same, of the entry with this slug.
pub async fn former_slugs_of(db: &impl ConnectionTrait, asked: &[EntryKey]) -> Result<HashMap<EntryKey, Vec<String>>> {
    let any = asked.iter().fold(sea_orm::Condition::any(), |any, (kind, slug)| {
        any.add(entry::Column::Kind.eq(*kind).and(entry::Column::Slug.eq(slug.as_str())))
    });
    let entries = entry::Entity::find().filter(any).all(db).await?;
    let mut former = former_slugs(db, &entries).await?;
    let of = |(kind, slug): &EntryKey| {
        let entry = entries.iter().find(|entry| entry.kind == *kind && entry.slug == *slug)?;
        Some(((*kind, slug.clone()), former.remove(&entry.id)?))
    };
    Ok(asked.iter().filter_map(of).collect())
}

/// The slugs that entries gave up, of all kinds.
pub(crate) async fn all_former_slugs(db: &impl ConnectionTrait) -> Result<HashSet<String>> {
    let former = entry::Entity::find()
        .select_only()
        .column(entry::Column::Slug)
        .filter(entry::Column::RenamedTo.is_not_null())
        .into_tuple::<String>();
    Ok(former.all(db).await?.into_iter().collect())
}

/// The slugs that entries have by now, by the rows of those that they were.
pub(crate) async fn renamed_to(db: &impl ConnectionTrait, rows: Vec<i64>) -> Result<HashMap<i64, String>> {
    let found = entry::Entity::find().filter(entry::Column::Id.is_in(rows)).all(db).await?;
    Ok(found.into_iter().map(|entry| (entry.id, entry.slug)).collect())
}

/// The number of the last revision of a lineage.
pub(crate) async fn last_number(db: &impl ConnectionTrait, entry: &entry::Model) -> Result<i32> {
    let last = revision::Entity::find()
        .select_only()
        .column_as(revision::Column::Number.max(), "last")
        .filter(revision::Column::EntryId.is_in(lineage(db, entry).await?))
        .into_tuple::<Option<i32>>();
    Ok(last.one(db).await?.flatten().unwrap_or_default())
}
