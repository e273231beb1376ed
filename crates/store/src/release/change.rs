//! Changes of releases that are not published yet.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, sea_query::OnConflict,
};

use super::{Entity, Model, release};
use crate::{
    ChangeInfo, Database, Result,
    access::{
        audit::{self, Action, AuditEntry},
        change::CommitStamp,
    },
    database::transaction::{self, Transaction, Writer},
    edit::{
        overtaken::is_not,
        publish::{Done, ToPublish, of_entry},
        publish_error::PublishError,
    },
    entries::state::{EntryKey, State, states},
    tables::{
        release::{ActiveModel, item},
        revision,
    },
};

/// A reason why a release as a whole does not change.
pub enum ReleaseError {
    /// There is none of this name.
    NotFound,
    /// There is one of this name already.
    Exists,
    /// It is published, and can no longer be changed.
    Published(DateTime<Utc>),
}

/// Makes a release.
pub async fn create_release(db: &Database, name: &str, change: &ChangeInfo) -> Result<Result<Model, ReleaseError>> {
    let txn = transaction::begin(db).await?;
    if release(&*txn, name).await?.is_some() {
        return Ok(Err(ReleaseError::Exists));
    }
    let change = change.begun(&txn).await?;
    let release = ActiveModel {
        name: Set(name.to_owned()),
        author: Set(change.author.clone()),
        created_at: Set(change.at),
        ..Default::default()
    };
    let release = release.insert(&*txn).await?;
    record(&txn, &change, Action::CreatedRelease, name, "").await?;
    txn.commit().await?;
    Ok(Ok(release))
}

/// Begins to change a release that is not published yet.
pub(super) async fn open(
    db: &Database,
    name: &str,
    change: &ChangeInfo,
) -> Result<Result<(Writer, Model, CommitStamp), ReleaseError>> {
    let txn = transaction::begin(db).await?;
    let Some(found) = release(&*txn, name).await? else { return Ok(Err(ReleaseError::NotFound)) };
    if let Some(at) = found.published_at {
        return Ok(Err(ReleaseError::Published(at)));
    }
    let change = change.begun(&txn).await?;
    Ok(Ok((txn, found, change)))
}

/// Puts revisions into a release, all or none; each takes the place of the revision of the same entry that is there.
pub async fn add_to_release(
    db: &Database,
    name: &str,
    added: &[ToPublish],
    change: &ChangeInfo,
) -> Result<Result<(Model, Done), ReleaseError>> {
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    let keys: Vec<_> = added.iter().map(|item| item.key.clone()).collect();
    let (states, mut done) = (states(&*txn, &keys).await?, Done::default());
    let (mut rows, mut seen) = (Vec::new(), HashSet::new());
    for (index, ToPublish { key, revision, over }) in added.iter().enumerate() {
        let found = match (states.get(key).filter(|state| state.is_current()), revision) {
            _ if !seen.insert(key) => Err(PublishError::Twice),
            (None, _) => Err(PublishError::NotFound),
            (Some(state), Some(number)) => of_entry(&*txn, state, *number).await?,
            (Some(state), None) => state.draft.clone().ok_or(PublishError::NoDraft),
        };
        match found {
            Ok(revision) => match base(states.get(key), &revision, *over) {
                Ok(base) => rows.push(item::ActiveModel {
                    release_id: Set(release.id),
                    entry_id: Set(revision.entry_id),
                    revision_id: Set(revision.id),
                    base_id: Set(base),
                }),
                Err(problem) => done.problems.push((index, problem)),
            },
            Err(problem) => done.problems.push((index, problem)),
        }
    }
    if done.problems.is_empty() && !rows.is_empty() {
        let again = OnConflict::columns([item::Column::ReleaseId, item::Column::EntryId])
            .update_columns([item::Column::RevisionId, item::Column::BaseId])
            .to_owned();
        item::Entity::insert_many(rows).on_conflict(again).exec_without_returning(&*txn).await?;
        record(&txn, &change, Action::ChangedRelease, name, &listed("added", &keys)).await?;
        txn.commit().await?;
    }
    Ok(Ok((release, done)))
}

/// The revision that one which is put into a release replaces: the base of its draft, or the published one where somebody names that or
/// goes back to a revision of the past.
fn base(state: Option<&State>, revision: &revision::Model, over: Option<i32>) -> Result<Option<i64>, PublishError> {
    let Some(state) = state else { return Err(PublishError::NotFound) };
    if let Some(problem) = over.and_then(|over| is_not(state, revision, over)) {
        return Err(problem);
    }
    let is_draft = state.draft.as_ref().is_some_and(|draft| draft.id == revision.id);
    Ok(if is_draft && over.is_none() { state.entry.draft_base_id } else { state.entry.published_revision_id })
}

/// Takes entries out of a release; those that are not in it make no difference.
pub async fn remove_from_release(
    db: &Database,
    name: &str,
    keys: &[EntryKey],
    change: &ChangeInfo,
) -> Result<Result<Model, ReleaseError>> {
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    let entries: Vec<_> = states(&*txn, keys).await?.into_values().map(|state| state.entry.id).collect();
    let removed = item::Entity::delete_many()
        .filter(item::Column::ReleaseId.eq(release.id))
        .filter(item::Column::EntryId.is_in(entries));
    removed.exec(&*txn).await?;
    record(&txn, &change, Action::ChangedRelease, name, &listed("removed", keys)).await?;
    txn.commit().await?;
    Ok(Ok(release))
}

/// Sets the time at which the server publishes a release by itself; without one, it does not any more.
pub async fn schedule_release(
    db: &Database,
    name: &str,
    at: Option<DateTime<Utc>>,
    change: &ChangeInfo,
) -> Result<Result<Model, ReleaseError>> {
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    let mut release = release.into_active_model();
    release.scheduled_at = Set(at);
    release.failure = Set(None);
    let release = release.update(&*txn).await?;
    let details = at.map_or_else(|| "no longer scheduled".to_owned(), |at| format!("scheduled for {at}"));
    record(&txn, &change, Action::ChangedRelease, name, &details).await?;
    txn.commit().await?;
    Ok(Ok(release))
}

/// Deletes a release that is not published. The drafts in it stay as they are.
pub async fn delete_release(db: &Database, name: &str, change: &ChangeInfo) -> Result<Result<Model, ReleaseError>> {
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    Entity::delete_by_id(release.id).exec(&*txn).await?;
    record(&txn, &change, Action::DeletedRelease, name, "").await?;
    txn.commit().await?;
    Ok(Ok(release))
}

/// Records what was done to a release.
pub(super) async fn record(
    txn: &Transaction,
    change: &CommitStamp,
    action: Action,
    name: &str,
    details: &str,
) -> Result<()> {
    let details = if details.is_empty() { name.to_owned() } else { format!("{name}: {details}") };
    audit::record(txn, change, [AuditEntry { details, ..AuditEntry::of(action) }]).await
}

/// Entries as the audit log lists them.
fn listed(what: &str, keys: &[EntryKey]) -> String {
    let keys: Vec<_> = keys.iter().map(|(kind, slug)| format!("{kind} {slug}")).collect();
    format!("{what} {}", keys.join(", "))
}
