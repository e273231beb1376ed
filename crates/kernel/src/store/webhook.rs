//! Webhooks: who is told of publications, and what has been told. The log of publications is the outbox: a delivery is made of
//! each of its rows, for each webhook, after the transaction that wrote the row, by whichever process comes first.
use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Alias, ExprTrait as _, Query},
};

use super::{
    Change, Database,
    audit::{self, Action, Deed},
    publication, release,
    signing_key::random,
    transaction::{self, Writer},
};
use crate::Result;

/// How many publications one transaction makes deliveries of.
const PAGE: u64 = 1_000;
/// How long whoever took a delivery has to say what became of it; then it is due again.
const LEASE: TimeDelta = TimeDelta::seconds(120);

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Where it is told.
    pub url: String,
    /// The secret that its messages are signed with, as Standard Webhooks write it.
    pub secret: String,
    /// The kinds of entries it is told of, separated by spaces; of all, where there are none.
    pub kinds: String,
    /// The GraphQL query whose answer comes with each message.
    pub query: Option<String>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was deleted.
    pub deleted_at: Option<DateTimeUtc>,
    /// The last publication that deliveries were made of.
    pub last_publication_id: i64,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    fn wants(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.split(' ').any(|wanted| wanted == kind)
    }
}

/// What a webhook is told, and how far that got.
pub(crate) mod delivery {
    use sea_orm::entity::prelude::*;

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
}

/// A new webhook: it is told of what is published from now on. The secret is made here.
pub async fn create_webhook(
    db: &Database,
    url: &str,
    kinds: &[&str],
    query: Option<String>,
    change: &Change,
) -> Result<Model> {
    let txn = transaction::begin(db).await?;
    let change = change.begun(&*txn).await?;
    let last = publication::Entity::find().order_by_desc(publication::Column::Id).limit(1).one(&*txn).await?;
    let webhook = ActiveModel {
        url: Set(url.to_owned()),
        secret: Set(format!("whsec_{}", STANDARD.encode(random::<32>()?))),
        kinds: Set(kinds.join(" ")),
        query: Set(query),
        created_at: Set(change.at),
        last_publication_id: Set(last.map_or(0, |last| last.id)),
        ..Default::default()
    };
    let webhook = webhook.insert(&*txn).await?;
    let deed = Deed { details: format!("{}: {url}", webhook.id), ..Deed::of(Action::CreatedWebhook) };
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(webhook)
}

/// All webhooks that were not deleted, the newest first.
pub async fn webhooks(db: &Database) -> Result<Vec<Model>> {
    let kept = Entity::find().filter(Column::DeletedAt.is_null());
    Ok(kept.order_by_desc(Column::Id).all(&**db).await?)
}

/// Deletes a webhook: it is told of nothing more. None where there is none in this row.
pub async fn delete_webhook(db: &Database, id: i64, change: &Change) -> Result<Option<Model>> {
    let txn = transaction::begin(db).await?;
    let known = Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).one(&*txn).await?;
    let Some(webhook) = known else { return Ok(None) };
    let change = change.begun(&*txn).await?;
    let deed = Deed { details: format!("{id}: {}", webhook.url), ..Deed::of(Action::DeletedWebhook) };
    let mut webhook = webhook.into_active_model();
    webhook.deleted_at = Set(Some(change.at));
    let webhook = webhook.update(&*txn).await?;
    delivery::Entity::update_many()
        .col_expr(delivery::Column::DeadAt, Some(change.at).into())
        .filter(delivery::Column::WebhookId.eq(id))
        .filter(is_open())
        .exec(&*txn)
        .await?;
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(Some(webhook))
}

/// The deliveries to a webhook before a row, the newest first; those that were given up only, where that is asked.
pub async fn deliveries(
    db: &Database,
    webhook: i64,
    dead: bool,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<delivery::Model>> {
    use delivery::Column::{DeadAt, Id, WebhookId};
    let asked = Condition::all()
        .add(WebhookId.eq(webhook))
        .add_option(dead.then(|| DeadAt.is_not_null()))
        .add_option(before.map(|before| Id.lt(before)));
    Ok(delivery::Entity::find().filter(asked).order_by_desc(Id).limit(limit).all(&**db).await?)
}

/// Sends a delivery once more, as soon as may be; none where there is none in this row, or its webhook was deleted.
pub async fn redeliver(db: &Database, id: i64, change: &Change) -> Result<Option<delivery::Model>> {
    let txn = transaction::begin(db).await?;
    let Some(known) = delivery::Entity::find_by_id(id).one(&*txn).await? else { return Ok(None) };
    let webhook = Entity::find_by_id(known.webhook_id).filter(Column::DeletedAt.is_null()).one(&*txn).await?;
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
    pub delivery: delivery::Model,
    /// Who is told.
    pub webhook: Model,
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

fn is_open() -> Condition {
    Condition::all().add(delivery::Column::DoneAt.is_null()).add(delivery::Column::DeadAt.is_null())
}

/// Makes deliveries of what was published since the last time, and takes up to `limit` of those that are due: until they are
/// settled, or for a while, nobody else takes them.
pub async fn take_deliveries(db: &Database, limit: u64) -> Result<Vec<Event>> {
    let late = Entity::find().filter(Column::DeletedAt.is_null()).filter(Column::LastPublicationId.lt(db.version()));
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
fn due(now: DateTime<Utc>, limit: u64) -> sea_orm::Select<delivery::Entity> {
    use delivery::{Column, Entity};
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
    for webhook in Entity::find().filter(Column::DeletedAt.is_null()).all(&**txn).await? {
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
                delivery::Entity::insert_many(made).exec_without_returning(&**txn).await?;
            }
            let mut seen: ActiveModel = webhook.clone().into_active_model();
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
    Ok(Entity::find_by_id(id).one(&**txn).await?.map_or(i64::MAX, |webhook| webhook.last_publication_id))
}

async fn of_publications(
    txn: &Writer,
    webhook: &Model,
    rows: Vec<publication::Model>,
) -> Result<Vec<delivery::ActiveModel>> {
    use super::entry;
    let entries = entry::Entity::find().filter(entry::Column::Id.is_in(rows.iter().map(|row| row.entry_id)));
    let kinds: HashMap<i64, String> =
        entries.all(&**txn).await?.into_iter().map(|entry| (entry.id, entry.kind)).collect();
    let wanted = rows.into_iter().filter(|row| kinds.get(&row.entry_id).is_some_and(|kind| webhook.wants(kind)));
    Ok(wanted
        .map(|row| delivery::ActiveModel {
            publication_id: Set(Some(row.id)),
            release_id: Set(None),
            entry_id: Set(Some(row.entry_id)),
            ..delivery_to(webhook)
        })
        .collect())
}

async fn of_releases(txn: &Writer, webhook: &Model, after: i64, until: i64) -> Result<Vec<delivery::ActiveModel>> {
    let released = release::Entity::find()
        .filter(release::Column::PublicationId.gt(after))
        .filter(release::Column::PublicationId.lte(until))
        .order_by_asc(release::Column::PublicationId);
    let released = released.all(&**txn).await?.into_iter();
    Ok(released
        .map(|release| delivery::ActiveModel {
            publication_id: Set(None),
            release_id: Set(Some(release.id)),
            entry_id: Set(None),
            ..delivery_to(webhook)
        })
        .collect())
}

fn delivery_to(webhook: &Model) -> delivery::ActiveModel {
    delivery::ActiveModel {
        webhook_id: Set(webhook.id),
        attempts: Set(0),
        due_at: Set(Utc::now()),
        ..Default::default()
    }
}

async fn events(db: &Database, taken: Vec<delivery::Model>) -> Result<Vec<Event>> {
    let webhooks = Entity::find().filter(Column::Id.is_in(taken.iter().map(|delivery| delivery.webhook_id)));
    let webhooks: HashMap<i64, Model> = webhooks.all(&**db).await?.into_iter().map(|hook| (hook.id, hook)).collect();
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
    use super::{entry, revision};
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
pub async fn settle_delivery(db: &Database, delivery: &delivery::Model, attempt: Attempt) -> Result<()> {
    let txn = transaction::begin(db).await?;
    let now = Utc::now();
    let mut settled: delivery::ActiveModel = delivery.clone().into_active_model();
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
