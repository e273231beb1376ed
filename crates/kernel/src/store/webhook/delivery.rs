//! Deliveries: what webhooks are told, and how far that got.
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Alias, ExprTrait as _, JoinType, Query, SelectStatement},
};

use super::{
    self as webhook,
    super::{
        Change, Database, Span,
        audit::{self, Action, Deed},
        release::item,
        transaction,
    },
    event::{Event, events},
    outbox::enqueue,
};
use crate::Result;

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
    /// The entry it tells of, none where it tells of a release; messages about one entry are sent one after the other, and so
    /// is one about a release with those about what the release holds.
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
pub async fn deliveries(db: &Database, webhook: i64, dead: bool, span: Span) -> Result<Vec<Model>> {
    use Column::{DeadAt, Id, WebhookId};
    let asked = Condition::all().add(WebhookId.eq(webhook)).add_option(dead.then(|| DeadAt.is_not_null()));
    Ok(span.of(Entity::find().filter(asked), Id).all(&**db).await?)
}

/// The delivery in this row; none where there is none, or its webhook was deleted.
pub async fn find_delivery(db: &Database, id: i64) -> Result<Option<Model>> {
    let Some(found) = Entity::find_by_id(id).one(&**db).await? else { return Ok(None) };
    Ok(super::webhook(db, found.webhook_id).await?.map(|_| found))
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

/// Makes deliveries of what was published since the last time, and takes some of those that are due: for each webhook as many
/// as there is `room` for, so that no webhook waits for the receiver of another. Until they are settled, or the lease is over,
/// nobody else takes them.
pub async fn take_deliveries(db: &Database, room: impl Fn(i64) -> u64, lease: TimeDelta) -> Result<Vec<Event>> {
    let webhooks = webhook::Entity::find().filter(webhook::Column::DeletedAt.is_null()).all(&**db).await?;
    if webhooks.iter().any(|webhook| webhook.last_publication_id != db.version()) {
        let txn = transaction::begin(db).await?;
        enqueue(&txn).await?;
        txn.commit().await?;
    }
    let (mut asked, now) = (Vec::new(), Utc::now());
    for webhook in webhooks {
        let room = room(webhook.id);
        if room > 0 && due(webhook.id, now, 1).one(&**db).await?.is_some() {
            asked.push((webhook.id, room));
        }
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let txn = transaction::begin(db).await?;
    let (mut taken, now) = (Vec::new(), Utc::now());
    for (webhook, room) in asked {
        for delivery in due(webhook, now, room).all(&*txn).await? {
            let attempts = delivery.attempts + 1;
            let mut delivery = delivery.into_active_model();
            delivery.attempts = Set(attempts);
            delivery.due_at = Set(now + lease);
            taken.push(delivery.update(&*txn).await?);
        }
    }
    txn.commit().await?;
    events(db, taken).await
}

/// Deliveries to a webhook that are due. Of those about one entry, a release that holds it among them, only the first that is
/// open.
fn due(webhook: i64, now: DateTime<Utc>, limit: u64) -> sea_orm::Select<Entity> {
    let due = Entity::find().filter(Column::WebhookId.eq(webhook)).filter(is_open()).filter(Column::DueAt.lte(now));
    let due = waits_for(webhook).into_iter().fold(due, |due, earlier| due.filter(Expr::exists(earlier).not()));
    due.order_by_asc(Column::Id).limit(limit)
}

/// What a delivery waits for: earlier ones to its webhook that are open and about the same entry. Each way in which they can be is
/// a statement of its own, with an index of its own.
fn waits_for(webhook: i64) -> [SelectStatement; 4] {
    let (earlier, theirs, ours) = (Alias::new("earlier"), Alias::new("theirs"), Alias::new("ours"));
    let of = |column: Column| Expr::col((earlier.clone(), column));
    let mine = |column: Column| Expr::col((Entity, column));
    let held = |alias: &Alias, column: item::Column| Expr::col((alias.clone(), column));
    let before = || {
        let mut select = Query::select();
        select
            .expr(Expr::val(1))
            .from_as(Entity, earlier.clone())
            .and_where(of(Column::WebhookId).eq(webhook))
            .and_where(of(Column::Id).lt(mine(Column::Id)))
            .and_where(of(Column::DoneAt).is_null())
            .and_where(of(Column::DeadAt).is_null());
        select
    };
    let release_before = || {
        let of_it = held(&theirs, item::Column::ReleaseId).eq(of(Column::ReleaseId));
        let mut select = before();
        select.and_where(of(Column::EntryId).is_null()).join_as(
            JoinType::InnerJoin,
            item::Entity,
            theirs.clone(),
            of_it,
        );
        select
    };
    let is_ours = held(&ours, item::Column::ReleaseId).eq(mine(Column::ReleaseId));
    let same_entry = before().and_where(of(Column::EntryId).eq(mine(Column::EntryId))).take();
    let release_of_the_entry =
        release_before().and_where(held(&theirs, item::Column::EntryId).eq(mine(Column::EntryId))).take();
    let entry_of_the_release = before()
        .join_as(
            JoinType::InnerJoin,
            item::Entity,
            ours.clone(),
            held(&ours, item::Column::EntryId).eq(of(Column::EntryId)),
        )
        .and_where(is_ours.clone())
        .take();
    let release_with_the_same = release_before()
        .join_as(
            JoinType::InnerJoin,
            item::Entity,
            ours.clone(),
            held(&ours, item::Column::EntryId).eq(held(&theirs, item::Column::EntryId)),
        )
        .and_where(is_ours)
        .take();
    [same_entry, release_of_the_entry, entry_of_the_release, release_with_the_same]
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
