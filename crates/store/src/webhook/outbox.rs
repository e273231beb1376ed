//! The outbox: deliveries are made of publications when somebody looks, and of a release in the transaction that publishes it, as
//! a release may publish nothing that was not published before.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait as _,
};

use super::{self as webhook, Webhook, delivery::ActiveModel, queue};
use crate::{
    Database, Result,
    database::transaction::Writer,
    tables::{entry, publication, release::item},
};

/// Number of publications that are read at once. The turn to write ends with them, so that nobody waits for many.
const PAGE: u64 = 1_000;

/// Makes deliveries of what was published since the last time: of the first publications, where they are many.
pub(super) async fn enqueue(db: &Database, webhook: i64) -> Result<()> {
    let txn = queue::begin(db, webhook).await?;
    let known = webhook::Entity::find_by_id(webhook).filter(webhook::Column::DeletedAt.is_null());
    if let Some(webhook) = known.one(&txn).await? {
        enqueue_page(&txn, webhook, db.clock().now()).await?;
    }
    txn.commit().await
}

/// Makes deliveries of the next page of publications; returns the webhook while there may be more.
async fn enqueue_page(txn: &impl ConnectionTrait, mut webhook: Webhook, now: DateTime<Utc>) -> Result<Option<Webhook>> {
    let last = publication::Entity::find().order_by_desc(publication::Column::Id).limit(1).one(txn).await?;
    let last = last.map_or(0, |last| last.id);
    // Publications were replaced by those of a backup and webhooks were not: it is told of what follows.
    if webhook.last_publication_id > last {
        let mut seen = webhook.into_active_model();
        seen.last_publication_id = Set(last);
        webhook = seen.update(txn).await?;
    }
    let rows = publication::Entity::find()
        .filter(publication::Column::Id.gt(webhook.last_publication_id))
        .order_by_asc(publication::Column::Id)
        .limit(PAGE)
        .all(txn)
        .await?;
    let Some(newest) = rows.last().map(|row| row.id) else { return Ok(None) };
    let is_last = (rows.len() as u64) < PAGE;
    let made = of_publications(txn, &webhook, rows, now).await?;
    queue::insert(txn, &webhook, made).await?;
    let mut seen = webhook.into_active_model();
    seen.last_publication_id = Set(newest);
    let seen = seen.update(txn).await?;
    Ok((!is_last).then_some(seen))
}

/// Makes deliveries of all that was published, page by page in transactions of their own, for whoever is about to publish a release:
/// they would keep the turn to write as long as all of them take.
pub(crate) async fn catch_up(db: &Database) -> Result<()> {
    let open = webhook::Entity::find().filter(webhook::Column::DeletedAt.is_null());
    for webhook in open.all(&**db).await? {
        let mut seen = webhook.last_publication_id;
        while more_than_a_page_after(db, seen).await? {
            enqueue(db, webhook.id).await?;
            let Some(now) = super::webhook(db, webhook.id).await? else { break };
            if now.last_publication_id == seen {
                break;
            }
            seen = now.last_publication_id;
        }
    }
    Ok(())
}

/// Tells whether there are more publications after this one than stand on a page.
async fn more_than_a_page_after(db: &Database, publication: i64) -> Result<bool> {
    let after = publication::Entity::find()
        .select_only()
        .column(publication::Column::Id)
        .filter(publication::Column::Id.gt(publication))
        .order_by_asc(publication::Column::Id)
        .offset(PAGE)
        .limit(1)
        .into_tuple::<i64>();
    Ok(after.one(&**db).await?.is_some())
}

/// Makes deliveries of a release that is being published, behind those of what it publishes: for webhooks of all kinds, and for
/// those of a kind that it holds.
pub(crate) async fn enqueue_release(txn: &Writer, release: i64) -> Result<()> {
    let held = item::Entity::find()
        .select_only()
        .column(item::Column::EntryId)
        .filter(item::Column::ReleaseId.eq(release))
        .into_query();
    let kinds = entry::Entity::find()
        .select_only()
        .distinct()
        .column(entry::Column::Kind)
        .filter(entry::Column::Id.in_subquery(held))
        .into_tuple::<String>();
    let kinds = kinds.all(&**txn).await?;
    let open = webhook::Entity::find().filter(webhook::Column::DeletedAt.is_null()).order_by_asc(webhook::Column::Id);
    let now = txn.clock().now();
    for webhook in open.all(&**txn).await? {
        queue::lock(&**txn, webhook.id).await?;
        // Another server may have made some since.
        let mut more = webhook::Entity::find_by_id(webhook.id).one(&**txn).await?;
        while let Some(webhook) = more {
            more = enqueue_page(&**txn, webhook, now).await?;
        }
        if webhook.kinds.is_empty() || kinds.iter().any(|kind| webhook.wants(kind)) {
            let made = ActiveModel {
                publication_id: Set(None),
                release_id: Set(Some(release)),
                entry_id: Set(None),
                ..delivery_to(&webhook, now)
            };
            queue::insert(&**txn, &webhook, vec![made]).await?;
        }
    }
    Ok(())
}

async fn of_publications(
    txn: &impl ConnectionTrait,
    webhook: &Webhook,
    rows: Vec<publication::Model>,
    now: DateTime<Utc>,
) -> Result<Vec<ActiveModel>> {
    let entries = entry::Entity::find().filter(entry::Column::Id.is_in(rows.iter().map(|row| row.entry_id)));
    let kinds: HashMap<i64, String> = entries.all(txn).await?.into_iter().map(|entry| (entry.id, entry.kind)).collect();
    let wanted = rows.into_iter().filter(|row| kinds.get(&row.entry_id).is_some_and(|kind| webhook.wants(kind)));
    Ok(wanted
        .map(|row| ActiveModel {
            publication_id: Set(Some(row.id)),
            release_id: Set(None),
            entry_id: Set(Some(row.entry_id)),
            ..delivery_to(webhook, now)
        })
        .collect())
}

fn delivery_to(webhook: &Webhook, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel { webhook_id: Set(webhook.id), attempts: Set(0), due_at: Set(now), ..Default::default() }
}
