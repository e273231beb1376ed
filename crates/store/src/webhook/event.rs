//! Events: what a delivery tells of.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{self as webhook, Delivery, Webhook};
use crate::{
    Database, Result,
    entries::{slugs::former_slugs, state::revisions},
    tables::{entry, publication, release},
};

/// Number of entries that one statement asks about.
const AT_ONCE: usize = 500;

/// Content of an event about one entry.
#[derive(Clone, Debug)]
pub struct EventEntry {
    /// Its kind.
    pub kind: String,
    /// Its slug.
    pub slug: String,
    /// The number of the revision that is published; none where it was withdrawn.
    pub revision: Option<i32>,
    /// The number of the revision that was published before.
    pub before: Option<i32>,
    /// The slugs that lead to it, or would if it were visible.
    pub former_slugs: Vec<String>,
}

/// Content of a message to a webhook.
#[derive(Clone, Debug)]
pub struct Event {
    /// The delivery.
    pub delivery: Delivery,
    /// Recipient.
    pub webhook: Webhook,
    /// The content version, which the publication made.
    pub version: i64,
    /// Time of the publication.
    pub at: DateTime<Utc>,
    /// The name of the release, for an event about one.
    pub release: Option<String>,
    /// Entries that were published.
    pub entries: Vec<EventEntry>,
}

impl Event {
    /// The id of the message, the same for each attempt.
    pub fn id(&self) -> String {
        format!("msg_{}_{}", self.webhook.id, self.delivery.id)
    }
}

pub(super) async fn events(db: &Database, taken: Vec<Delivery>) -> Result<Vec<Event>> {
    let webhooks =
        webhook::Entity::find().filter(webhook::Column::Id.is_in(taken.iter().map(|delivery| delivery.webhook_id)));
    let webhooks: HashMap<i64, Webhook> = webhooks.all(&**db).await?.into_iter().map(|hook| (hook.id, hook)).collect();
    let mut events = Vec::new();
    for delivery in taken {
        let Some(webhook) = webhooks.get(&delivery.webhook_id).cloned() else { continue };
        let told = match (delivery.publication_id, delivery.release_id) {
            (Some(publication), _) => of_publication(db, publication).await?,
            (None, Some(release)) => of_release(db, release, &webhook).await?,
            (None, None) => None,
        };
        let Some((version, at, release, entries)) = told else { continue };
        events.push(Event { delivery, webhook, version, at, release, entries });
    }
    Ok(events)
}

type Told = (i64, DateTime<Utc>, Option<String>, Vec<EventEntry>);

async fn of_publication(db: &Database, id: i64) -> Result<Option<Told>> {
    let Some(row) = publication::Entity::find_by_id(id).one(&**db).await? else { return Ok(None) };
    let before = publication::Column::Id.lt(row.id);
    let entries = event_entries(db, HashMap::from([(row.entry_id, row.revision_id)]), before).await?;
    Ok(Some((row.id, row.published_at, None, entries)))
}

/// All that the release holds, also what was published already, of the kinds that the webhook is told of.
async fn of_release(db: &Database, id: i64, webhook: &Webhook) -> Result<Option<Told>> {
    let Some(release) = release::Entity::find_by_id(id).one(&**db).await? else { return Ok(None) };
    let Some(at) = release.published_at else { return Ok(None) };
    // The first of all releases may publish nothing.
    let version = release.publication_id.unwrap_or_default();
    let held = release::item::Entity::find().filter(release::item::Column::ReleaseId.eq(id)).all(&**db).await?;
    let held = held.into_iter().map(|item| (item.entry_id, Some(item.revision_id))).collect();
    let mut entries = event_entries(db, held, publication::Column::PublishedAt.lt(at)).await?;
    entries.retain(|entry| webhook.wants(&entry.kind));
    Ok(Some((version, at, Some(release.name), entries)))
}

/// Entries with what is published of them now and what was published before, in the order of kinds and slugs.
async fn event_entries(
    db: &Database,
    now: HashMap<i64, Option<i64>>,
    before: sea_orm::sea_query::SimpleExpr,
) -> Result<Vec<EventEntry>> {
    let ids: Vec<i64> = now.keys().copied().collect();
    let mut told = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let entries = entry::Entity::find().filter(entry::Column::Id.is_in(ids.to_vec())).all(&**db).await?;
        let published = publication::Entity::find()
            .filter(publication::Column::EntryId.is_in(ids.to_vec()))
            .filter(before.clone())
            .order_by_asc(publication::Column::Id);
        // The last of each entry stays.
        let published = published.all(&**db).await?.into_iter().map(|row| (row.entry_id, row.revision_id));
        let was: HashMap<i64, Option<i64>> = published.collect();
        let asked = ids.iter().flat_map(|id| [now.get(id), was.get(id)]).flatten().filter_map(|revision| *revision);
        let revisions = revisions(&**db, asked.collect()).await?;
        let number = |of: &HashMap<i64, Option<i64>>, entry| {
            of.get(&entry).copied().flatten().and_then(|id| revisions.get(&id)).map(|revision| revision.number)
        };
        let mut former = former_slugs(&**db, &entries).await?;
        told.extend(entries.into_iter().map(|entry| EventEntry {
            revision: number(&now, entry.id),
            before: number(&was, entry.id),
            former_slugs: former.remove(&entry.id).unwrap_or_default(),
            kind: entry.kind,
            slug: entry.slug,
        }));
    }
    told.sort_by(|a, b| (&a.kind, &a.slug).cmp(&(&b.kind, &b.slug)));
    Ok(told)
}
