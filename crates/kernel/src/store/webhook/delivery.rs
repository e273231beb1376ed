//! Deliveries: what webhooks are told, and how far that got.
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Alias, ExprTrait as _, Query},
};

use super::{
    self as webhook,
    super::{
        Change, Database,
        audit::{self, Action, Deed},
        entry, publication, release,
        transaction::{self, Writer},
    },
    Webhook,
    event::{Event, events},
};
use crate::Result;

/// How many publications one transaction makes deliveries of.
const PAGE: u64 = 1_000;
/// How long whoever took a delivery has to say what became of it; then it is due again.
const LEASE: TimeDelta = TimeDelta::seconds(120);

/// One message to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The webhook.
    pub webhook_id: i64,
    /// The publication or withdrawal it tells of.
    pub publication_id: Option<i64>,
    /// The release it tells of.
    pub release_id: Option<i64>,
    /// The entry it tells of; messages about one entry are sent one after the other.
    pub entry_id: Option<i64>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is to be tried.
    pub due_at: DateTimeUtc,
    /// When it was taken by its receiver.
    pub done_at: Option<DateTimeUtc>,
    /// When it was given up.
    pub dead_at: Option<DateTimeUtc>,
    /// The HTTP status of the last answer.
    pub status: Option<i32>,
    /// Why the last attempt failed.
    pub failure: Option<String>,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The deliveries to a webhook before a row, the newest first; those that were given up only, where that is asked.
pub async fn deliveries(
    db: &Database,
    webhook: i64,
    dead: bool,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Model>> {
    use Column::{DeadAt, Id, WebhookId};
    let asked = Condition::all()
        .add(WebhookId.eq(webhook))
        .add_option(dead.then(|| DeadAt.is_not_null()))
        .add_option(before.map(|before| Id.lt(before)));
    Ok(Entity::find().filter(asked).order_by_desc(Id).limit(limit).all(&**db).await?)
}

/// Sends a delivery once more, as soon as may be; none where there is none in this row, or its webhook was deleted.
pub async fn redeliver(db: &Database, id: i64, change: &Change) -> Result<Option<Model>> {
    let txn = transaction::begin(db).await?;
    let Some(known) = Entity::find_by_id(id).one(&*txn).await? else { return Ok(None) };
    let webhook = webhook::Entity::find_by_id(known.webhook_id).filter(webhook::Column::DeletedAt.is_null());
    let webhook = webhook.one(&*txn).await?;
    if webhook.is_none() {
        return Ok(None);
    }
    let change = change.begun(&*txn).await?;
    let mut again = known.into_active_model();
    again.attempts = Set(0);
    again.due_at = Set(change.at);
    again.done_at = Set(None);
    again.dead_at = Set(None);
    let again = again.update(&*txn).await?;
    let deed = Deed { details: format!("delivery {id}"), ..Deed::of(Action::Redelivered) };
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(Some(again))
}

/// What is neither done nor given up.
pub(super) fn is_open() -> Condition {
    Condition::all().add(Column::DoneAt.is_null()).add(Column::DeadAt.is_null())
}

/// Makes deliveries of what was published since the last time, and takes up to `limit` of those that are due: until they are
/// settled, or for a while, nobody else takes them.
pub async fn take_deliveries(db: &Database, limit: u64) -> Result<Vec<Event>> {
    let late = webhook::Entity::find()
        .filter(webhook::Column::DeletedAt.is_null())
        .filter(webhook::Column::LastPublicationId.lt(db.version()));
    if late.limit(1).one(&**db).await?.is_some() {
        let txn = transaction::begin(db).await?;
        enqueue(&txn).await?;
        txn.commit().await?;
    }
    if due(Utc::now(), 1).one(&**db).await?.is_none() {
        return Ok(Vec::new());
    }
    let txn = transaction::begin(db).await?;
    let now = Utc::now();
    let mut taken = Vec::new();
    for delivery in due(now, limit).all(&*txn).await? {
        let attempts = delivery.attempts + 1;
        let mut delivery = delivery.into_active_model();
        delivery.attempts = Set(attempts);
        delivery.due_at = Set(now + LEASE);
        taken.push(delivery.update(&*txn).await?);
    }
    txn.commit().await?;
    events(db, taken).await
}

/// Deliveries that are due. Of those about one entry to one webhook, only the first that is open.
fn due(now: DateTime<Utc>, limit: u64) -> sea_orm::Select<Entity> {
    let earlier = Alias::new("earlier");
    let column = |column: Column| Expr::col((earlier.clone(), column));
    let waits_for = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, earlier.clone())
        .and_where(column(Column::WebhookId).equals((Entity, Column::WebhookId)))
        .and_where(column(Column::EntryId).equals((Entity, Column::EntryId)))
        .and_where(column(Column::Id).lt(Expr::col((Entity, Column::Id))))
        .and_where(column(Column::DoneAt).is_null())
        .and_where(column(Column::DeadAt).is_null())
        .take();
    Entity::find()
        .filter(is_open())
        .filter(Column::DueAt.lte(now))
        .filter(Expr::exists(waits_for).not())
        .order_by_asc(Column::Id)
        .limit(limit)
}

async fn enqueue(txn: &Writer) -> Result<()> {
    for webhook in webhook::Entity::find().filter(webhook::Column::DeletedAt.is_null()).all(&**txn).await? {
        loop {
            let last = webhook_last(txn, webhook.id).await?;
            let rows = publication::Entity::find()
                .filter(publication::Column::Id.gt(last))
                .order_by_asc(publication::Column::Id)
                .limit(PAGE)
                .all(&**txn)
                .await?;
            let Some(newest) = rows.last().map(|row| row.id) else { break };
            let is_last = (rows.len() as u64) < PAGE;
            let made = of_publications(txn, &webhook, rows).await?;
            let made = made.into_iter().chain(of_releases(txn, &webhook, last, newest).await?).collect::<Vec<_>>();
            if !made.is_empty() {
                Entity::insert_many(made).exec_without_returning(&**txn).await?;
            }
            let mut seen: webhook::ActiveModel = webhook.clone().into_active_model();
            seen.last_publication_id = Set(newest);
            seen.update(&**txn).await?;
            if is_last {
                break;
            }
        }
    }
    Ok(())
}

async fn webhook_last(txn: &Writer, id: i64) -> Result<i64> {
    Ok(webhook::Entity::find_by_id(id).one(&**txn).await?.map_or(i64::MAX, |webhook| webhook.last_publication_id))
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

async fn of_releases(txn: &Writer, webhook: &Webhook, after: i64, until: i64) -> Result<Vec<ActiveModel>> {
    let released = release::Entity::find()
        .filter(release::Column::PublicationId.gt(after))
        .filter(release::Column::PublicationId.lte(until))
        .order_by_asc(release::Column::PublicationId);
    let released = released.all(&**txn).await?.into_iter();
    Ok(released
        .map(|release| ActiveModel {
            publication_id: Set(None),
            release_id: Set(Some(release.id)),
            entry_id: Set(None),
            ..delivery_to(webhook)
        })
        .collect())
}

fn delivery_to(webhook: &Webhook) -> ActiveModel {
    ActiveModel { webhook_id: Set(webhook.id), attempts: Set(0), due_at: Set(Utc::now()), ..Default::default() }
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// The receiver took it.
    Done {
        /// The status of its answer.
        status: u16,
    },
    /// It is to be tried again after a pause.
    Again {
        /// The status of the answer, where there was one.
        status: Option<u16>,
        /// Why.
        failure: String,
        /// How long to wait.
        pause: TimeDelta,
    },
    /// It is given up.
    Dead {
        /// The status of the answer, where there was one.
        status: Option<u16>,
        /// Why.
        failure: String,
    },
}

/// Records what became of an attempt.
pub async fn settle_delivery(db: &Database, delivery: &Model, attempt: Attempt) -> Result<()> {
    let txn = transaction::begin(db).await?;
    let now = Utc::now();
    let mut settled: ActiveModel = delivery.clone().into_active_model();
    match attempt {
        Attempt::Done { status } => {
            settled.done_at = Set(Some(now));
            settled.status = Set(Some(status.into()));
            settled.failure = Set(None);
        }
        Attempt::Again { status, failure, pause } => {
            settled.due_at = Set(now + pause);
            settled.status = Set(status.map(i32::from));
            settled.failure = Set(Some(failure));
        }
        Attempt::Dead { status, failure } => {
            settled.dead_at = Set(Some(now));
            settled.status = Set(status.map(i32::from));
            settled.failure = Set(Some(failure));
        }
    }
    settled.update(&*txn).await?;
    txn.commit().await
}
