//! Settings of webhooks, and the ways in which administrators change them.
use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, entity::prelude::*,
};

use url::Url;

use super::{ActiveModel, Column, Entity, Model, Secret, delivery, is_open, queue, shown_url};
use crate::{
    ChangeInfo, Database, Result,
    access::{
        audit::{self, Action, AuditEntry},
        signing_key::random,
    },
    database::transaction,
    tables::publication,
};

/// A header of a webhook's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookHeader {
    /// Name, in lower case.
    pub name: String,
    /// Template of the value.
    pub value: Secret,
}

/// Settings of a webhook.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Address of its receiver.
    pub url: Secret,
    /// The kinds of entries it is told of; of all, where there are none.
    pub kinds: Vec<String>,
    /// The GraphQL query whose answer comes with each message.
    pub query: Option<String>,
    /// The HTTP method of its requests.
    pub method: String,
    /// Its own headers.
    pub headers: Vec<WebhookHeader>,
    /// The template of the body; none for the standard message.
    pub body: Option<String>,
    /// Minimum number of seconds between two calls.
    pub every_seconds: Option<i32>,
    /// Maximum number of cache tags of one call.
    pub max_tags: Option<i32>,
}

impl WebhookSettings {
    /// Settings of a webhook that gets the standard messages about all kinds.
    pub fn standard(url: &str) -> Self {
        Self {
            url: url.into(),
            kinds: Vec::new(),
            query: None,
            method: "POST".to_owned(),
            headers: Vec::new(),
            body: None,
            every_seconds: None,
            max_tags: None,
        }
    }

    /// Settings of this webhook.
    pub fn of(webhook: &Model) -> Self {
        Self {
            url: webhook.url.clone(),
            kinds: webhook.kinds.split_whitespace().map(str::to_owned).collect(),
            query: webhook.query.clone(),
            method: webhook.method.clone(),
            headers: webhook.own_headers().unwrap_or_default(),
            body: webhook.body.clone(),
            every_seconds: webhook.every_seconds,
            max_tags: webhook.max_tags,
        }
    }

    /// Tells whether an address leads to another host than that of these settings, who must not learn the values of its headers.
    pub fn leads_elsewhere(&self, url: &str) -> bool {
        let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
        !self.headers.is_empty() && origin(&self.url) != origin(url)
    }

    /// The columns that they stand in.
    fn columns(self) -> ActiveModel {
        let headers: Vec<_> = self.headers.iter().map(|header| (&header.name, &header.value.0)).collect();
        ActiveModel {
            headers: Set(Secret(serde_json::json!(headers).to_string())),
            url: Set(self.url),
            kinds: Set(self.kinds.join(" ")),
            query: Set(self.query),
            method: Set(self.method),
            body: Set(self.body),
            every_seconds: Set(self.every_seconds),
            max_tags: Set(self.max_tags),
            ..Default::default()
        }
    }
}

/// Headers as they are stored.
pub(super) fn headers_of(stored: &Secret) -> Option<Vec<WebhookHeader>> {
    let pairs: Vec<(String, String)> = serde_json::from_str(stored).ok()?;
    Some(pairs.into_iter().map(|(name, value)| WebhookHeader { name, value: Secret(value) }).collect())
}

/// A new webhook: it is told of what is published from now on. The secret is made here.
pub async fn create_webhook(db: &Database, settings: WebhookSettings, change: &ChangeInfo) -> Result<Model> {
    let txn = transaction::begin(db).await?;
    let change = change.begun(&txn).await?;
    let last = publication::Entity::find().order_by_desc(publication::Column::Id).limit(1).one(&*txn).await?;
    let shown = shown_url(&settings.url);
    let webhook = ActiveModel {
        secret: Set(Secret(format!("whsec_{}", STANDARD.encode(random::<32>()?)))),
        created_at: Set(change.at),
        last_publication_id: Set(last.map_or(0, |last| last.id)),
        ..settings.columns()
    };
    let webhook = webhook.insert(&*txn).await?;
    let deed = AuditEntry { details: format!("{}: {shown}", webhook.id), ..AuditEntry::of(Action::CreatedWebhook) };
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(webhook)
}

/// Gives a webhook other settings: what waits is told by them, too. None where there is none in this row.
pub async fn update_webhook(
    db: &Database,
    id: i64,
    settings: WebhookSettings,
    change: &ChangeInfo,
) -> Result<Option<Model>> {
    let txn = transaction::begin(db).await?;
    let known = Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).one(&*txn).await?;
    let Some(before) = known else { return Ok(None) };
    let change = change.begun(&txn).await?;
    let details = format!("{id}: {}", shown_url(&settings.url));
    // Another receiver, or another pause, is not kept waiting.
    let columns = ActiveModel { id: Set(id), next_call_at: Set(None), ..settings.columns() };
    queue::lock(&*txn, id).await?;
    let webhook = columns.update(&*txn).await?;
    if before.is_joined() != webhook.is_joined() {
        queue::line_up_again(&*txn, &webhook).await?;
    }
    audit::record(&txn, &change, [AuditEntry { details, ..AuditEntry::of(Action::ChangedWebhook) }]).await?;
    txn.commit().await?;
    Ok(Some(webhook))
}

/// All webhooks that were not deleted, the newest first.
pub async fn webhooks(db: &Database) -> Result<Vec<Model>> {
    let kept = Entity::find().filter(Column::DeletedAt.is_null());
    Ok(kept.order_by_desc(Column::Id).all(&**db).await?)
}

/// The webhook in this row, where it is not deleted.
pub async fn webhook(db: &Database, id: i64) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).one(&**db).await?)
}

/// Deletes a webhook: it is no longer notified of anything. None where there is none in this row.
pub async fn delete_webhook(db: &Database, id: i64, change: &ChangeInfo) -> Result<Option<Model>> {
    let txn = transaction::begin(db).await?;
    let known = Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).one(&*txn).await?;
    let Some(webhook) = known else { return Ok(None) };
    let change = change.begun(&txn).await?;
    let deed =
        AuditEntry { details: format!("{id}: {}", webhook.shown_url()), ..AuditEntry::of(Action::DeletedWebhook) };
    let mut webhook = webhook.into_active_model();
    webhook.deleted_at = Set(Some(change.at));
    // Whoever makes deliveries locks the queue first, and the row then.
    queue::lock(&*txn, id).await?;
    let webhook = webhook.update(&*txn).await?;
    delivery::Entity::update_many()
        .col_expr(delivery::Column::DeadAt, Some(change.at).into())
        .col_expr(delivery::Column::NextAt, Option::<DateTimeUtc>::None.into())
        .filter(delivery::Column::WebhookId.eq(id))
        .filter(is_open())
        .exec(&*txn)
        .await?;
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(Some(webhook))
}
