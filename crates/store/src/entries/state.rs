//! State of an entry in the store: its pointers and the revisions they lead to. For those who edit; readers have perspectives.
use std::collections::HashMap;

use document::Document;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, sea_query::ExprTrait as _};

use super::lineage::lineage;
use crate::{
    ContentModel, Database, Error, Result,
    tables::{entry, revision, section::bodies},
};

/// A kind and a slug.
pub type EntryKey = (&'static str, String);

/// Number of entries that one statement asks about.
const ASKED: usize = 200;

/// An entry and the revisions that it points at.
#[derive(Clone, Debug)]
pub struct State {
    /// The kind of its document.
    pub kind: &'static str,
    /// Its row.
    pub entry: entry::Model,
    /// Revision that the world sees.
    pub published: Option<revision::Model>,
    /// Revision that editors work on, where it differs.
    pub draft: Option<revision::Model>,
}

impl State {
    /// Tells whether the entry still has its slug.
    pub fn is_current(&self) -> bool {
        self.entry.renamed_to.is_none()
    }

    /// Revision that editors see: the draft, else what is published.
    pub fn head(&self) -> Option<&revision::Model> {
        self.draft.as_ref().or(self.published.as_ref())
    }

    /// Tells whether the draft began with something else than what is published now.
    pub fn is_overtaken(&self) -> bool {
        self.draft.is_some() && self.entry.draft_base_id != self.entry.published_revision_id
    }

    /// The newest of both: an import may have published a revision since the draft was saved.
    pub fn newest(&self) -> Option<&revision::Model> {
        self.draft.iter().chain(&self.published).max_by_key(|revision| revision.number)
    }
}

/// State of an entry in the store.
pub async fn state(db: &impl ConnectionTrait, kind: &'static str, slug: &str) -> Result<Option<State>> {
    let key = (kind, slug.to_owned());
    Ok(states(db, std::slice::from_ref(&key)).await?.remove(&key))
}

/// States in the store of the entries in these rows.
pub(crate) async fn pointed_at(
    db: &impl ConnectionTrait,
    content: &ContentModel,
    entries: Vec<i64>,
) -> Result<HashMap<i64, State>> {
    let mut found = HashMap::new();
    for some in entries.chunks(ASKED) {
        let entries = entry::Entity::find().filter(entry::Column::Id.is_in(some.to_vec())).all(db).await?;
        let states = with_revisions(db, entries, |kind| content.kind(kind).map(|kind| kind.name)).await?;
        found.extend(states.into_iter().map(|state| (state.entry.id, state)));
    }
    Ok(found)
}

async fn with_revisions(
    db: &impl ConnectionTrait,
    entries: Vec<entry::Model>,
    kind: impl Fn(&str) -> Option<&'static str>,
) -> Result<Vec<State>> {
    let pointers =
        entries.iter().flat_map(|entry: &entry::Model| [entry.published_revision_id, entry.draft_revision_id]);
    let revisions = revisions(db, pointers.flatten().collect()).await?;
    let pointed = |id: Option<i64>| id.and_then(|id| revisions.get(&id).cloned());
    let state = |entry: entry::Model| {
        let (published, draft) = (pointed(entry.published_revision_id), pointed(entry.draft_revision_id));
        Some(State { kind: kind(&entry.kind)?, entry, published, draft })
    };
    Ok(entries.into_iter().filter_map(state).collect())
}

/// States of entries in the store.
pub(crate) async fn states(db: &impl ConnectionTrait, keys: &[EntryKey]) -> Result<HashMap<EntryKey, State>> {
    let mut states = HashMap::new();
    for keys in keys.chunks(ASKED) {
        let asked = keys.iter().fold(Condition::any(), |any, (kind, slug)| {
            any.add(entry::Column::Kind.eq(*kind).and(entry::Column::Slug.eq(slug.as_str())))
        });
        let entries = entry::Entity::find().filter(asked).all(db).await?;
        let known = |name: &str| keys.iter().map(|(kind, _)| *kind).find(|kind| *kind == name);
        let found = with_revisions(db, entries, known).await?;
        states.extend(found.into_iter().map(|state| ((state.kind, state.entry.slug.clone()), state)));
    }
    Ok(states)
}

/// Revisions by their ids.
pub(crate) async fn revisions(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<i64, revision::Model>> {
    let found = revision::Entity::find().filter(revision::Column::Id.is_in(ids)).all(db).await?;
    Ok(found.into_iter().map(|revision| (revision.id, revision)).collect())
}

/// The revision of an entry with this number.
pub async fn revision(db: &impl ConnectionTrait, entry: &entry::Model, number: i32) -> Result<Option<revision::Model>> {
    let found = revision::Entity::find()
        .filter(revision::Column::EntryId.is_in(lineage(db, entry).await?))
        .filter(revision::Column::Number.eq(number));
    Ok(found.one(db).await?)
}

/// The documents of revisions: kind, slug and id of each.
pub async fn documents(
    db: &impl ConnectionTrait,
    content: &ContentModel,
    asked: &[(&'static str, &str, i64)],
) -> Result<HashMap<i64, Document>> {
    let mut sections = bodies(db, asked.iter().map(|(_, _, revision)| *revision).collect()).await?;
    let documents = asked.iter().map(|(kind, slug, revision)| {
        let mut bodies = sections.remove(revision).unwrap_or_default();
        let spec = content.kind(kind).ok_or_else(|| Error::internal(format!("no module in the list owns `{kind}`")))?;
        let known = spec.sections.iter().map(|spec| spec.name);
        let sections = known.filter_map(|name| bodies.remove(name).map(|body| (name, body))).collect();
        Ok((*revision, Document { kind: spec.name, slug: (*slug).to_owned(), sections }))
    });
    documents.collect()
}

/// The row of an entry that editors see.
pub(crate) async fn row_of(db: &impl ConnectionTrait, kind: &str, slug: &str) -> Result<Option<i64>> {
    let found = entry::Entity::find()
        .filter(entry::Column::Kind.eq(kind))
        .filter(entry::Column::Slug.eq(slug))
        .filter(entry::Column::RenamedTo.is_null())
        .filter(entry::Column::ArchivedAt.is_null());
    Ok(found.one(db).await?.map(|entry| entry.id))
}

/// Tells whether editors see an entry of this kind and slug.
pub async fn has_draft_or_publication(db: &Database, kind: &str, slug: &str) -> Result<bool> {
    Ok(row_of(&**db, kind, slug).await?.is_some())
}
