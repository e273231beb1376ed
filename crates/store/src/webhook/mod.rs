//! Webhooks: who is told of publications, and what has been told. The log of publications is the outbox: a delivery is made of
//! each of its rows, for each webhook, after the transaction that wrote the row, by whichever process comes first.
mod delivery;
mod event;
mod joined;
mod outbox;
mod queue;
mod secret;
mod settings;

use sea_orm::entity::prelude::*;
use url::Url;

use self::delivery::is_open;
pub(super) use self::outbox::{catch_up, enqueue_release};
pub use self::{
    Model as Webhook,
    delivery::{Attempt, Model as Delivery, deliveries, find_delivery, redeliver, settle_delivery, take_deliveries},
    event::{Event, EventEntry},
    joined::{settle_joined, wait},
    queue::{line_up_all, remove_taken},
    secret::Secret,
    settings::{WebhookHeader, WebhookSettings, create_webhook, delete_webhook, update_webhook, webhook, webhooks},
};

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Address of its receiver.
    pub url: Secret,
    /// The secret that its messages are signed with, as Standard Webhooks write it.
    pub secret: Secret,
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
    /// The HTTP method of its requests.
    pub method: String,
    /// Its own headers, as JSON: pairs of a name and a value.
    pub headers: Secret,
    /// The template of the body; none for the standard message.
    pub body: Option<String>,
    /// Minimum number of seconds between two calls; what is published in between is told by one. None where each message is a call.
    pub every_seconds: Option<i32>,
    /// Maximum number of cache tags of one call.
    pub max_tags: Option<i32>,
    /// Time before which it is not called.
    pub next_call_at: Option<DateTimeUtc>,
    /// Number of calls that told several messages, each of which is settled by whoever made the last.
    pub calls: i64,
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

    /// Tells whether several messages are told by one call.
    pub fn is_joined(&self) -> bool {
        self.every_seconds.is_some()
    }

    /// Its own headers; none where they cannot be read.
    pub fn own_headers(&self) -> Option<Vec<WebhookHeader>> {
        settings::headers_of(&self.headers)
    }

    /// Tells whether it may be called at this time.
    fn may_be_called(&self, now: DateTimeUtc) -> bool {
        self.next_call_at.is_none_or(|next| next <= now)
    }

    fn wants(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.split(' ').any(|wanted| wanted == kind)
    }
}

/// The address as it may be shown: without a user, a password, what follows the first step of the path, and the values of parameters,
/// which let whoever knows them in. The address of a deploy hook is a secret in its path.
pub fn shown_url(url: &str) -> String {
    let Ok(mut shown) = Url::parse(url) else { return "…".to_owned() };
    // Without a host, a password may stand anywhere.
    if !shown.has_host() {
        return "…".to_owned();
    }
    let has_user = !shown.username().is_empty() || shown.password().is_some();
    let first = shown.path().trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
    let is_longer = shown.path().trim_end_matches('/').trim_start_matches('/') != first;
    if !has_user && !is_longer && shown.query().is_none() && shown.fragment().is_none() {
        return url.to_owned();
    }
    // What has no value is one.
    let keys = shown.query().into_iter().flat_map(|query| query.split('&'));
    let keys: Vec<_> =
        keys.map(|pair| pair.split_once('=').map_or(String::new(), |(key, _)| format!("{key}="))).collect();
    shown.set_fragment(None);
    // Neither fails where there is a host, without which nobody can be told.
    let _without = (shown.set_username(""), shown.set_password(None));
    shown.set_query(None);
    shown.set_path(&first);
    let mut text = shown.to_string();
    if has_user {
        text = text.replacen("://", "://…@", 1);
    }
    if is_longer {
        text.push_str("/…");
    }
    for (index, key) in keys.iter().enumerate() {
        text.push_str(if index == 0 { "?" } else { "&" });
        text.push_str(key);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::shown_url;

    #[test]
    fn an_address_is_shown_without_what_lets_somebody_in() {
        for (url, shown) in [
            ("https://example.com/hook", "https://example.com/hook"),
            ("https://example.com/deploy/me/s3cret", "https://example.com/deploy/…"),
            ("https://me:s3cret@example.com:8443/hook", "https://…@example.com:8443/hook"),
            ("https://s3cret@example.com/hook", "https://…@example.com/hook"),
            ("https://example.com/hook?token=s3cret&id=7#s3cret", "https://example.com/hook?token=…&id=…"),
            ("https://example.com/hook?s3cret", "https://example.com/hook?…"),
            ("https://example.com/hook?s3cret&id=7", "https://example.com/hook?…&id=…"),
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
