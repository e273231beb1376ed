//! Publication of releases: by hand, and at their time.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::{
    Column, Entity, Item, Model, ReleaseError,
    change::{open, record},
    items,
};
use crate::{
    ChangeInfo, ContentModel, Database, Result,
    access::{audit::Action, change::CommitStamp},
    database::transaction::{self, Transaction, Writer},
    edit::{
        follow::follow_published,
        overtaken::overtaken,
        publish::{Done, check, finish, publish_targets},
        target::Target,
    },
    entries::state::EntryKey,
    webhook::{catch_up, enqueue_release},
};

/// Publishes all that a release holds, at once. Problems have the place of their entry among its items.
pub async fn publish_release(
    db: &Database,
    content: &ContentModel,
    name: &str,
    change: &ChangeInfo,
) -> Result<Result<(Model, Vec<EntryKey>, Done), ReleaseError>> {
    catch_up(db).await?;
    let (txn, release, change) = match open(db, name, change).await? {
        Ok(open) => open,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    Ok(Ok(match publish_open(db, content, txn, release, &change).await? {
        ReleaseOutcome::Published(release, keys, done) | ReleaseOutcome::Hindered(_, release, keys, done) => {
            (release, keys, done)
        }
    }))
}

/// The outcome of publishing a release.
#[expect(clippy::large_enum_variant, reason = "one at a time, and none is kept")]
enum ReleaseOutcome {
    /// It is published.
    Published(Model, Vec<EntryKey>, Done),
    /// Problems hinder; nothing was written so far.
    Hindered(Writer, Model, Vec<EntryKey>, Done),
}

async fn publish_open(
    db: &Database,
    content: &ContentModel,
    txn: Writer,
    release: Model,
    change: &CommitStamp,
) -> Result<ReleaseOutcome> {
    let items = items(&*txn, content, release.id).await?;
    let keys: Vec<EntryKey> = items.iter().map(|item| (item.state.kind, item.state.entry.slug.clone())).collect();
    let (mut targets, mut done) = (Vec::new(), Done::default());
    for (index, Item { state, revision, base }) in items.into_iter().enumerate() {
        done.problems.extend(overtaken(&*txn, &state, &revision, base).await?.map(|problem| (index, problem)));
        targets.push(Target { index, state, revision });
    }
    check(&txn, content, &targets, &mut done).await?;
    if !done.problems.is_empty() {
        return Ok(ReleaseOutcome::Hindered(txn, release, keys, done));
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
    Ok(ReleaseOutcome::Published(release, keys, done))
}

/// Publishes the releases that are due, also those whose time passed while no server ran. Whichever process comes first does it:
/// the others find it done. A release that cannot be published waits for its editors, with the reason.
pub(super) async fn publish_due(db: &Database, content: &ContentModel) -> Result<()> {
    let due = |now: DateTime<Utc>| {
        Entity::find()
            .filter(Column::ScheduledAt.lte(now))
            .filter(Column::PublishedAt.is_null())
            .order_by_asc(Column::ScheduledAt)
            .order_by_asc(Column::Id)
    };
    while due(db.clock().now()).one(&**db).await?.is_some() {
        catch_up(db).await?;
        let txn = transaction::begin(db).await?;
        let Some(release) = due(db.clock().now()).one(&*txn).await? else { break };
        let change = ChangeInfo::now("scheduler", "").begun(&txn).await?;
        let name = release.name.clone();
        match publish_open(db, content, txn, release, &change).await? {
            ReleaseOutcome::Published(_, keys, _) => {
                tracing::info!(release = name, entries = keys.len(), "a release was published at its time");
            }
            ReleaseOutcome::Hindered(txn, release, keys, done) => put_off(txn, release, &keys, &done, &change).await?,
        }
    }
    Ok(())
}

async fn last_publication(txn: &Transaction) -> Result<Option<i64>> {
    use crate::tables::publication::{Column, Entity};
    Ok(Entity::find().order_by_desc(Column::Id).limit(1).one(txn).await?.map(|last| last.id))
}

/// Notes why a release was not published, in the transaction that found it out: nobody changed the release in between.
async fn put_off(txn: Writer, release: Model, keys: &[EntryKey], done: &Done, change: &CommitStamp) -> Result<()> {
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
