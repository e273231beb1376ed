//! Webhooks, for administrators.
use async_graphql::{Context, ID, Object, Pos, SimpleObject, Variables, parser::types::OperationType};
use document::{
    characters::{Layout, flaw},
    path,
};
use language::{Broken, SyntaxError, check_conditions, parse};
use serde_json::json;
use store::{self, ChangeInfo, Delivery, Webhook};
use url::Url;

use super::{
    MutationRoot,
    node::{DELIVERY, WEBHOOK, id_of_row, row_of_id},
    payload::{UserError, kind_of},
};
use crate::{
    Result, Scope,
    catalog::Catalog,
    global_id,
    list::{Log, LogArguments},
    moment::Moment,
    open::EntryKind,
    request::{Loaders, request},
    root::QueryRoot,
    schema_language::SchemaLanguage,
};

/// The longest query of a webhook.
const MAX_QUERY_BYTES: usize = 64 * 1024;
/// Maximum nesting depth of brackets: parsing more could exhaust the stack.
const MAX_NESTING: usize = 100;

/// A webhook.
pub(crate) struct WebhookObject(pub(super) Webhook);

/// An address that is notified of publications and withdrawals, by messages that are signed as Standard Webhooks specifies.
#[Object(name = "Webhook")]
impl WebhookObject {
    /// The global id, as `deleteWebhook` takes it.
    async fn id(&self) -> ID {
        id_of_row(WEBHOOK, self.0.id)
    }

    /// Address that the webhook posts to, without a user, a password and the values of parameters.
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
pub(crate) struct DeliveryObject(pub(super) Delivery);

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
}

/// Result of creating a webhook.
#[derive(Default, SimpleObject)]
pub(crate) struct CreateWebhookPayload {
    /// The webhook; null if none was created.
    webhook: Option<WebhookObject>,
    /// The secret that its messages are signed with. It is shown only here.
    secret: Option<String>,
    /// Errors that prevented the creation of the webhook; empty on success.
    errors: Vec<UserError>,
}

/// Result of deleting a webhook.
#[derive(Default, SimpleObject)]
pub(crate) struct DeleteWebhookPayload {
    /// Errors that prevented the deletion of the webhook; empty on success.
    errors: Vec<UserError>,
}

/// Result of requesting a delivery again.
#[derive(Default, SimpleObject)]
pub(crate) struct RedeliverPayload {
    /// The delivery; null if there is none with this id.
    delivery: Option<DeliveryObject>,
    /// Errors that prevented a new delivery of the message; empty on success.
    errors: Vec<UserError>,
}

/// Queries about webhooks.
#[derive(Default)]
pub(crate) struct WebhookQueries;

impl From<&QueryRoot> for WebhookQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl WebhookQueries {
    /// All webhooks, the newest first. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn webhooks(&self, ctx: &Context<'_>) -> Result<Option<Vec<WebhookObject>>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        Ok(Some(store::webhooks(loaders.database()).await?.into_iter().map(WebhookObject).collect()))
    }
}

/// Mutations of webhooks.
#[derive(Default)]
pub(crate) struct WebhookMutations;

impl From<&MutationRoot> for WebhookMutations {
    fn from(_: &MutationRoot) -> Self {
        Self
    }
}

#[Object]
impl WebhookMutations {
    /// Creates a webhook: an address that is notified of all that is published and withdrawn from now on, at least once and in
    /// order for each entry. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address that messages are posted to, with `https` or `http`.")] url: String,
        #[graphql(desc = "The kinds of entries it is notified of; all kinds if omitted.")] kinds: Option<
            Vec<EntryKind>,
        >,
        #[graphql(
            desc = "A query whose answer is sent with each message, as of that publication; for a release, an answer for each \
                    entry. It may use the variables `$id: ID!` (for `node`), `$kind: String!`, `$slug: String!` and \
                    `$version: String!`, and is subject to the limits of a request."
        )]
        query: Option<String>,
    ) -> Result<Option<CreateWebhookPayload>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let content = loaders.content();
        let kinds: Vec<_> = kinds.iter().flatten().filter_map(|kind| kind_of(content, kind)).collect();
        let errors = match &query {
            _ if !is_http(&url) => {
                let message = "it must be an address with `https` or `http` and a host";
                vec![UserError::new(&path!["url"], "BAD_URL", message)]
            }
            Some(query) => problems(loaders, query),
            None => Vec::new(),
        };
        if !errors.is_empty() {
            return Ok(Some(CreateWebhookPayload { errors, ..Default::default() }));
        }
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let made = store::create_webhook(loaders.database(), &url, &kinds, query, &change).await?;
        let secret = Some(made.secret.clone());
        Ok(Some(CreateWebhookPayload { webhook: Some(WebhookObject(made)), secret, errors: Vec::new() }))
    }

    /// Deletes a webhook: it is no longer notified of anything. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the webhook.")] id: ID,
    ) -> Result<Option<DeleteWebhookPayload>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let deleted = match row_of_id(WEBHOOK, &id) {
            Some(id) => store::delete_webhook(loaders.database(), id, &change).await?,
            None => None,
        };
        let errors = deleted.map_or_else(|| vec![not_found("webhook", &id)], |_| Vec::new());
        Ok(Some(DeleteWebhookPayload { errors }))
    }

    /// Sends a message again, whatever its state. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn redeliver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the delivery.")] id: ID,
    ) -> Result<Option<RedeliverPayload>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let again = match row_of_id(DELIVERY, &id) {
            Some(id) => store::redeliver(loaders.database(), id, &change).await?,
            None => None,
        };
        let errors = if again.is_some() { Vec::new() } else { vec![not_found("delivery", &id)] };
        Ok(Some(RedeliverPayload { delivery: again.map(DeliveryObject), errors }))
    }
}

fn not_found(what: &str, id: &ID) -> UserError {
    UserError::new(&path!["id"], "NOT_FOUND", format!("there is no {what} `{}`", id.as_str()))
}

/// Tells whether an address can be posted to.
pub fn is_http(url: &str) -> bool {
    flaw(url, Layout::Line).is_none()
        && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// Problems of the query of a webhook. It is held against the schema as the query of a request is, and not executed.
pub fn query_problems(catalog: &Catalog, query: &str) -> Vec<String> {
    if let Some(flaw) = flaw(query, Layout::Prose) {
        return vec![format!("it {flaw}")];
    }
    if query.len() > MAX_QUERY_BYTES || nesting(query) > MAX_NESTING {
        return vec![format!("it may have at most {MAX_QUERY_BYTES} bytes and {MAX_NESTING} levels of brackets")];
    }
    let document = match parse(query) {
        Ok(document) => document,
        Err(SyntaxError { message, at }) => return vec![told(&message, &[at])],
    };
    let operations: Vec<_> = document.executable.operations.iter().map(|(_, operation)| &operation.node).collect();
    if operations.iter().any(|operation| operation.ty != OperationType::Query) {
        return vec!["it must be a query, not a mutation or a subscription".to_owned()];
    }
    let schema = SchemaLanguage::of(catalog);
    let id = global_id("Nothing".into(), "nothing");
    let variables = Variables::from_json(json!({ "id": id.as_str(), "kind": "", "slug": "nothing", "version": "0" }));
    let variables = schema.validate(&document).and_then(|()| match operations.as_slice() {
        [only] => schema.coerce(only, &variables),
        several => {
            let mut places: Vec<_> =
                document.executable.operations.iter().map(|(_, operation)| operation.pos).collect();
            places.sort_by_key(|place| (place.line, place.column));
            let message = format!("It has {} operations; it must have exactly one.", several.len());
            Err(vec![Broken { message, at: places.into_iter().skip(1).take(1).collect() }])
        }
    });
    let checked = variables.and_then(|variables| {
        schema.check_merging(&document)?;
        check_conditions(&document.executable, &variables)
    });
    checked.err().into_iter().flatten().map(|Broken { message, at }| told(&message, &at)).collect()
}

/// An error with its place.
fn told(message: &str, at: &[Pos]) -> String {
    at.first().map_or_else(|| message.to_owned(), |at| format!("{message} (line {}, column {})", at.line, at.column))
}

/// Nesting depth of brackets, texts and comments included.
fn nesting(query: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in query.bytes() {
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

fn problems(loaders: &Loaders, query: &str) -> Vec<UserError> {
    let problems = query_problems(loaders.catalog(), query).into_iter();
    problems.map(|message| UserError::new(&path!["query"], "BAD_QUERY", message)).collect()
}
