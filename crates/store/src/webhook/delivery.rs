//! Deliveries: what webhooks are told, and how far that got.
use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter,
    entity::prelude::*,
};

use super::{
    self as webhook,
    event::{Event, events},
    joined,
    outbox::enqueue,
    queue,
};
use crate::{
    ChangeInfo, Database, Result, Span,
    access::audit::{self, Action, AuditEntry},
    database::transaction,
};

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
    /// Number of attempts.
    pub attempts: i32,
    /// Time at which it is to be tried.
    pub due_at: DateTimeUtc,
    /// The same where it is next in line; none where it waits for others, or is done or given up.
    pub next_at: Option<DateTimeUtc>,
    /// Time at which its receiver took it.
    pub done_at: Option<DateTimeUtc>,
    /// Time at which it was given up.
    pub dead_at: Option<DateTimeUtc>,
    /// The HTTP status of the last answer.
    pub status: Option<i32>,
    /// Why the last attempt failed.
    pub failure: Option<String>,
    /// The request of the last attempt, without what lets somebody in; only where the webhook has a request of its own.
    pub sent: Option<String>,
    /// The last of its cache tags that the receiver took, in their order, where one call does not tell all of them.
    pub sent_until: Option<String>,
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
pub async fn redeliver(db: &Database, id: i64, change: &ChangeInfo) -> Result<Option<Model>> {
    let txn = transaction::begin(db).await?;
    let Some(known) = Entity::find_by_id(id).one(&*txn).await? else { return Ok(None) };
    let webhook = webhook::Entity::find_by_id(known.webhook_id).filter(webhook::Column::DeletedAt.is_null());
    let Some(webhook) = webhook.one(&*txn).await? else { return Ok(None) };
    let change = change.begun(&txn).await?;
    queue::lock(&*txn, known.webhook_id).await?;
    let mut again = known.into_active_model();
    again.attempts = Set(0);
    again.due_at = Set(change.at);
    again.next_at = Set(webhook.is_joined().then_some(change.at));
    again.done_at = Set(None);
    again.dead_at = Set(None);
    again.sent_until = Set(None);
    let again = again.update(&*txn).await?;
    if !webhook.is_joined() {
        queue::stand_back(&*txn, &again).await?;
        queue::line_up(&*txn, again.webhook_id, vec![again.id]).await?;
    }
    let deed = AuditEntry { details: format!("delivery {id}"), ..AuditEntry::of(Action::Redelivered) };
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(Some(again))
}

/// Condition for deliveries that are neither done nor given up.
pub(super) fn is_open() -> Condition {
    Condition::all().add(Column::DoneAt.is_null()).add(Column::DeadAt.is_null())
}

/// Makes deliveries of what was published since the last time, some of it where that is much, and takes some of those that are
/// due: for each webhook as many as there is `room` for, so that no webhook waits for the receiver of another. Until they are
/// settled, or the lease is over, nobody else takes them. Where one call tells several, they come one after the other.
pub async fn take_deliveries(db: &Database, room: impl Fn(i64) -> u64, lease: TimeDelta) -> Result<Vec<Event>> {
    let webhooks = webhook::Entity::find().filter(webhook::Column::DeletedAt.is_null()).all(&**db).await?;
    let mut taken = Vec::new();
    for webhook in webhooks {
        if webhook.last_publication_id != db.version() {
            enqueue(db, webhook.id).await?;
        }
        let (room, now) = (room(webhook.id), db.clock().now());
        if room == 0 || !webhook.may_be_called(now) || !queue::has_due(db, webhook.id, now).await? {
            continue;
        }
        taken.extend(if webhook.is_joined() {
            joined::take(db, webhook.id, lease).await?
        } else {
            queue::take(db, webhook.id, now, lease, room).await?
        });
    }
    events(db, taken).await
}

/// Outcome of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver took it.
    Done {
        /// The status of its answer.
        status: u16,
    },
    /// There was nothing to tell.
    Needless,
    /// The receiver took the first of its cache tags; the others follow.
    Part {
        /// The status of its answer.
        status: u16,
        /// The last tag that it took.
        until: String,
    },
    /// The call had no room for it: that was no attempt.
    Unsent,
    /// It is to be tried again after a pause.
    Again {
        /// The status of the answer, where there was one.
        status: Option<u16>,
        /// Why.
        failure: String,
        /// Time to wait.
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

impl Attempt {
    /// The change to a delivery with this number of attempts. It stays in line until it is over.
    pub(super) fn settled(self, attempts: i32, now: DateTimeUtc) -> ActiveModel {
        let mut settled =
            ActiveModel { status: Set(None), failure: Set(None), next_at: Set(None), ..Default::default() };
        match self {
            Self::Done { status } => {
                settled.done_at = Set(Some(now));
                settled.status = Set(Some(status.into()));
            }
            Self::Needless => settled.done_at = Set(Some(now)),
            Self::Part { status, until } => {
                settled.due_at = Set(now);
                settled.next_at = Set(Some(now));
                settled.attempts = Set(0);
                settled.sent_until = Set(Some(until));
                settled.status = Set(Some(status.into()));
            }
            Self::Unsent => {
                return ActiveModel { attempts: Set((attempts - 1).max(0)), ..Default::default() };
            }
            Self::Again { status, failure, pause } => {
                settled.due_at = Set(now + pause);
                settled.next_at = Set(Some(now + pause));
                settled.failure = Set(Some(failure));
                settled.status = Set(status.map(i32::from));
            }
            Self::Dead { status, failure } => {
                settled.dead_at = Set(Some(now));
                settled.failure = Set(Some(failure));
                settled.status = Set(status.map(i32::from));
            }
        }
        settled
    }

    /// Tells whether there is no further attempt.
    fn is_last(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Needless | Self::Dead { .. })
    }
}

/// Records what became of an attempt. Says nothing of a delivery that somebody else has taken since, because the lease was over.
pub async fn settle_delivery(db: &Database, delivery: &Model, attempt: Attempt) -> Result<()> {
    let txn = queue::begin(db, delivery.webhook_id).await?;
    let is_last = attempt.is_last();
    let mut settled = attempt.settled(delivery.attempts, db.clock().now());
    settled.next_at = Set(None);
    settled.sent = Set(delivery.sent.clone());
    let taken = Entity::update_many()
        .set(settled)
        .filter(Column::Id.eq(delivery.id))
        .filter(Column::Attempts.eq(delivery.attempts))
        .filter(is_open());
    if taken.exec(&txn).await?.rows_affected > 0 {
        let next = if is_last { queue::behind(&txn, delivery).await? } else { vec![delivery.id] };
        queue::line_up(&txn, delivery.webhook_id, next).await?;
    }
    txn.commit().await
}
