//! Queries and mutations of webhooks.
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use document::path;
use store::{self, ChangeInfo, Secret, WebhookHeader, WebhookSettings};

use super::{
    super::{
        MutationRoot,
        node::{DELIVERY, WEBHOOK, row_of_id},
        payload::{UserError, kind_of},
    },
    check::webhook_problems,
    object::{DeliveryObject, WebhookMethod, WebhookObject},
};
use crate::{
    Result, Scope,
    open::EntryKind,
    request::{Loaders, request},
    root::QueryRoot,
};

/// A header of the requests of a webhook.
#[derive(InputObject)]
pub(crate) struct WebhookHeaderInput {
    /// Name, such as `Authorization`.
    name: String,
    /// The value, in which values of the message may stand, such as `{{ data.cacheTags }}`. Nobody is shown it. If it is omitted, the
    /// header keeps the value that it has.
    value: Option<String>,
}

/// The request that a webhook gets, where it is not a POST of the standard message.
#[derive(InputObject)]
pub(crate) struct WebhookRequestInput {
    /// The method; requests with `GET`, `DELETE` and `PURGE` have no body.
    #[graphql(default)]
    method: WebhookMethod,
    /// Headers beside those of the standard message.
    #[graphql(default)]
    headers: Vec<WebhookHeaderInput>,
    /// The template of the body: JSON, in whose strings values of the standard message may stand, such as `"{{ data.cacheTags }}"`. A string
    /// that is nothing but a value becomes that value. Empty for no body; null for the standard message.
    body: Option<String>,
    /// Minimum number of seconds between two calls, 1 to 86,400: what happens in between is told by one call. If omitted, each
    /// message is a call.
    every_seconds: Option<i32>,
    /// Maximum number of cache tags of one call, 1 to 1,000: further calls follow with the others. If omitted, a call has all tags.
    max_tags: Option<i32>,
}

impl WebhookRequestInput {
    /// Writes itself into settings; returns errors of headers that have no value to keep.
    fn apply(self, settings: &mut WebhookSettings) -> Vec<UserError> {
        let mut errors = Vec::new();
        let mut headers = Vec::new();
        for (index, WebhookHeaderInput { name, value }) in self.headers.into_iter().enumerate() {
            let name = name.to_ascii_lowercase();
            let kept = || settings.headers.iter().find(|known| known.name == name).map(|known| known.value.clone());
            match value.map(Secret).or_else(kept) {
                Some(value) => headers.push(WebhookHeader { name, value }),
                None => errors.push(UserError::new(
                    &path!["request", "headers", index],
                    "BAD_HEADER",
                    "it has no value, and there is none to keep",
                )),
            }
        }
        self.method.name().clone_into(&mut settings.method);
        settings.headers = headers;
        settings.body = self.body;
        settings.every_seconds = self.every_seconds;
        settings.max_tags = self.max_tags;
        errors
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

/// Result of changing a webhook.
#[derive(Default, SimpleObject)]
pub(crate) struct UpdateWebhookPayload {
    /// The webhook as it is now; null if nothing was changed.
    webhook: Option<WebhookObject>,
    /// Errors that prevented the change; empty on success.
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
        let loaders = self::request(ctx);
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
        #[graphql(desc = "The address that messages are sent to, with `https` or `http`.")] url: String,
        #[graphql(desc = "The kinds of entries it is notified of; all kinds if omitted.")] kinds: Option<
            Vec<EntryKind>,
        >,
        #[graphql(
            desc = "A query whose answer is sent with each message, as of that publication; for a release, an answer for each \
                    entry. It may use the variables `$id: ID!` (for `node`), `$kind: String!`, `$slug: String!` and \
                    `$version: String!`, and is subject to the limits of a request."
        )]
        query: Option<String>,
        #[graphql(desc = "The request that it gets; if omitted, a POST of the standard message.")] request: Option<
            WebhookRequestInput,
        >,
    ) -> Result<Option<CreateWebhookPayload>> {
        let loaders = self::request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let mut settings = WebhookSettings::standard(&url);
        settings.kinds = kinds_of(loaders, kinds);
        settings.query = query;
        let mut errors = request.map_or_else(Vec::new, |request| request.apply(&mut settings));
        errors.extend(problems(loaders, &settings));
        if !errors.is_empty() {
            return Ok(Some(CreateWebhookPayload { errors, ..Default::default() }));
        }
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let made = store::create_webhook(loaders.database(), settings, &change).await?;
        let secret = Some(made.secret.0.clone());
        Ok(Some(CreateWebhookPayload { webhook: Some(WebhookObject(made)), secret, errors: Vec::new() }))
    }

    /// Changes the settings of a webhook; those that are omitted stay. Messages that wait are sent by the new ones. Needs the scope
    /// `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn update_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the webhook.")] id: ID,
        #[graphql(desc = "Another address.")] url: Option<String>,
        #[graphql(desc = "Other kinds of entries; all kinds if the list is empty.")] kinds: Option<Vec<EntryKind>>,
        #[graphql(desc = "Another query; none if it is null.")] query: MaybeUndefined<String>,
        #[graphql(
            desc = "Another request, which takes the place of the whole: of what it omits, nothing stays. A header without a value \
                    keeps the one that it has."
        )]
        request: Option<WebhookRequestInput>,
    ) -> Result<Option<UpdateWebhookPayload>> {
        let loaders = self::request(ctx);
        loaders.caller().require(&Scope::Administer)?;
        let known = match row_of_id(WEBHOOK, &id) {
            Some(row) => store::webhook(loaders.database(), row).await?,
            None => None,
        };
        let refused = |errors| Ok(Some(UpdateWebhookPayload { errors, webhook: None }));
        let Some(known) = known else { return refused(vec![not_found("webhook", &id)]) };
        let mut settings = WebhookSettings::of(&known);
        let mut errors = Vec::new();
        if let Some(url) = url {
            if settings.leads_elsewhere(&url) {
                settings.headers.clear();
                if request.is_none() {
                    let message = "the address has another host, which must not be told the values of the headers: give `request` \
                                   with their values, or without headers";
                    errors.push(UserError::new(&path!["request"], "HEADERS_MISSING", message));
                }
            }
            settings.url = Secret(url);
        }
        if kinds.is_some() {
            settings.kinds = kinds_of(loaders, kinds);
        }
        if !query.is_undefined() {
            settings.query = query.take();
        }
        errors.extend(request.map_or_else(Vec::new, |request| request.apply(&mut settings)));
        errors.extend(problems(loaders, &settings));
        if !errors.is_empty() {
            return refused(errors);
        }
        let change = ChangeInfo::by(loaders.caller(), None, None);
        let updated = store::update_webhook(loaders.database(), known.id, settings, &change).await?;
        let Some(updated) = updated else { return refused(vec![not_found("webhook", &id)]) };
        Ok(Some(UpdateWebhookPayload { webhook: Some(WebhookObject(updated)), errors: Vec::new() }))
    }

    /// Deletes a webhook: it is no longer notified of anything. Needs the scope `administer`.
    #[graphql(requires_scopes = "administer")]
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the webhook.")] id: ID,
    ) -> Result<Option<DeleteWebhookPayload>> {
        let loaders = self::request(ctx);
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
        let loaders = self::request(ctx);
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

fn kinds_of(loaders: &Loaders, kinds: Option<Vec<EntryKind>>) -> Vec<String> {
    let content = loaders.content();
    kinds.iter().flatten().filter_map(|kind| kind_of(content, kind)).map(str::to_owned).collect()
}

/// Problems of the settings, as errors of a mutation.
fn problems(loaders: &Loaders, settings: &WebhookSettings) -> Vec<UserError> {
    let problems = webhook_problems(loaders.catalog(), settings).into_iter();
    let of_request = ["method", "headers", "body", "everySeconds", "maxTags"];
    let path = |argument| if of_request.contains(&argument) { path!["request", argument] } else { path![argument] };
    problems.map(|problem| UserError::new(&path(problem.argument), problem.code, problem.message)).collect()
}

fn not_found(what: &str, id: &ID) -> UserError {
    UserError::new(&path!["id"], "NOT_FOUND", format!("there is no {what} `{}`", id.as_str()))
}
