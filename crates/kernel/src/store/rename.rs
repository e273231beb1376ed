//! Renaming: an entry gets another slug, and what links to it follows. What was published under the old slug stays as it was for
//! those who look at the past; its lineage leads from any of its slugs to the one that is visible.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _, JoinType, Query},
};

use super::{
    Change, Database,
    audit::{self, Action, Deed},
    batch::Import,
    entry,
    held::relink_held,
    import::Mode,
    publication,
    publish::{Problem, begin, retire},
    release::holding,
    relink::{Moved, guide, relink, relinked},
    revision,
    state::{EntryKey, State, documents, state, states},
    transaction,
};
use crate::{
    Content, Error, Perspective, Result,
    document::{Document, Guide},
    scalar::is_slug,
};

/// What became of an entry that was to be renamed.
pub(crate) enum Renamed {
    /// It has the new slug, and these entries link to that.
    Done(Box<State>, Vec<State>),
    /// There is none of the old slug.
    NotFound,
    /// There is one of the new slug.
    Taken,
    /// It was put away.
    Archived,
    /// A release that is not published yet holds it.
    InRelease(String),
}

impl Renamed {
    /// Why it was not renamed: the argument that hinders, a stable code, and what to say.
    pub(crate) fn hindrance(&self, (kind, from): &EntryKey, to: &str) -> Option<(&'static str, &'static str, String)> {
        match self {
            Self::Done(..) => None,
            Self::NotFound => Some(("slug", "NOT_FOUND", format!("there is no {kind} `{from}`"))),
            Self::Archived => Some(("slug", "ARCHIVED", format!("the {kind} `{from}` was put away before"))),
            Self::InRelease(name) => {
                let (_, message) = Problem::InRelease(name.clone()).code_and_message(&(*kind, from.clone()));
                Some(("slug", "IN_RELEASE", message))
            }
            Self::Taken => Some(("to", "TAKEN", format!("another {kind} has or had the slug `{to}`"))),
        }
    }
}

/// Renames an entry, for commands: how many entries link to it, with the new slug by now. An error where something hinders.
pub async fn rename_entry(
    db: &Database,
    content: &Content,
    kind: &'static str,
    from: &str,
    to: &str,
    change: &Change,
) -> Result<usize> {
    if !is_slug(to) {
        let message = format!(
            "`{to}` is not a valid slug: expected lower-case letters and digits, joined by single hyphens, such as `first-steps-2`."
        );
        return Err(Error::caller("BAD_SLUG", message));
    }
    let key = (kind, from.to_owned());
    let renamed = rename(db, content, &key, to, change).await?;
    match (renamed.hindrance(&key, to), renamed) {
        (Some((_, code, message)), _) => Err(Error::caller(code, message)),
        (None, Renamed::Done(_, followed)) => Ok(followed.len()),
        (None, _) => Ok(0),
    }
}

/// Gives an entry another slug, in one transaction with all that links to it. Its revisions are numbered on.
pub(crate) async fn rename(
    db: &Database,
    content: &Content,
    (kind, from): &EntryKey,
    to: &str,
    change: &Change,
) -> Result<Renamed> {
    let txn = transaction::begin(db).await?;
    let Some(old) = state(&*txn, kind, from).await?.filter(|old| old.entry.renamed_to.is_none()) else {
        return Ok(Renamed::NotFound);
    };
    if old.entry.archived_at.is_some() {
        return Ok(Renamed::Archived);
    }
    if let Some(release) = holding(&*txn, vec![old.entry.id]).await?.remove(&old.entry.id) {
        return Ok(Renamed::InRelease(release));
    }
    let lineage = old.entry.lineage_id.unwrap_or(old.entry.id);
    if let Some(target) = state(&*txn, kind, to).await?
        && (target.entry.lineage_id != Some(lineage) || to == from)
    {
        return Ok(Renamed::Taken);
    }
    let last = last_number(&*txn, &old.entry).await?;
    let mut import = Import::on(txn, content, Mode::Publish, change).await?;
    import.change.message =
        if change.message.is_empty() { format!("Renamed {from} to {to}") } else { change.message.clone() };
    import.relinks = true;
    let moved = Moved { entry: old.entry.id, kind, from, to };
    let mut followed = Vec::new();
    for (mode, head) in [(Mode::Publish, &old.published), (Mode::Draft, &old.draft)] {
        import.mode = mode;
        if let Some(head) = head {
            import.after = last + i32::from(mode == Mode::Draft && old.published.is_some());
            import.write(&[under(content, &import, &moved, head.id).await?.into()]).await?;
            import.flush().await?;
            import.after = 0;
        }
        // Where the world does not see the entry, it does not hear of its new slug: what is published and links to it is drafted anew.
        if mode == Mode::Draft || old.published.is_some() {
            followed.extend(relink(&mut import, content, &moved).await?);
        }
    }
    relink_held(&mut import, content, &moved).await?;
    followed.sort_unstable();
    followed.dedup();
    leave(&import, old, lineage, to).await?;
    let details = format!("it was {from}; {} entries link to it", followed.len());
    let deed = Deed { details, ..Deed::to(Action::Renamed, kind, to, None) };
    audit::record(&import.txn, &import.change, [deed]).await?;
    let renamed = state(&*import.txn, kind, to).await?;
    let mut states = states(&*import.txn, &followed).await?;
    import.mode = Mode::Publish;
    let renamed = renamed.ok_or_else(|| Error::internal("an entry was renamed and is not there"))?;
    import.commit(db).await?;
    Ok(Renamed::Done(Box::new(renamed), followed.iter().filter_map(|key| states.remove(key)).collect()))
}

/// The number of the last revision of a lineage.
pub(super) async fn last_number(db: &impl ConnectionTrait, entry: &entry::Model) -> Result<i32> {
    let last = revision::Entity::find()
        .select_only()
        .column_as(revision::Column::Number.max(), "last")
        .filter(revision::Column::EntryId.is_in(lineage(db, entry).await?))
        .into_tuple::<Option<i32>>();
    Ok(last.one(db).await?.flatten().unwrap_or_default())
}

/// The rows of an entry's lineage, itself among them.
pub(crate) async fn lineage(db: &impl ConnectionTrait, entry: &entry::Model) -> Result<Vec<i64>> {
    let Some(lineage) = entry.lineage_id else { return Ok(vec![entry.id]) };
    let rows = entry::Entity::find().filter(entry::Column::LineageId.eq(lineage)).all(db).await?;
    Ok(rows.into_iter().map(|entry| entry.id).collect())
}

/// The rows of the lineage of each of these entries, itself among them.
pub(crate) async fn members(db: &impl ConnectionTrait, entries: Vec<i64>) -> Result<HashMap<i64, Vec<i64>>> {
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

/// Where slugs lead that entries do not have any more: the visible entries of their lineages, as kind, old slug, id, revision and
/// slug. In the past, a slug leads on only if it had been given up by then. A slug under which nothing was ever published leads on
/// for those who see drafts: to others, it is one that nobody knows.
pub(crate) async fn redirected(
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

/// Whether anything was ever published of the entry in this row, or had been by this time.
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
pub(crate) async fn former_slugs_of(
    db: &impl ConnectionTrait,
    asked: &[EntryKey],
) -> Result<HashMap<EntryKey, Vec<String>>> {
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

/// The document of a revision, under its new slug.
async fn under(content: &Content, import: &Import<'_>, moved: &Moved<'_>, revision: i64) -> Result<Box<Guide>> {
    let mut documents = documents(&*import.txn, content, &[(moved.kind, moved.from, revision)]).await?;
    let document = documents.remove(&revision).ok_or_else(|| Error::internal("a revision has no document"))?;
    let document = Document { slug: moved.to.to_owned(), ..document };
    // It may link to itself.
    match relinked(content, &document, |link| moved.now(link))? {
        Some(relinked) => Ok(relinked),
        None => guide(content, &document),
    }
}

/// Withdraws what was published under the old slug, and joins old and new in one lineage.
async fn leave(import: &Import<'_>, old: State, lineage: i64, to: &str) -> Result<()> {
    let txn = &*import.txn;
    let at = import.change.at;
    if old.published.is_some() {
        retire(txn, vec![old.entry.id], at).await?;
        begin(old.entry.id, None, at).insert(txn).await?;
    }
    let new = state(txn, old.kind, to).await?.ok_or_else(|| Error::internal("the new entry is not there"))?;
    let new_id = new.entry.id;
    let was = old.entry.clone();
    let follows = |pointer: Option<i64>| match pointer {
        Some(_) if pointer == was.published_revision_id => new.entry.published_revision_id,
        Some(_) if pointer == was.draft_revision_id => new.entry.draft_revision_id,
        pointer => pointer,
    };
    let pointers = [was.draft_base_id, was.imported_published_id, was.imported_draft_id].map(follows);
    let mut left = old.entry.into_active_model();
    left.draft_base_id = Set(None);
    left.published_revision_id = Set(None);
    left.draft_revision_id = Set(None);
    left.lineage_id = Set(Some(lineage));
    left.renamed_at = Set(left.renamed_at.take().flatten().or(Some(at)));
    left.update(txn).await?;
    let mut joined = new.entry.into_active_model();
    joined.lineage_id = Set(Some(lineage));
    let [base, published, draft] = pointers;
    joined.draft_base_id = Set(base);
    joined.imported_published_id = Set(published);
    joined.imported_draft_id = Set(draft);
    joined.update(txn).await?;
    for (of, to) in [(entry::Column::Id.ne(new_id), Some(new_id)), (entry::Column::Id.eq(new_id), None)] {
        entry::Entity::update_many()
            .col_expr(entry::Column::RenamedTo, to.into())
            .filter(entry::Column::LineageId.eq(lineage))
            .filter(of)
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// What the store holds of the entry that has or had this slug.
pub(crate) async fn current(db: &impl ConnectionTrait, kind: &'static str, slug: &str) -> Result<Option<State>> {
    let found = state(db, kind, slug).await?;
    let Some(now) = found.as_ref().and_then(|found| found.entry.renamed_to) else { return Ok(found) };
    match renamed_to(db, vec![now]).await?.get(&now) {
        Some(slug) => state(db, kind, slug).await,
        None => Ok(None),
    }
}

/// The slugs that entries have by now, by the rows of those that they were.
pub(super) async fn renamed_to(db: &impl ConnectionTrait, rows: Vec<i64>) -> Result<HashMap<i64, String>> {
    let found = entry::Entity::find().filter(entry::Column::Id.is_in(rows)).all(db).await?;
    Ok(found.into_iter().map(|entry| (entry.id, entry.slug)).collect())
}
