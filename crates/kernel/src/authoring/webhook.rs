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
    change::Moment,
    global_id,
    list::{Log, LogArguments},
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

/// An address that is told of publications and withdrawals, by messages that are signed as Standard Webhooks say.
#[Object(name = "Webhook")]
impl WebhookObject {
    /// The global id. What `deleteWebhook` takes.
    async fn id(&self) -> ID {
        id_of_row(WEBHOOK, self.0.id)
    }

    /// Address that the webhook posts to, without a user, a password and the values of parameters.
    async fn url(&self) -> String {
        self.0.shown_url()
    }

    /// The kinds of entries it is told of; of all, where there are none.
    async fn kinds(&self) -> Vec<EntryKind> {
        self.0.kinds.split_whitespace().map(EntryKind::of).collect()
    }

    /// The GraphQL query whose answer comes with each message; null where there is none.
    async fn query(&self) -> Option<&str> {
        self.0.query.as_deref()
    }

    /// Time of creation of the webhook.
    async fn created_at(&self) -> Moment {
        Moment(self.0.created_at)
    }

    /// Messages that the webhook was sent and is to be sent, the newest first.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that were given up.", default)] dead: bool,
        #[graphql(
            desc = "The size of the page, taken from the start (or after `after`): 0 to 100 where the server is not set up otherwise; 20 where neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor, the `endCursor` of the page before.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 where the server is not set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor, the `startCursor` of the page after.")] before: Option<
            String,
        >,
    ) -> Result<Log<DeliveryObject>> {
        let loaders = request(ctx);
        let arguments = LogArguments::new((first, after), (last, before), loaders.max_page())?;
        let rows = store::deliveries(loaders.database(), self.0.id, dead, arguments.span()).await?;
        Ok(arguments.page(rows, |row| row.id, DeliveryObject))
    }
}

/// A message to a webhook.
pub(crate) struct DeliveryObject(pub(super) Delivery);

/// A message to a webhook, and how far it got.
#[Object(name = "Delivery")]
impl DeliveryObject {
    /// The global id. What `redeliver` takes.
    async fn id(&self) -> ID {
        id_of_row(DELIVERY, self.0.id)
    }

    /// Number of attempts to deliver the message since it was last asked for.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// Time of the next attempt; null where there is none.
    async fn due_at(&self) -> Option<Moment> {
        let is_open = self.0.done_at.is_none() && self.0.dead_at.is_none();
        is_open.then_some(Moment(self.0.due_at))
    }

    /// Time at which the receiver took the message; null where it did not.
    async fn done_at(&self) -> Option<Moment> {
        self.0.done_at.map(Moment)
    }

    /// Time at which the message was given up; null where it was not.
    async fn dead_at(&self) -> Option<Moment> {
        self.0.dead_at.map(Moment)
    }

    /// The HTTP status of the last answer; null where there was none.
    async fn status(&self) -> Option<i32> {
        self.0.status
    }

    /// Why the last attempt failed; null where it did not.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }
}

/// Result of making a webhook.
#[derive(Default, SimpleObject)]
pub(crate) struct CreateWebhookPayload {
    /// The webhook; null where none was made.
    webhook: Option<WebhookObject>,
    /// The secret that its messages are signed with. It is shown only here.
    secret: Option<String>,
    /// Errors that prevented the creation of the webhook; empty where it is made.
    errors: Vec<UserError>,
}

/// Result of deleting a webhook.
#[derive(Default, SimpleObject)]
pub(crate) struct DeleteWebhookPayload {
    /// Errors that prevented the deletion of the webhook; empty where it is deleted.
    errors: Vec<UserError>,
}

/// Result of asking for a delivery once more.
#[derive(Default, SimpleObject)]
pub(crate) struct RedeliverPayload {
    /// The delivery; null where there is none with this id.
    delivery: Option<DeliveryObject>,
    /// Errors that prevented a new delivery of the message; empty where it is sent again.
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
    /// Makes a webhook: an address that is told of all that is published and withdrawn from now on, at least once and in order for
    /// each entry. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where it is told, by POST: an address with `https` or `http`.")] url: String,
        #[graphql(desc = "The kinds of entries it is told of; of all, where it is not given.")] kinds: Option<
            Vec<EntryKind>,
        >,
        #[graphql(
            desc = "A query whose answer comes with each message, as what was published then; with one about a release, an answer \
                    for each entry. It may use the variables `$id: ID!` (for `node`), `$kind: String!`, `$slug: String!` and \
                    `$version: String!`, and has the limits of a request."
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

    /// Deletes a webhook: it is told of nothing more. Needs the scope `administer`.
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

    /// Sends a message once more, whatever became of it. Needs the scope `administer`.
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
        return vec![format!("it may have {MAX_QUERY_BYTES} bytes, and {MAX_NESTING} brackets within each other")];
    }
    let document = match parse(query) {
        Ok(document) => document,
        Err(SyntaxError { message, at }) => return vec![told(&message, &[at])],
    };
    let operations: Vec<_> = document.executable.operations.iter().map(|(_, operation)| &operation.node).collect();
    if operations.iter().any(|operation| operation.ty != OperationType::Query) {
        return vec!["it must be a query: the answer to a message changes nothing, and listens to nothing".to_owned()];
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
