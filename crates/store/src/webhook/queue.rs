//! The queue of each webhook: what is next in line has a time in `next_at`, and what waits for others has none. So the next
//! deliveries are found by an index, at the same cost however many wait. Only the first open delivery about an entry is in line; a
//! delivery about a release stands with those about each entry that the release holds. Where one call tells several, all are in line.
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExecResult,
    FromQueryResult as _, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait as _, Statement,
    TransactionTrait as _,
    prelude::async_trait::async_trait,
    sea_query::{
        Alias, Expr, ExprTrait as _, Func, JoinType, LockBehavior, LockType, Query, SelectStatement, SimpleExpr,
    },
};

use super::{
    Webhook,
    delivery::{ActiveModel, Column, Entity, Model, is_open},
};
use crate::{
    Database, Result,
    database::transaction::{self, Writer},
    tables::release::item,
};

/// Number of deliveries that are put in line by one statement.
const AT_ONCE: usize = 500;
/// The first half of the keys of the locks of queues on Postgres: `hook` in ASCII. The second is the webhook.
const QUEUE_LOCK: i32 = 0x686f_6f6b;

/// A transaction on the queue of one webhook.
pub(super) enum QueueTurn {
    /// SQLite has one writer.
    Writer(Box<Writer>),
    /// On Postgres, nobody else waits but who changes the same queue.
    Queue(DatabaseTransaction),
}

impl QueueTurn {
    pub(super) async fn commit(self) -> Result<()> {
        match self {
            Self::Writer(writer) => writer.commit().await,
            Self::Queue(txn) => Ok(txn.commit().await?),
        }
    }
}

#[async_trait]
impl ConnectionTrait for QueueTurn {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Writer(writer) => writer.get_database_backend(),
            Self::Queue(txn) => txn.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Writer(writer) => writer.execute_raw(statement).await,
            Self::Queue(txn) => txn.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Writer(writer) => writer.execute_unprepared(sql).await,
            Self::Queue(txn) => txn.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Writer(writer) => writer.query_one_raw(statement).await,
            Self::Queue(txn) => txn.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Writer(writer) => writer.query_all_raw(statement).await,
            Self::Queue(txn) => txn.query_all_raw(statement).await,
        }
    }
}

/// Begins a transaction on the queue of a webhook.
pub(super) async fn begin(db: &Database, webhook: i64) -> Result<QueueTurn> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(QueueTurn::Writer(Box::new(transaction::begin(db).await?)));
    }
    let txn = db.begin().await?;
    lock(&txn, webhook).await?;
    Ok(QueueTurn::Queue(txn))
}

/// Waits for others who change the queue: what is next in line is decided by one at a time.
pub(super) async fn lock(txn: &impl ConnectionTrait, webhook: i64) -> Result<()> {
    if txn.get_database_backend() == DbBackend::Postgres {
        let second = i32::try_from(webhook).unwrap_or_default();
        let lock = Func::cust("pg_advisory_xact_lock").arg(QUEUE_LOCK).arg(second);
        txn.query_one(&Query::select().expr(lock).take()).await?;
    }
    Ok(())
}

/// Tells whether a delivery is due.
pub(super) async fn has_due(db: &Database, webhook: i64, now: DateTime<Utc>) -> Result<bool> {
    // In the order of the index, without which Postgres may collect all that are due.
    let first = Entity::find()
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::NextAt.lte(now))
        .order_by_asc(Column::NextAt)
        .order_by_asc(Column::Id)
        .limit(1);
    Ok(first.one(&**db).await?.is_some())
}

/// Takes the first deliveries that are due, until the lease is over.
pub(super) async fn take(
    db: &Database,
    webhook: i64,
    now: DateTime<Utc>,
    lease: TimeDelta,
    limit: u64,
) -> Result<Vec<Model>> {
    let backend = db.get_database_backend();
    let mut due = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::NextAt.lte(now))
        .order_by_asc(Column::NextAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_query();
    if backend == DbBackend::Postgres {
        due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let take = Query::update()
        .table(Entity)
        .value(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .value(Column::DueAt, now + lease)
        .value(Column::NextAt, now + lease)
        .and_where(Column::Id.in_subquery(due))
        .returning_all()
        .take();
    let rows = if backend == DbBackend::Postgres {
        db.query_all(&take).await?
    } else {
        let txn = transaction::begin(db).await?;
        let rows = txn.query_all(&take).await?;
        txn.commit().await?;
        rows
    };
    let mut taken = rows.iter().map(|row| Model::from_query_result(row, "")).collect::<Result<Vec<_>, _>>()?;
    taken.sort_by_key(|delivery| delivery.id);
    Ok(taken)
}

/// Puts new deliveries at the end of the queue.
pub(super) async fn insert(txn: &impl ConnectionTrait, webhook: &Webhook, mut made: Vec<ActiveModel>) -> Result<()> {
    if made.is_empty() {
        return Ok(());
    }
    if webhook.is_joined() {
        for delivery in &mut made {
            delivery.next_at = Set(delivery.due_at.try_as_ref().copied());
        }
        Entity::insert_many(made).exec_without_returning(txn).await?;
        return Ok(());
    }
    // Those with larger ids than before would be the same, but Postgres would look for them among all that are open.
    let mut insert = Entity::insert_many(made).into_query();
    insert.returning(Query::returning().column(Column::Id));
    let rows = txn.query_all(&insert).await?;
    let ids = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    line_up(txn, webhook.id, ids).await
}

/// Puts deliveries in line that wait for no others.
pub(super) async fn line_up(txn: &impl ConnectionTrait, webhook: i64, ids: Vec<i64>) -> Result<()> {
    for ids in ids.chunks(AT_ONCE) {
        line_up_those(txn, webhook, Column::Id.is_in(ids.to_vec())).await?;
    }
    Ok(())
}

/// Removes some deliveries that were taken before this time, the oldest first: as many as a step has room for, in a transaction of
/// its own. Returns the number of those that were removed. What is open or was given up stays.
pub async fn remove_taken(db: &Database, before: DateTime<Utc>, step: u64) -> Result<u64> {
    let taken = || {
        Entity::find().select_only().column(Column::Id).filter(Column::DoneAt.lt(before)).order_by_asc(Column::DoneAt)
    };
    // Nobody waits for a turn to write where there is nothing to remove.
    if taken().limit(1).into_tuple::<i64>().one(&**db).await?.is_none() {
        return Ok(0);
    }
    let remove = |lock: bool| {
        let mut ids = taken().limit(step).into_query();
        if lock {
            // One that is sent once more at this moment is not looked for again.
            ids.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        Entity::delete_many().filter(Column::Id.in_subquery(ids))
    };
    if db.get_database_backend() == DbBackend::Postgres {
        return Ok(remove(true).exec(&**db).await?.rows_affected);
    }
    let txn = transaction::begin(db).await?;
    let removed = remove(false).exec(&*txn).await?.rows_affected;
    txn.commit().await?;
    Ok(removed)
}

/// Puts all deliveries in line that wait for no others: those that an older version of the program made among them.
pub async fn line_up_all(db: &Database) -> Result<()> {
    for webhook in super::webhooks(db).await? {
        let waiting = Entity::find()
            .filter(Column::WebhookId.eq(webhook.id))
            .filter(Column::NextAt.is_null())
            .filter(is_open())
            .limit(1);
        if waiting.one(&**db).await?.is_some() {
            let txn = begin(db, webhook.id).await?;
            line_up_webhook(&txn, &webhook).await?;
            txn.commit().await?;
        }
    }
    Ok(())
}

/// Puts all deliveries to a webhook in line anew, as its settings are now.
pub(super) async fn line_up_again(txn: &impl ConnectionTrait, webhook: &Webhook) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::NextAt, Option::<DateTime<Utc>>::None.into())
        .filter(Column::WebhookId.eq(webhook.id))
        .filter(is_open())
        .exec(txn)
        .await?;
    line_up_webhook(txn, webhook).await
}

/// Puts those of a webhook's deliveries in line that wait for no others: all of them, where one call tells several.
pub(super) async fn line_up_webhook(txn: &impl ConnectionTrait, webhook: &Webhook) -> Result<()> {
    if !webhook.is_joined() {
        return line_up_those(txn, webhook.id, Column::WebhookId.eq(webhook.id)).await;
    }
    Entity::update_many()
        .col_expr(Column::NextAt, Expr::col(Column::DueAt))
        .filter(Column::WebhookId.eq(webhook.id))
        .filter(Column::NextAt.is_null())
        .filter(is_open())
        .exec(txn)
        .await?;
    Ok(())
}

/// Puts those of a webhook's deliveries in line that wait for no others. Where they are named, nothing else may lead to them: without
/// statistics, Postgres takes the webhook, or an index of those that are open, for the better way, and goes over all of them. So the
/// condition is not written as that of these indexes.
async fn line_up_those(txn: &impl ConnectionTrait, webhook: i64, which: SimpleExpr) -> Result<()> {
    let is_open = Expr::expr(Func::coalesce([Expr::col(Column::DoneAt), Expr::col(Column::DeadAt)])).is_null();
    let ready = Entity::update_many()
        .col_expr(Column::NextAt, Expr::col(Column::DueAt))
        .filter(Column::NextAt.is_null())
        .filter(is_open)
        .filter(which);
    let ready = waits_for(webhook).into_iter().fold(ready, |ready, earlier| ready.filter(earlier.is_null()));
    ready.exec(txn).await?;
    Ok(())
}

/// Takes those out of line that wait for a delivery which was opened again.
pub(super) async fn stand_back(txn: &impl ConnectionTrait, opened: &Model) -> Result<()> {
    let behind = Condition::any().add(Column::EntryId.is_null()).add(match opened.entry_id {
        Some(entry) => Column::EntryId.eq(entry),
        None => Column::EntryId.in_subquery(entries_of(opened.release_id.unwrap_or_default())),
    });
    let waits = waits_for(opened.webhook_id).into_iter().map(SimpleExpr::is_not_null);
    Entity::update_many()
        .col_expr(Column::NextAt, Option::<DateTime<Utc>>::None.into())
        .filter(Column::WebhookId.eq(opened.webhook_id))
        .filter(is_open())
        .filter(Column::Id.gt(opened.id))
        .filter(behind)
        .filter(waits.fold(Condition::any(), Condition::add))
        .exec(txn)
        .await?;
    Ok(())
}

/// Deliveries that may have waited for one that is over: the next about each of its entries, and those about releases that hold one
/// of them.
pub(super) async fn behind(txn: &impl ConnectionTrait, over: &Model) -> Result<Vec<i64>> {
    let open = || Entity::find().select_only().filter(Column::WebhookId.eq(over.webhook_id)).filter(is_open());
    let (next, releases) = match (over.entry_id, over.release_id) {
        (Some(entry), _) => {
            let next = open().column(Column::Id).filter(Column::EntryId.eq(entry)).order_by_asc(Column::Id).limit(1);
            (next, releases_of(entry))
        }
        (None, release) => {
            let release = release.unwrap_or_default();
            let about = Column::EntryId.in_subquery(entries_of(release));
            let next = open().column_as(Column::Id.min(), "next").filter(about).group_by(Column::EntryId);
            (next, releases_like(release))
        }
    };
    let mut behind = next.into_tuple::<i64>().all(txn).await?;
    let releases = open().column(Column::Id).filter(Column::ReleaseId.in_subquery(releases));
    behind.extend(releases.into_tuple::<i64>().all(txn).await?);
    Ok(behind)
}

/// The first that a delivery waits for, in each way in which that can be: an earlier one to its webhook that is open and about the
/// same entry, or about a release with the same entry. They begin with the few rows of the release and end with one look into an
/// index of open deliveries, each in a subquery of its own: a join or an `EXISTS` would let Postgres begin with all open deliveries.
fn waits_for(webhook: i64) -> [SimpleExpr; 4] {
    let [earlier, ours, theirs] = ["earlier", "ours", "theirs"].map(Alias::new);
    let mine = |column: Column| Expr::col((Entity, column));
    let item = |alias: &Alias, column: item::Column| Expr::col((alias.clone(), column));
    let first = |mut select: SelectStatement| Expr::SubQuery(None, Box::new(select.limit(1).take().into()));
    let open = |about: Column, this: SimpleExpr| {
        let of = |column: Column| Expr::col((earlier.clone(), column));
        let select = Query::select()
            .column((earlier.clone(), Column::Id))
            .from_as(Entity, earlier.clone())
            .and_where(of(Column::WebhookId).eq(webhook))
            .and_where(of(about).eq(this))
            .and_where(of(about).is_not_null())
            .and_where(of(Column::Id).lt(mine(Column::Id)))
            .and_where(of(Column::DoneAt).is_null())
            .and_where(of(Column::DeadAt).is_null())
            .take();
        first(select)
    };
    let release_with = |entry: SimpleExpr| {
        let select = Query::select()
            .column((theirs.clone(), item::Column::ReleaseId))
            .from_as(item::Entity, theirs.clone())
            .and_where(item(&theirs, item::Column::EntryId).eq(entry))
            .and_where(open(Column::ReleaseId, item(&theirs, item::Column::ReleaseId)).is_not_null())
            .take();
        first(select)
    };
    let entry_with = |earlier: SimpleExpr| {
        let select = Query::select()
            .column((ours.clone(), item::Column::EntryId))
            .from_as(item::Entity, ours.clone())
            .and_where(mine(Column::ReleaseId).is_not_null())
            .and_where(item(&ours, item::Column::ReleaseId).eq(mine(Column::ReleaseId)))
            .and_where(earlier.is_not_null())
            .take();
        first(select)
    };
    [
        open(Column::EntryId, mine(Column::EntryId)),
        release_with(mine(Column::EntryId)),
        entry_with(open(Column::EntryId, item(&ours, item::Column::EntryId))),
        entry_with(release_with(item(&ours, item::Column::EntryId))),
    ]
}

/// The entries that a release holds.
fn entries_of(release: impl Into<SimpleExpr>) -> SelectStatement {
    let held = Expr::col((item::Entity, item::Column::ReleaseId)).eq(release);
    Query::select().column((item::Entity, item::Column::EntryId)).from(item::Entity).and_where(held).take()
}

/// The releases that hold an entry.
fn releases_of(entry: impl Into<SimpleExpr>) -> SelectStatement {
    let holds = Expr::col((item::Entity, item::Column::EntryId)).eq(entry);
    Query::select().column((item::Entity, item::Column::ReleaseId)).from(item::Entity).and_where(holds).take()
}

/// The releases that hold an entry of a release, that release among them.
fn releases_like(release: impl Into<SimpleExpr>) -> SelectStatement {
    let (ours, theirs) = (Alias::new("ours"), Alias::new("theirs"));
    let same = Expr::col((theirs.clone(), item::Column::EntryId)).equals((ours.clone(), item::Column::EntryId));
    Query::select()
        .column((theirs.clone(), item::Column::ReleaseId))
        .from_as(item::Entity, ours.clone())
        .join_as(JoinType::InnerJoin, item::Entity, theirs, same)
        .and_where(Expr::col((ours, item::Column::ReleaseId)).eq(release))
        .take()
}
