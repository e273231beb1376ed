//! Joined deliveries: one call tells a receiver all that waits for it, and there is a pause between two calls. Each of them is a delivery
//! like others, with attempts and pauses of its own; those that wait for another attempt are told along with what is due, so that what
//! concerns an entry comes in its order.
use chrono::{TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    self as webhook, Webhook,
    delivery::{Attempt, Column, Entity, Model, is_open},
    queue,
};
use crate::{Database, Result};

/// Maximum number of deliveries that one call tells.
const AT_MOST: u64 = 1_000;
/// Number of deliveries that are changed by one statement.
const AT_ONCE: usize = 500;

/// Takes what waits for a webhook, the earliest first, until the lease is over; nothing where its pause is not over, or somebody else
/// calls it.
pub(super) async fn take(db: &Database, webhook: i64, lease: TimeDelta) -> Result<Vec<Model>> {
    let txn = queue::begin(db, webhook).await?;
    let now = db.clock().now();
    let known = webhook::Entity::find_by_id(webhook).filter(webhook::Column::DeletedAt.is_null()).one(&txn).await?;
    let Some(known) = known.filter(|known| known.is_joined() && known.may_be_called(now)) else {
        return Ok(Vec::new());
    };
    // Each has a tag at least.
    let limit = known.max_tags.and_then(|most| u64::try_from(most).ok()).filter(|most| *most < AT_MOST);
    let waiting = Entity::find()
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::NextAt.is_not_null())
        .order_by_asc(Column::NextAt)
        .order_by_asc(Column::Id)
        .limit(limit.unwrap_or(AT_MOST));
    let mut taken = waiting.all(&txn).await?;
    let is_due = |delivery: &Model| delivery.next_at.is_some_and(|next| next <= now);
    let due: Vec<_> = taken.iter().filter(|delivery| is_due(delivery)).map(|delivery| delivery.id).collect();
    if due.is_empty() {
        return Ok(Vec::new());
    }
    for ids in due.chunks(AT_ONCE) {
        Entity::update_many()
            .col_expr(Column::Attempts, ExprTrait::add(Expr::col(Column::Attempts), 1))
            .filter(Column::Id.is_in(ids.to_vec()))
            .exec(&txn)
            .await?;
    }
    let calls = known.calls + 1;
    let mut called = known.into_active_model();
    called.calls = Set(calls);
    called.next_call_at = Set(Some(now + lease));
    called.update(&txn).await?;
    txn.commit().await?;
    for delivery in taken.iter_mut().filter(|delivery| is_due(delivery)) {
        delivery.attempts += 1;
    }
    taken.sort_by_key(|delivery| delivery.id);
    Ok(taken)
}

/// Records what became of a call, for deliveries that were taken for it; the next call waits for this pause. Says nothing where
/// somebody else has called since, because the lease was over.
pub async fn settle_joined(
    db: &Database,
    called: &Webhook,
    attempts: Vec<(Model, Attempt)>,
    pause: TimeDelta,
) -> Result<()> {
    let txn = queue::begin(db, called.id).await?;
    let Some(known) = webhook::Entity::find_by_id(called.id).one(&txn).await? else { return Ok(()) };
    if known.calls != called.calls {
        return Ok(());
    }
    let now = db.clock().now();
    // Most of them have the same outcome.
    let mut groups: Vec<(i32, Attempt, Option<String>, Vec<i64>)> = Vec::new();
    for (delivery, attempt) in attempts {
        let same = |group: &&mut (i32, Attempt, Option<String>, Vec<i64>)| {
            (group.0, &group.1, &group.2) == (delivery.attempts, &attempt, &delivery.sent)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.3.push(delivery.id),
            None => groups.push((delivery.attempts, attempt, delivery.sent, vec![delivery.id])),
        }
    }
    for (attempts, attempt, sent, ids) in groups {
        for ids in ids.chunks(AT_ONCE) {
            let mut settled = attempt.clone().settled(attempts, now);
            if attempt != Attempt::Unsent {
                settled.sent = Set(sent.clone());
            }
            // One that was requested again meanwhile has no attempts, and stays.
            let taken = Entity::update_many()
                .set(settled)
                .filter(Column::Id.is_in(ids.to_vec()))
                .filter(Column::Attempts.eq(attempts))
                .filter(is_open());
            taken.exec(&txn).await?;
        }
    }
    let is_joined = known.is_joined();
    let mut rests = known.clone().into_active_model();
    rests.next_call_at = Set(Some(now + pause));
    rests.update(&txn).await?;
    if !is_joined {
        queue::line_up_webhook(&txn, &known).await?;
    }
    txn.commit().await
}

/// Calls a webhook no more until this pause is over.
pub async fn wait(db: &Database, webhook: i64, pause: TimeDelta) -> Result<()> {
    let txn = queue::begin(db, webhook).await?;
    let until: chrono::DateTime<Utc> = db.clock().now() + pause;
    webhook::Entity::update_many()
        .col_expr(webhook::Column::NextCallAt, Some(until).into())
        .filter(webhook::Column::Id.eq(webhook))
        .exec(&txn)
        .await?;
    txn.commit().await
}
