//! Events: what a delivery tells of.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    self as webhook,
    super::{Database, entry, publication, release, revision},
    Delivery, Webhook,
};
use crate::Result;

/// What stands in an event about one entry.
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
}

/// What a webhook is told.
#[derive(Clone, Debug)]
pub struct Event {
    /// The delivery.
    pub delivery: Delivery,
    /// Who is told.
    pub webhook: Webhook,
    /// The content version, which the publication made.
    pub version: i64,
    /// When it was published.
    pub at: DateTime<Utc>,
    /// The name of the release, for an event about one.
    pub release: Option<String>,
    /// What was published.
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
            (None, Some(release)) => of_release(db, release).await?,
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
    let entry = event_entry(db, &row).await?;
    Ok(entry.map(|entry| (row.id, row.published_at, None, vec![entry])))
}

async fn of_release(db: &Database, id: i64) -> Result<Option<Told>> {
    let Some(release) = release::Entity::find_by_id(id).one(&**db).await? else { return Ok(None) };
    let (Some(version), Some(at)) = (release.publication_id, release.published_at) else { return Ok(None) };
    let published = publication::Entity::find()
        .filter(publication::Column::PublishedAt.eq(at))
        .filter(publication::Column::Id.lte(version))
        .order_by_asc(publication::Column::Id);
    let mut entries = Vec::new();
    for row in published.all(&**db).await? {
        entries.extend(event_entry(db, &row).await?);
    }
    Ok(Some((version, at, Some(release.name), entries)))
}

async fn event_entry(db: &Database, row: &publication::Model) -> Result<Option<EventEntry>> {
    let Some(entry) = entry::Entity::find_by_id(row.entry_id).one(&**db).await? else { return Ok(None) };
    let before = publication::Entity::find()
        .filter(publication::Column::EntryId.eq(row.entry_id))
        .filter(publication::Column::Id.lt(row.id))
        .order_by_desc(publication::Column::Id)
        .limit(1);
    let before = before.one(&**db).await?.and_then(|before| before.revision_id);
    let number = async |id: Option<i64>| match id {
        Some(id) => Ok::<_, crate::Error>(revision::Entity::find_by_id(id).one(&**db).await?.map(|found| found.number)),
        None => Ok(None),
    };
    let (revision, before) = (number(row.revision_id).await?, number(before).await?);
    Ok(Some(EventEntry { kind: entry.kind, slug: entry.slug, revision, before }))
}
