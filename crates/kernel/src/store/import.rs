//! Import: checked documents become drafts or publications, all of them or none.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{ExprTrait as _, IntoIden as _},
};

use super::{
    Database, Rows, entry,
    publish::{announce, publish},
    revision, rows, section, transaction,
};
use crate::{
    Content, Entry, Error, Perspective, Result,
    document::{Document, Guide},
};

/// What an import makes of its documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Drafts, which the endpoint does not show.
    Draft,
    /// What the world sees from now on.
    Publish,
}

/// Who imports, why, and when.
#[derive(Clone, Debug)]
pub struct Change {
    /// The author of the revisions.
    pub author: String,
    /// The message of the revisions.
    pub message: String,
    /// The time of the revisions and publications.
    pub at: DateTime<Utc>,
}

impl Mode {
    /// The perspective in which the documents will be seen, and in which their links must lead somewhere.
    pub fn perspective(self) -> Perspective {
        match self {
            Self::Draft => Perspective::Draft,
            Self::Publish => Perspective::Published,
        }
    }
}

/// What became of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Imported {
    /// The entry is new.
    Created,
    /// The entry has a new revision, or an older one was published.
    Updated,
    /// The entry has this content already; nothing was written.
    Unchanged,
}

/// What became of all documents, in their order: kind, slug, outcome.
#[derive(Clone, Debug, Default)]
pub struct Summary(pub Vec<(&'static str, String, Imported)>);

impl Summary {
    /// How many documents had this outcome.
    pub fn count(&self, outcome: Imported) -> usize {
        self.0.iter().filter(|(_, _, imported)| *imported == outcome).count()
    }
}

/// Whether the database holds no entry yet.
pub async fn is_empty(db: &Database) -> Result<bool> {
    Ok(entry::Entity::find().limit(1).count(&**db).await? == 0)
}

/// Imports documents that were checked and have no errors, in one transaction.
pub async fn import(
    db: &Database,
    content: &Content,
    guides: &[Guide],
    mode: Mode,
    change: &Change,
) -> Result<Summary> {
    let txn = transaction::begin(db).await?;
    let mut run = Run { txn: &txn, content, mode, change, rows: Rows::default() };
    let mut summary = Summary::default();
    for guide in guides {
        let outcome = run.document(guide).await?;
        summary.0.push((guide.document.kind, guide.document.slug.clone(), outcome));
    }
    run.rows.write(&txn).await?;
    if mode == Mode::Publish {
        announce(&txn).await?;
    }
    txn.commit().await?;
    db.refresh().await?;
    Ok(summary)
}

struct Run<'a> {
    txn: &'a DatabaseTransaction,
    content: &'a Content,
    mode: Mode,
    change: &'a Change,
    rows: Rows,
}

impl Run<'_> {
    async fn document(&mut self, guide: &Guide) -> Result<Imported> {
        let document = &guide.document;
        let hash = document.hash();
        let Some(found) = self.find(document).await? else {
            let fresh = entry::ActiveModel {
                kind: Set(document.kind.to_owned()),
                slug: Set(document.slug.clone()),
                ..Default::default()
            };
            let fresh = fresh.insert(self.txn).await?;
            let revision = self.write(guide, &fresh, 1, hash).await?;
            self.point(fresh, revision).await?;
            return Ok(Imported::Created);
        };
        let hashes = self.hashes(&found).await?;
        let is = |pointer: Option<i64>| pointer.filter(|id| hashes.get(id) == Some(&hash));
        let current = match self.mode {
            Mode::Draft => found.draft_revision_id.or(found.published_revision_id),
            Mode::Publish => found.published_revision_id,
        };
        if is(current).is_some() {
            return Ok(Imported::Unchanged);
        }
        let revision = match is(found.draft_revision_id) {
            Some(draft) => draft,
            None => self.write(guide, &found, self.next_number(&found).await?, hash).await?,
        };
        self.point(found, revision).await?;
        Ok(Imported::Updated)
    }

    async fn find(&self, document: &Document) -> Result<Option<entry::Model>> {
        let found = entry::Entity::find()
            .filter(entry::Column::Kind.eq(document.kind))
            .filter(entry::Column::Slug.eq(document.slug.as_str()));
        Ok(found.one(self.txn).await?)
    }

    /// The hashes of what the entry points at.
    async fn hashes(&self, found: &entry::Model) -> Result<HashMap<i64, String>> {
        let pointers = [found.published_revision_id, found.draft_revision_id].into_iter().flatten();
        let rows = revision::Entity::find()
            .select_only()
            .columns([revision::Column::Id, revision::Column::Hash])
            .filter(revision::Column::Id.is_in(pointers))
            .into_tuple()
            .all(self.txn)
            .await?;
        Ok(rows.into_iter().collect())
    }

    async fn next_number(&self, found: &entry::Model) -> Result<i32> {
        let last: Option<i32> = revision::Entity::find()
            .select_only()
            .column(revision::Column::Number)
            .filter(revision::Column::EntryId.eq(found.id))
            .order_by_desc(revision::Column::Number)
            .limit(1)
            .into_tuple()
            .one(self.txn)
            .await?;
        Ok(last.unwrap_or_default() + 1)
    }

    /// Writes a revision: its sections now, the rows of the modules with those of the other documents.
    async fn write(&mut self, guide: &Guide, of: &entry::Model, number: i32, hash: String) -> Result<i64> {
        let document = &guide.document;
        let written = revision::ActiveModel {
            entry_id: Set(of.id),
            number: Set(number),
            hash: Set(hash),
            author: Set(self.change.author.clone()),
            message: Set(self.change.message.clone()),
            created_at: Set(self.change.at),
            ..Default::default()
        };
        let revision = written.insert(self.txn).await?.id;
        let sections = document.sections.iter().map(|(name, body)| section::ActiveModel {
            revision_id: Set(revision),
            name: Set((*name).to_owned()),
            body: Set(body.clone()),
        });
        rows::insert(self.txn, sections.collect()).await?;
        let entry = Entry::new(document.kind, of.id, document.slug.clone(), revision);
        let kind = self.content.kind(document.kind);
        let kind = kind.ok_or_else(|| Error::internal(format!("no module in the list owns `{}`", document.kind)))?;
        for project in &kind.projects {
            project(guide, &entry, &mut self.rows);
        }
        Ok(revision)
    }

    /// Points the entry at the revision.
    async fn point(&self, at: entry::Model, revision: i64) -> Result<()> {
        let was = at.clone();
        let mut entry = at.into_active_model();
        match self.mode {
            Mode::Draft => entry.draft_revision_id = Set(Some(revision)),
            Mode::Publish => {
                entry.published_revision_id = Set(Some(revision));
                if was.draft_revision_id == Some(revision) {
                    entry.draft_revision_id = Set(None);
                }
                publish(self.txn, &was, Some(revision), self.change.at).await?;
            }
        }
        entry.update(self.txn).await?;
        Ok(())
    }
}

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
    Ok(found.all(db).await?)
}
