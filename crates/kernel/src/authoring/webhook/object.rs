//! Webhooks and their deliveries, as objects of the graph.
use async_graphql::{Context, Enum, ID, Object};
use store::{self, Delivery, Webhook};

use super::super::node::{DELIVERY, WEBHOOK, id_of_row};
use crate::{
    Result,
    list::{Log, LogArguments},
    moment::Moment,
    open::EntryKind,
    request::request,
};

/// Method of the requests of a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum WebhookMethod {
    /// `GET`, without a body.
    Get,
    /// `POST`, with a body.
    #[default]
    Post,
    /// `PUT`, with a body.
    Put,
    /// `DELETE`, without a body.
    Delete,
    /// `PURGE`, as HTTP caches take it, without a body.
    Purge,
}

impl WebhookMethod {
    /// All of them, with their names.
    const ALL: [(Self, &'static str); 5] = [
        (Self::Get, "GET"),
        (Self::Post, "POST"),
        (Self::Put, "PUT"),
        (Self::Delete, "DELETE"),
        (Self::Purge, "PURGE"),
    ];

    /// The method of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(method, _)| *method)
    }

    /// The name, as HTTP writes it.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(method, _)| *method == self).map_or("POST", |(_, name)| name)
    }

    /// Tells whether requests have a body.
    pub(super) fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put)
    }
}

/// A webhook.
pub(crate) struct WebhookObject(pub(in super::super) Webhook);

/// An address that is notified of publications and withdrawals, by messages that are signed as Standard Webhooks specifies.
#[Object(name = "Webhook")]
impl WebhookObject {
    /// The global id, as `deleteWebhook` takes it.
    async fn id(&self) -> ID {
        id_of_row(WEBHOOK, self.0.id)
    }

    /// Address that the webhook calls, without what may be secret: a user, a password, the path after its first step, and the values of
    /// parameters.
    async fn url(&self) -> String {
        self.0.shown_url()
    }

    /// The kinds of entries it is notified of; all kinds if the list is empty.
    async fn kinds(&self) -> Vec<EntryKind> {
        self.0.kinds.split_whitespace().map(EntryKind::of).collect()
    }

    /// The GraphQL query whose answer is sent with each message; null if there is none.
    async fn query(&self) -> Option<&str> {
        self.0.query.as_deref()
    }

    /// The HTTP method of its requests.
    async fn method(&self) -> WebhookMethod {
        WebhookMethod::named(&self.0.method).unwrap_or_default()
    }

    /// The names of its own headers. Nobody is shown their values.
    async fn header_names(&self) -> Vec<String> {
        self.0.own_headers().unwrap_or_default().into_iter().map(|header| header.name).collect()
    }

    /// The template of the body; null for the standard message.
    async fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// Minimum number of seconds between two calls, which tell all that happened in between; null if each message is a call.
    async fn every_seconds(&self) -> Option<i32> {
        self.0.every_seconds
    }

    /// Maximum number of cache tags of one call; null for any number.
    async fn max_tags(&self) -> Option<i32> {
        self.0.max_tags
    }

    /// Time of creation of the webhook.
    async fn created_at(&self) -> Moment {
        Moment(self.0.created_at)
    }

    /// Messages that were or will be sent to the webhook, the newest first.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only dead deliveries.", default)] dead: bool,
        #[graphql(
            desc = "The size of the page, taken from the start (or after `after`): 0 to 100 unless the server is set up otherwise; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only objects after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only objects before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Log<DeliveryObject>> {
        let loaders = request(ctx);
        let arguments = LogArguments::new((first, after), (last, before), loaders.max_page())?;
        let rows = store::deliveries(loaders.database(), self.0.id, dead, arguments.span()).await?;
        Ok(arguments.page(rows, |row| row.id, DeliveryObject))
    }
}

/// A message to a webhook.
pub(crate) struct DeliveryObject(pub(in super::super) Delivery);

/// A message to a webhook, and the state of its delivery.
#[Object(name = "Delivery")]
impl DeliveryObject {
    /// The global id, as `redeliver` takes it.
    async fn id(&self) -> ID {
        id_of_row(DELIVERY, self.0.id)
    }

    /// Number of attempts to deliver the message since it was last requested.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// Time of the next attempt; null if there is none.
    async fn due_at(&self) -> Option<Moment> {
        let is_open = self.0.done_at.is_none() && self.0.dead_at.is_none();
        is_open.then_some(Moment(self.0.due_at))
    }

    /// Time at which the receiver accepted the message; null if it has not.
    async fn done_at(&self) -> Option<Moment> {
        self.0.done_at.map(Moment)
    }

    /// Time at which the delivery became dead; null if it is not.
    async fn dead_at(&self) -> Option<Moment> {
        self.0.dead_at.map(Moment)
    }

    /// The HTTP status of the last answer; null if there was none.
    async fn status(&self) -> Option<i32> {
        self.0.status
    }

    /// Reason for the failure of the last attempt; null if it did not fail.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// The beginning of the last request: method, address, own headers without their values, and body. Null if there was none, and where
    /// the webhook gets the standard message alone.
    async fn sent(&self) -> Option<&str> {
        self.0.sent.as_deref()
    }
}
