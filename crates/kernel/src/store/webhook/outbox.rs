//! The outbox: deliveries are made of publications when somebody looks, and of a release in the transaction that publishes it, as
//! a release may publish nothing that was not published before.
use std::collections::HashMap;

use chrono::Utc;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait as _,
};

use super::{
    self as webhook,
    super::{entry, publication, release::item, transaction::Writer},
    Webhook,
    delivery::{ActiveModel, Entity},
};
use crate::Result;

/// How many publications are read at once.
const PAGE: u64 = 1_000;

/// Makes deliveries of what was published since the last time.
pub(in crate::store) async fn enqueue(txn: &Writer) -> Result<()> {
    let newest = publication::Entity::find().order_by_desc(publication::Column::Id).limit(1).one(&**txn).await?;
    let newest = newest.map_or(0, |newest| newest.id);
    for mut webhook in open_webhooks(txn).await? {
        // Publications were replaced by those of a backup and webhooks were not: it is told of what follows.
        if webhook.last_publication_id > newest {
            let mut seen = webhook.into_active_model();
            seen.last_publication_id = Set(newest);
            webhook = seen.update(&**txn).await?;
        }
        loop {
            let rows = publication::Entity::find()
                .filter(publication::Column::Id.gt(webhook.last_publication_id))
                .order_by_asc(publication::Column::Id)
                .limit(PAGE)
                .all(&**txn)
                .await?;
            let Some(newest) = rows.last().map(|row| row.id) else { break };
            let is_last = (rows.len() as u64) < PAGE;
            let made = of_publications(txn, &webhook, rows).await?;
            if !made.is_empty() {
                Entity::insert_many(made).exec_without_returning(&**txn).await?;
            }
            let mut seen = webhook.into_active_model();
            seen.last_publication_id = Set(newest);
            webhook = seen.update(&**txn).await?;
            if is_last {
                break;
            }
        }
    }
    Ok(())
}

/// Makes deliveries of a release that is being published, behind those of what it publishes: for webhooks of all kinds, and for
/// those of a kind that it holds.
pub(in crate::store) async fn enqueue_release(txn: &Writer, release: i64) -> Result<()> {
    enqueue(txn).await?;
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
    let webhooks = open_webhooks(txn).await?.into_iter();
    let wanting = webhooks.filter(|webhook| webhook.kinds.is_empty() || kinds.iter().any(|kind| webhook.wants(kind)));
    let made: Vec<_> = wanting
        .map(|webhook| ActiveModel {
            publication_id: Set(None),
            release_id: Set(Some(release)),
            entry_id: Set(None),
            ..delivery_to(&webhook)
        })
        .collect();
    if !made.is_empty() {
        Entity::insert_many(made).exec_without_returning(&**txn).await?;
    }
    Ok(())
}

async fn open_webhooks(txn: &Writer) -> Result<Vec<Webhook>> {
    Ok(webhook::Entity::find().filter(webhook::Column::DeletedAt.is_null()).all(&**txn).await?)
}

async fn of_publications(txn: &Writer, webhook: &Webhook, rows: Vec<publication::Model>) -> Result<Vec<ActiveModel>> {
    let entries = entry::Entity::find().filter(entry::Column::Id.is_in(rows.iter().map(|row| row.entry_id)));
    let kinds: HashMap<i64, String> =
        entries.all(&**txn).await?.into_iter().map(|entry| (entry.id, entry.kind)).collect();
    let wanted = rows.into_iter().filter(|row| kinds.get(&row.entry_id).is_some_and(|kind| webhook.wants(kind)));
    Ok(wanted
        .map(|row| ActiveModel {
            publication_id: Set(Some(row.id)),
            release_id: Set(None),
            entry_id: Set(Some(row.entry_id)),
            ..delivery_to(webhook)
        })
        .collect())
}

fn delivery_to(webhook: &Webhook) -> ActiveModel {
    ActiveModel { webhook_id: Set(webhook.id), attempts: Set(0), due_at: Set(Utc::now()), ..Default::default() }
}
