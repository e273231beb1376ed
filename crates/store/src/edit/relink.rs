//! Relinking: what links to a slug that was given up gets the one that the entry has now, so that back links, filters and totals
//! find it.
use std::collections::{HashMap, HashSet};

use document::{CheckedDocument, Document, LinkTo, Path, Step, read_stored};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, IntoActiveModel,
    sea_query::{Alias, Expr, ExprTrait as _, Func, JoinType, Query},
};
use serde_json::Value;

use crate::{
    ContentModel, Error, Result,
    access::audit::{self, Action, AuditEntry},
    entries::{
        slugs::given_up,
        state::{EntryKey, State, documents, states},
    },
    tables::{
        entry,
        release::{item, open_items},
        revision, section,
    },
    writer::{Hashed, Import, summary::Mode},
};

/// Number of documents that are held in memory at once.
const BATCH: usize = 100;

/// An entry that gets another slug.
pub(crate) struct Moved<'a> {
    /// The row that it leaves.
    pub(crate) entry: i64,
    pub(crate) kind: &'static str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
}

impl Moved<'_> {
    /// The slug that a link is to have instead, where it leads to this entry.
    pub(crate) fn now(&self, link: &LinkTo) -> Option<String> {
        (link.kind == self.kind && link.slug == self.from).then(|| self.to.to_owned())
    }
}

/// Writes what links to an entry anew, with its new slug: the published revisions or the drafts, as the mode of the import says.
/// Open releases that hold one of them hold the new one.
pub(crate) async fn relink(
    import: &mut Import<'_>,
    content: &ContentModel,
    moved: &Moved<'_>,
) -> Result<Vec<EntryKey>> {
    let details = format!("it links to the {} {}, which was {}", moved.kind, moved.to, moved.from);
    let mut followed = Vec::new();
    for some in mentioning(import, content, moved).await?.chunks(BATCH) {
        let asked: Vec<_> = some.iter().map(|(kind, slug, revision)| (*kind, slug.as_str(), *revision)).collect();
        let mut documents = documents(&*import.txn, content, &asked).await?;
        let mut anew = Vec::new();
        for (kind, slug, revision) in some {
            let Some(document) = documents.remove(revision) else { continue };
            let Some(guide) = relinked(content, &document, |link| moved.now(link))? else { continue };
            anew.push(Anew { key: (*kind, slug.clone()), before: *revision, guide });
        }
        followed.extend(write_anew(import, anew, &details).await?);
    }
    Ok(followed)
}

/// A document with other slugs in its links.
pub(crate) struct Anew {
    pub(crate) key: EntryKey,
    /// The revision that says the same by other slugs.
    pub(crate) before: i64,
    pub(crate) guide: Box<CheckedDocument>,
}

/// Writes documents with other slugs in their links, each as the published revision or the draft of its entry, as the mode of the
/// import says, with a row in the log.
pub(crate) async fn write_anew(import: &mut Import<'_>, anew: Vec<Anew>, details: &str) -> Result<Vec<EntryKey>> {
    let (mut guides, mut keys, mut before) = (Vec::new(), Vec::new(), Vec::new());
    for Anew { key, before: revision, guide } in anew {
        guides.push(Hashed::from(guide));
        keys.push(key);
        before.push(revision);
    }
    if keys.is_empty() {
        return Ok(keys);
    }
    import.write(&guides).await?;
    import.flush().await?;
    let states = states(&*import.txn, &keys).await?;
    hold_instead(import, &before, &states, &keys).await?;
    record(import, details, &states, &keys).await?;
    if import.mode == Mode::Draft {
        let same = |state: &&State| {
            state.draft.as_ref().map(|draft| &draft.hash) == state.published.as_ref().map(|it| &it.hash)
        };
        let same = states.values().filter(same).filter(|state| !state.is_overtaken());
        drop_drafts(import, same.map(|state| state.entry.id).collect()).await?;
    }
    Ok(keys)
}

/// Leaves what is published of entries as what editors see.
pub(crate) async fn drop_drafts(import: &Import<'_>, entries: Vec<i64>) -> Result<()> {
    use entry::Column::{DraftBaseId, DraftRevisionId};
    import.update(entries, [DraftRevisionId, DraftBaseId].map(|pointer| (pointer, Expr::val(None::<i64>)))).await
}

/// Revision that the mode of the import points at.
fn head<'a>(import: &Import<'_>, state: &'a State) -> Option<&'a revision::Model> {
    match import.mode {
        Mode::Publish => state.published.as_ref(),
        Mode::Draft => state.draft.as_ref(),
    }
}

/// Open releases hold the new revision where they held the one that was relinked.
async fn hold_instead(
    import: &Import<'_>,
    before: &[i64],
    states: &HashMap<EntryKey, State>,
    keys: &[EntryKey],
) -> Result<()> {
    let now: HashMap<i64, i64> = before
        .iter()
        .zip(keys)
        .filter_map(|(before, key)| Some((*before, head(import, states.get(key)?)?.id)))
        .collect();
    // What is published stays so where its draft is written: what began with it goes on from it.
    let published: HashSet<i64> = states.values().filter_map(|state| state.entry.published_revision_id).collect();
    let (held, base) = (item::Column::RevisionId, item::Column::BaseId);
    let led_there = held.is_in(before.to_vec()).or(base.is_in(before.to_vec()));
    for held in open_items(&*import.txn, led_there).await? {
        let mut item = held.clone().into_active_model();
        if let Some(revision) = now.get(&held.revision_id).copied() {
            item.revision_id = Set(revision);
        }
        let base = held.base_id.filter(|base| !published.contains(base));
        if let Some(base) = base.and_then(|base| now.get(&base)).copied() {
            item.base_id = Set(Some(base));
        }
        item.update(&*import.txn).await?;
    }
    Ok(())
}

async fn record(
    import: &Import<'_>,
    details: &str,
    states: &HashMap<EntryKey, State>,
    keys: &[EntryKey],
) -> Result<()> {
    let action = match import.mode {
        Mode::Publish => Action::Published,
        Mode::Draft => Action::Saved,
    };
    let deeds = keys.iter().map(|key| {
        let number = states.get(key).and_then(|state| head(import, state)).map(|head| head.number);
        AuditEntry { details: details.to_owned(), ..AuditEntry::to(action, key.0, &key.1, number) }
    });
    audit::record(&import.txn, &import.change, deeds).await
}

/// Revisions of other entries with a section in which the slug stands as a text: those that link to it, and a few others. For drafts,
/// they are what editors see: what is published, where nothing else is drafted.
async fn mentioning(
    import: &Import<'_>,
    content: &ContentModel,
    moved: &Moved<'_>,
) -> Result<Vec<(&'static str, String, i64)>> {
    use entry::Column::{DraftRevisionId, PublishedRevisionId};
    let seen = match import.mode {
        Mode::Publish => Expr::col((entry::Entity, PublishedRevisionId)),
        Mode::Draft => Func::coalesce([
            Expr::col((entry::Entity, DraftRevisionId)),
            Expr::col((entry::Entity, PublishedRevisionId)),
        ])
        .into(),
    };
    let select = Query::select()
        .distinct()
        .column((entry::Entity, entry::Column::Kind))
        .column((entry::Entity, entry::Column::Slug))
        .expr_as(Expr::col((section::Entity, section::Column::RevisionId)), Alias::new("revision"))
        .from(section::Entity)
        .join(
            JoinType::InnerJoin,
            revision::Entity,
            Expr::col((revision::Entity, revision::Column::Id))
                .eq(Expr::col((section::Entity, section::Column::RevisionId))),
        )
        .join(
            JoinType::InnerJoin,
            entry::Entity,
            Expr::col((entry::Entity, entry::Column::Id))
                .eq(Expr::col((revision::Entity, revision::Column::EntryId)))
                .and(Expr::col((revision::Entity, revision::Column::Id)).eq(seen)),
        )
        .and_where(Expr::col((section::Entity, section::Column::Body)).like(format!("%\"{}\"%", moved.from)))
        .and_where(Expr::col((entry::Entity, entry::Column::Id)).ne(moved.entry))
        .take();
    let rows = import.txn.query_all(&select).await?;
    let mut found = Vec::new();
    for row in rows {
        let kind: String = row.try_get("", "kind")?;
        if let Some(kind) = content.kind(&kind) {
            found.push((kind.name, row.try_get("", "slug")?, row.try_get("", "revision")?));
        }
    }
    Ok(found)
}

/// The document with other slugs in those of its links that are to have one; none where there are none.
pub(crate) fn relinked(
    content: &ContentModel,
    document: &Document,
    now: impl Fn(&LinkTo) -> Option<String>,
) -> Result<Option<Box<CheckedDocument>>> {
    let links = guide(content, document)?.links;
    let moved: Vec<_> = links.iter().filter_map(|link| Some((&link.path, now(link)?))).collect();
    if moved.is_empty() {
        return Ok(None);
    }
    let mut document = document.clone();
    for (_, body) in &mut document.sections {
        let mut section: Value = serde_json::from_str(body)?;
        let mut is_changed = false;
        for (path, slug) in &moved {
            if let Some(value) = at(&mut section, path) {
                *value = slug.as_str().into();
                is_changed = true;
            }
        }
        if is_changed {
            *body = section.to_string();
        }
    }
    guide(content, &document).map(Some)
}

/// A stored document with its typed sections.
pub(crate) fn guide(content: &ContentModel, document: &Document) -> Result<Box<CheckedDocument>> {
    let (guide, _) = read_stored(content, document)?;
    guide.map(Box::new).ok_or_else(|| Error::internal("a stored document cannot be read"))
}

fn at<'a>(value: &'a mut Value, path: &Path) -> Option<&'a mut Value> {
    path.0.iter().try_fold(value, |value, step| match step {
        Step::Field(field) => value.get_mut(field),
        Step::Item(item) => value.get_mut(item),
    })
}

/// A document that is about to be saved, with the slugs that entries have by now; none where all its links have them.
pub(crate) async fn up_to_date(
    db: &impl ConnectionTrait,
    content: &ContentModel,
    guide: &CheckedDocument,
) -> Result<Option<Box<CheckedDocument>>> {
    let asked: Vec<_> = guide.links.iter().map(|link| (link.kind, link.slug.clone())).collect();
    let given_up = given_up(db, &asked).await?;
    if given_up.is_empty() {
        return Ok(None);
    }
    relinked(content, &guide.document, |link| given_up.get(&(link.kind, link.slug.clone())).cloned())
}
