//! Webhooks: who is told of publications, and what has been told. The log of publications is the outbox: a delivery is made of
//! each of its rows, for each webhook, after the transaction that wrote the row, by whichever process comes first.
mod delivery;
mod event;
mod outbox;
mod queue;

use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, entity::prelude::*,
};
use url::Url;

use self::delivery::is_open;
pub(super) use self::outbox::{catch_up, enqueue_release};
pub use self::{
    Model as Webhook,
    delivery::{Attempt, Model as Delivery, deliveries, find_delivery, redeliver, settle_delivery, take_deliveries},
    event::{Event, EventEntry},
    queue::{line_up_all, remove_taken},
};
use crate::{
    ChangeInfo, Database, Result,
    access::{
        audit::{self, Action, AuditEntry},
        signing_key::random,
    },
    database::transaction,
    tables::publication,
};

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Address of its receiver.
    pub url: String,
    /// The secret that its messages are signed with, as Standard Webhooks write it.
    pub secret: String,
    /// The kinds of entries it is told of, separated by spaces; of all, where there are none.
    pub kinds: String,
    /// The GraphQL query whose answer comes with each message.
    pub query: Option<String>,
    /// Time of its creation.
    pub created_at: DateTimeUtc,
    /// Time of its deletion.
    pub deleted_at: Option<DateTimeUtc>,
    /// The last publication that deliveries were made of.
    pub last_publication_id: i64,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Address of its receiver, as it may be shown.
    pub fn shown_url(&self) -> String {
        shown_url(&self.url)
    }

    fn wants(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.split(' ').any(|wanted| wanted == kind)
    }
}

/// The address as it may be shown: without a user, a password, and the values of parameters, which let whoever knows them in.
pub fn shown_url(url: &str) -> String {
    let Ok(mut shown) = Url::parse(url) else { return "…".to_owned() };
    // Without a host, a password may stand anywhere.
    if !shown.has_host() {
        return "…".to_owned();
    }
    let has_user = !shown.username().is_empty() || shown.password().is_some();
    if !has_user && shown.query().is_none() && shown.fragment().is_none() {
        return url.to_owned();
    }
    let keys: Vec<_> = shown.query_pairs().map(|(key, _)| key.into_owned()).collect();
    shown.set_fragment(None);
    // Neither fails where there is a host, without which nobody can be told.
    let _without = (shown.set_username(""), shown.set_password(None));
    shown.set_query(None);
    let mut text = shown.to_string();
    if has_user {
        text = text.replacen("://", "://…@", 1);
    }
    for (index, key) in keys.iter().enumerate() {
        text.push_str(if index == 0 { "?" } else { "&" });
        text.push_str(key);
        text.push_str("=…");
    }
    text
}

/// A new webhook: it is told of what is published from now on. The secret is made here.
pub async fn create_webhook(
    db: &Database,
    url: &str,
    kinds: &[&str],
    query: Option<String>,
    change: &ChangeInfo,
) -> Result<Model> {
    let txn = transaction::begin(db).await?;
    let change = change.begun(&txn).await?;
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
    let deed =
        AuditEntry { details: format!("{}: {}", webhook.id, shown_url(url)), ..AuditEntry::of(Action::CreatedWebhook) };
    audit::record(&txn, &change, [deed]).await?;
    txn.commit().await?;
    Ok(webhook)
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
    let webhook = webhook.update(&*txn).await?;
    queue::lock(&*txn, id).await?;
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

#[cfg(test)]
mod tests {
    use super::shown_url;

    #[test]
    fn an_address_is_shown_without_what_lets_somebody_in() {
        for (url, shown) in [
            ("https://example.com/hook", "https://example.com/hook"),
            ("https://me:s3cret@example.com:8443/hook", "https://…@example.com:8443/hook"),
            ("https://s3cret@example.com/hook", "https://…@example.com/hook"),
            ("https://example.com/hook?token=s3cret&id=7#s3cret", "https://example.com/hook?token=…&id=…"),
            ("http://me:s3%40cret@[::1]/hook", "http://…@[::1]/hook"),
            ("me:s3cret@example.com", "…"),
            ("not an address: s3cret", "…"),
        ] {
            assert!(!shown_url(url).contains("cret"), "{url}: {}", shown_url(url));
            if shown != "…" {
                assert_eq!(shown_url(url), shown);
            }
        }
    }
}
