//! Releases: named sets of revisions, previewed as a whole and published at once. A release holds revisions, not drafts: what is
//! drafted after it was put in does not change it.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};

use super::{
    Change, Database,
    audit::{self, Action, Deed},
    change::Begun,
    follow::follow_published,
    overtaken::{is_not, overtaken},
    publish::{Done, Problem, Target, ToPublish, check, finish, of_entry, publish_targets},
    revision,
    state::{EntryKey, State, pointed_at, revisions, states},
    transaction::{self, Transaction, Writer},
    webhook::{catch_up, enqueue_release},
};
use crate::{Content, Error, Result, scalar::is_slug};

/// One release.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release")]
pub(crate) struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name, unique.
    pub name: String,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When the server is to publish it.
    pub scheduled_at: Option<DateTimeUtc>,
    /// When it was published.
    pub published_at: Option<DateTimeUtc>,
    /// Why it could not be published when it was due.
    pub failure: Option<String>,
    /// The content version from which on it was published: the last of the publications that it made, or one before where all that
    /// it holds was published already.
    pub publication_id: Option<i64>,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a release holds.
pub(crate) mod item {
    use sea_orm::entity::prelude::*;

    /// A revision in a release.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "release_entry")]
    #[expect(clippy::struct_field_names, reason = "they are the names of the columns")]
    pub(crate) struct Model {
        /// The release.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) release_id: i64,
        /// The entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) entry_id: i64,
        /// The revision of it.
        pub(crate) revision_id: i64,
        /// What was published when the revision was begun.
        pub(crate) base_id: Option<i64>,
    }

    /// There are none.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entry in a release, and the revision of it.
pub(crate) struct Item {
    pub(crate) state: State,
    pub(crate) revision: revision::Model,
    pub(crate) base: Option<i64>,
}

/// The release of this name.
pub(crate) async fn release(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>> {
    // No release has another name.
    if !is_slug(name) {
        return Ok(None);
    }
    Ok(Entity::find().filter(Column::Name.eq(name)).one(db).await?)
}

/// All releases, the newest first.
pub(crate) async fn releases(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_desc(Column::Id).all(db).await?)
}

/// What a release holds, in the order of kinds and slugs.
pub(crate) async fn items(db: &impl ConnectionTrait, content: &Content, release: i64) -> Result<Vec<Item>> {
    let held = item::Entity::find().filter(item::Column::ReleaseId.eq(release)).all(db).await?;
    let entries = held.iter().map(|item| item.entry_id).collect();
    let mut states: HashMap<i64, State> = pointed_at(db, content, entries).await?;
    let mut held_revisions = revisions(db, held.iter().map(|item| item.revision_id).collect()).await?;
    let mut items: Vec<_> = held
        .iter()
        .filter_map(|item| {
            let (state, revision) = (states.remove(&item.entry_id)?, held_revisions.remove(&item.revision_id)?);
            Some(Item { state, revision, base: item.base_id })
        })
        .collect();
    items.sort_by(|a, b| (a.state.kind, &a.state.entry.slug).cmp(&(b.state.kind, &b.state.entry.slug)));
    Ok(items)
}

/// What hinders a change of a release as a whole.
pub(crate) enum Hindrance {
    /// There is none of this name.
    NotFound,
    /// There is one of this name already.
    Exists,
    /// It is published, and does not change any more.
    Published(DateTime<Utc>),
}

/// Makes a release.
pub(crate) async fn create_release(db: &Database, name: &str, change: &Change) -> Result<Result<Model, Hindrance>> {
    let txn = transaction::begin(db).await?;
    if release(&*txn, name).await?.is_some() {
        return Ok(Err(Hindrance::Exists));
    }
    let change = change.begun(&*txn).await?;
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
async fn open(db: &Database, name: &str, change: &Change) -> Result<Result<(Writer, Model, Begun), Hindrance>> {
    let txn = transaction::begin(db).await?;
    let Some(found) = release(&*txn, name).await? else { return Ok(Err(Hindrance::NotFound)) };
    if let Some(at) = found.published_at {
        return Ok(Err(Hindrance::Published(at)));
    }
    let change = change.begun(&*txn).await?;
    Ok(Ok((txn, found, change)))
}

/// Puts revisions into a release, all or none; each takes the place of the revision of the same entry that is there.
pub(crate) async fn add_to_release(
    db: &Database,
    name: &str,
    added: &[ToPublish],
    change: &Change,
) -> Result<Result<(Model, Done), Hindrance>> {
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    let keys: Vec<_> = added.iter().map(|item| item.key.clone()).collect();
    let (states, mut done) = (states(&*txn, &keys).await?, Done::default());
    let (mut rows, mut seen) = (Vec::new(), HashSet::new());
    for (index, ToPublish { key, revision, over }) in added.iter().enumerate() {
        let found = match (states.get(key).filter(|state| state.is_current()), revision) {
            _ if !seen.insert(key) => Err(Problem::Twice),
            (None, _) => Err(Problem::NotFound),
            (Some(state), Some(number)) => of_entry(&*txn, state, *number).await?,
            (Some(state), None) => state.draft.clone().ok_or(Problem::NoDraft),
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

/// What a revision that is put into a release replaces: what its draft began with, or what is published now, where somebody names
/// that or goes back to a revision of the past.
fn base(state: Option<&State>, revision: &revision::Model, over: Option<i32>) -> Result<Option<i64>, Problem> {
    let Some(state) = state else { return Err(Problem::NotFound) };
    if let Some(problem) = over.and_then(|over| is_not(state, revision, over)) {
        return Err(problem);
    }
    let is_draft = state.draft.as_ref().is_some_and(|draft| draft.id == revision.id);
    Ok(if is_draft && over.is_none() { state.entry.draft_base_id } else { state.entry.published_revision_id })
}

/// Open releases go on from what is published now where they hold a revision that was made after it.
pub(super) async fn take_over(txn: &Transaction, published: &[&Target]) -> Result<()> {
    let by_entry: HashMap<i64, &Target> = published.iter().map(|target| (target.state.entry.id, *target)).collect();
    let held = open_items(txn, item::Column::EntryId.is_in(by_entry.keys().copied())).await?;
    let numbers = revisions(txn, held.iter().map(|item| item.revision_id).collect()).await?;
    for item in held {
        let Some((target, held)) = by_entry.get(&item.entry_id).zip(numbers.get(&item.revision_id)) else { continue };
        if target.is_followed_by(held.number, item.base_id) {
            let mut item = item.into_active_model();
            item.base_id = Set(Some(target.revision.id));
            item.update(txn).await?;
        }
    }
    Ok(())
}

/// Takes entries out of a release; those that are not in it make no difference.
pub(crate) async fn remove_from_release(
    db: &Database,
    name: &str,
    keys: &[EntryKey],
    change: &Change,
) -> Result<Result<Model, Hindrance>> {
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
pub(crate) async fn schedule_release(
    db: &Database,
    name: &str,
    at: Option<DateTime<Utc>>,
    change: &Change,
) -> Result<Result<Model, Hindrance>> {
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    let mut release = release.into_active_model();
    release.scheduled_at = Set(at);
    release.failure = Set(None);
    let release = release.update(&*txn).await?;
    let details = at.map_or_else(|| "not scheduled any more".to_owned(), |at| format!("scheduled for {at}"));
    record(&txn, &change, Action::ChangedRelease, name, &details).await?;
    txn.commit().await?;
    Ok(Ok(release))
}

/// Forgets a release that is not published. The drafts in it stay as they are.
pub(crate) async fn delete_release(db: &Database, name: &str, change: &Change) -> Result<Result<Model, Hindrance>> {
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    Entity::delete_by_id(release.id).exec(&*txn).await?;
    record(&txn, &change, Action::DeletedRelease, name, "").await?;
    txn.commit().await?;
    Ok(Ok(release))
}

/// Publishes all that a release holds, at once. Problems have the place of their entry among its items.
pub(crate) async fn publish_release(
    db: &Database,
    content: &Content,
    name: &str,
    change: &Change,
) -> Result<Result<(Model, Vec<EntryKey>, Done), Hindrance>> {
    catch_up(db).await?;
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    Ok(Ok(match publish_open(db, content, txn, release, &change).await? {
        Outcome::Published(release, keys, done) | Outcome::Hindered(_, release, keys, done) => (release, keys, done),
    }))
}

/// What came of publishing a release.
#[expect(clippy::large_enum_variant, reason = "one at a time, and none is kept")]
enum Outcome {
    /// It is published.
    Published(Model, Vec<EntryKey>, Done),
    /// Problems hinder; nothing was written so far.
    Hindered(Writer, Model, Vec<EntryKey>, Done),
}

async fn publish_open(
    db: &Database,
    content: &Content,
    txn: Writer,
    release: Model,
    change: &Begun,
) -> Result<Outcome> {
    let items = items(&*txn, content, release.id).await?;
    let keys: Vec<EntryKey> = items.iter().map(|item| (item.state.kind, item.state.entry.slug.clone())).collect();
    let (mut targets, mut done) = (Vec::new(), Done::default());
    for (index, Item { state, revision, base }) in items.into_iter().enumerate() {
        done.problems.extend(overtaken(&*txn, &state, &revision, base).await?.map(|problem| (index, problem)));
        targets.push(Target { index, state, revision });
    }
    check(&txn, content, &targets, &mut done).await?;
    if !done.problems.is_empty() {
        return Ok(Outcome::Hindered(txn, release, keys, done));
    }
    publish_targets(&txn, &targets, change).await?;
    let txn = follow_published(db, txn, content, &targets, change).await?;
    record(&txn, change, Action::PublishedRelease, &release.name, "").await?;
    let mut release = release.into_active_model();
    release.published_at = Set(Some(change.at));
    release.publication_id = Set(last_publication(&txn).await?);
    release.failure = Set(None);
    let release = release.update(&*txn).await?;
    enqueue_release(&txn, release.id).await?;
    done.states = finish(db, txn, keys.clone(), change).await?;
    Ok(Outcome::Published(release, keys, done))
}

/// Publishes the releases that are due, also those whose time passed while no server ran. Whichever process comes first does it:
/// the others find it done. A release that cannot be published waits for its editors, with the reason.
pub(super) async fn publish_due(db: &Database, content: &Content) -> Result<()> {
    let due = |now: DateTime<Utc>| {
        Entity::find()
            .filter(Column::ScheduledAt.lte(now))
            .filter(Column::PublishedAt.is_null())
            .order_by_asc(Column::ScheduledAt)
            .order_by_asc(Column::Id)
    };
    while due(Utc::now()).one(&**db).await?.is_some() {
        catch_up(db).await?;
        let txn = transaction::begin(db).await?;
        let Some(release) = due(Utc::now()).one(&*txn).await? else { break };
        let change = Change::now("scheduler", "").begun(&*txn).await?;
        let name = release.name.clone();
        match publish_open(db, content, txn, release, &change).await? {
            Outcome::Published(_, keys, _) => {
                tracing::info!(release = name, entries = keys.len(), "a release was published at its time");
            }
            Outcome::Hindered(txn, release, keys, done) => put_off(txn, release, &keys, &done, &change).await?,
        }
    }
    Ok(())
}

async fn last_publication(txn: &Transaction) -> Result<Option<i64>> {
    use super::publication::{Column, Entity};
    Ok(Entity::find().order_by_desc(Column::Id).limit(1).one(txn).await?.map(|last| last.id))
}

/// Notes why a release was not published, in the transaction that found it out: nobody changed the release in between.
async fn put_off(txn: Writer, release: Model, keys: &[EntryKey], done: &Done, change: &Begun) -> Result<()> {
    let problems: Vec<_> =
        done.problems.iter().map(|(index, problem)| problem.code_and_message(&keys[*index]).1).take(5).collect();
    let failure = format!("{} problems: {}", done.problems.len(), problems.join("; "));
    tracing::warn!(release = release.name, failure, "a release could not be published at its time");
    record(&txn, change, Action::FailedRelease, &release.name, &failure).await?;
    let mut release = release.into_active_model();
    release.scheduled_at = Set(None);
    release.failure = Set(Some(failure));
    release.update(&*txn).await?;
    txn.commit().await
}

async fn record(txn: &Transaction, change: &Begun, action: Action, name: &str, details: &str) -> Result<()> {
    let details = if details.is_empty() { name.to_owned() } else { format!("{name}: {details}") };
    audit::record(txn, change, [Deed { details, ..Deed::of(action) }]).await
}

fn listed(what: &str, keys: &[EntryKey]) -> String {
    let keys: Vec<_> = keys.iter().map(|(kind, slug)| format!("{kind} {slug}")).collect();
    format!("{what} {}", keys.join(", "))
}

/// The names of releases that hold these entries and are not published yet: one for each entry that is held.
pub(super) async fn holding(db: &impl ConnectionTrait, entries: Vec<i64>) -> Result<HashMap<i64, String>> {
    let held = item::Entity::find().filter(item::Column::EntryId.is_in(entries)).all(db).await?;
    let open = Entity::find()
        .filter(Column::Id.is_in(held.iter().map(|item| item.release_id)))
        .filter(Column::PublishedAt.is_null());
    let open: HashMap<i64, String> = open.all(db).await?.into_iter().map(|open| (open.id, open.name)).collect();
    Ok(held.iter().filter_map(|item| Some((item.entry_id, open.get(&item.release_id)?.clone()))).collect())
}

/// What releases that are not published yet hold, of those that the condition admits.
pub(super) async fn open_items(db: &impl ConnectionTrait, which: Expr) -> Result<Vec<item::Model>> {
    let open = Entity::find().select_only().column(Column::Id).filter(Column::PublishedAt.is_null()).into_query();
    let items = item::Entity::find().filter(which).filter(item::Column::ReleaseId.in_subquery(open));
    Ok(items.all(db).await?)
}

/// The release of this name, as a perspective: what it will show or, once it is published, what it showed then.
pub(crate) async fn perspective_of(db: &Database, name: &str) -> Result<crate::Perspective> {
    let found = release(&**db, name).await?;
    let found = found.ok_or_else(|| Error::caller("BAD_PERSPECTIVE", format!("There is no release `{name}`.")))?;
    Ok(found.published_at.map_or(crate::Perspective::Release(found.id), crate::Perspective::AsOf))
}
