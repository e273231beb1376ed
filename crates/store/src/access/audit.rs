//! The audit log: who did what, when, with which token. Rows are added in the transaction of what they tell of, and never
//! change: triggers of the database see to that.
use async_graphql::Enum;
use sea_orm::{ActiveValue::Set, EntityTrait, entity::prelude::*};

use super::change::CommitStamp;
use crate::{Database, Result, Span, database::transaction::Transaction};

/// One deed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// Its row; grows.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Time at which it was done.
    pub at: DateTimeUtc,
    /// The token it was done with; null for a command beside the database, and for what the server does by itself.
    pub token_id: Option<i64>,
    /// Author, as they call themselves.
    pub author: String,
    /// Action that was done.
    pub action: String,
    /// The kind of the entry it was done to.
    pub kind: Option<String>,
    /// The slug of the entry at that time.
    pub slug: Option<String>,
    /// The number of the revision.
    pub revision: Option<i32>,
    /// Further information.
    pub details: String,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Action that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "AuditAction")]
pub enum Action {
    /// A draft was saved.
    Saved,
    /// A revision was published.
    Published,
    /// An entry was withdrawn.
    Unpublished,
    /// An older revision was restored as the draft.
    Restored,
    /// An entry was archived.
    Archived,
    /// An entry was renamed.
    Renamed,
    /// Documents were imported from files.
    Imported,
    /// A release was created.
    CreatedRelease,
    /// The content or the time of a release was changed.
    ChangedRelease,
    /// A release was published.
    PublishedRelease,
    /// A release could not be published at its time.
    FailedRelease,
    /// A release was deleted.
    DeletedRelease,
    /// A webhook was created.
    CreatedWebhook,
    /// The settings of a webhook were changed.
    ChangedWebhook,
    /// A webhook was deleted.
    DeletedWebhook,
    /// A message to a webhook was requested again.
    Redelivered,
    /// A token was created.
    CreatedToken,
    /// A token was revoked.
    RevokedToken,
    /// A preview link was created.
    CreatedPreviewLink,
    /// A preview link was revoked, or all of them.
    RevokedPreviewLink,
}

impl Action {
    const ALL: [(Self, &'static str); 20] = [
        (Self::Saved, "saved"),
        (Self::Published, "published"),
        (Self::Unpublished, "unpublished"),
        (Self::Restored, "restored"),
        (Self::Archived, "archived"),
        (Self::Renamed, "renamed"),
        (Self::Imported, "imported"),
        (Self::CreatedRelease, "created-release"),
        (Self::ChangedRelease, "changed-release"),
        (Self::PublishedRelease, "published-release"),
        (Self::FailedRelease, "failed-release"),
        (Self::DeletedRelease, "deleted-release"),
        (Self::CreatedWebhook, "created-webhook"),
        (Self::ChangedWebhook, "changed-webhook"),
        (Self::DeletedWebhook, "deleted-webhook"),
        (Self::Redelivered, "redelivered"),
        (Self::CreatedToken, "created-token"),
        (Self::RevokedToken, "revoked-token"),
        (Self::CreatedPreviewLink, "created-preview-link"),
        (Self::RevokedPreviewLink, "revoked-preview-link"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(action, _)| *action == self).map_or("", |(_, name)| name)
    }

    /// The action of this name; none where this version of the program does not know it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(action, _)| *action)
    }
}

/// Action that is to be recorded.
pub(crate) struct AuditEntry {
    pub(crate) action: Action,
    pub(crate) kind: Option<String>,
    pub(crate) slug: Option<String>,
    pub(crate) revision: Option<i32>,
    pub(crate) details: String,
}

impl AuditEntry {
    /// Something done to no entry.
    pub(crate) fn of(action: Action) -> Self {
        Self { action, kind: None, slug: None, revision: None, details: String::new() }
    }

    /// Something done to an entry.
    pub(crate) fn to(action: Action, kind: &str, slug: &str, revision: Option<i32>) -> Self {
        Self { kind: Some(kind.to_owned()), slug: Some(slug.to_owned()), revision, ..Self::of(action) }
    }
}

/// Records deeds of one change.
pub(crate) async fn record(
    txn: &Transaction,
    change: &CommitStamp,
    deeds: impl IntoIterator<Item = AuditEntry>,
) -> Result<()> {
    let rows: Vec<_> = deeds
        .into_iter()
        .map(|deed| ActiveModel {
            at: Set(change.at),
            token_id: Set(change.token),
            author: Set(change.author.clone()),
            action: Set(deed.action.name().to_owned()),
            kind: Set(deed.kind),
            slug: Set(deed.slug),
            revision: Set(deed.revision),
            details: Set(deed.details),
            ..Default::default()
        })
        .collect();
    for rows in rows.chunks(500) {
        Entity::insert_many(rows.to_vec()).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// A stretch of the log.
pub async fn audit(db: &Database, span: Span) -> Result<Vec<Model>> {
    Ok(span.of(Entity::find(), Column::Id).all(&**db).await?)
}
