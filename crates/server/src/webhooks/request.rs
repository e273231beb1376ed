//! Request to a receiver: its own method, headers and body where the webhook has them, and the standard ones.
use std::fmt::Write as _;

use kernel::{
    MASK, WebhookTemplate,
    store::{Webhook, WebhookHeader},
};
use reqwest::{
    Client, Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};

use super::{message::Message, signature::sign};

/// Maximum length of what is shown of a request, in characters.
const SHOWN: usize = 500;

/// A request that is ready.
pub(super) struct Outgoing {
    pub(super) request: RequestBuilder,
    /// The beginning of it, without secrets; none where it is the standard one.
    pub(super) shown: Option<String>,
}

/// Reasons why there is no request.
pub(super) enum NoRequest {
    /// It would purge nothing.
    Needless,
    /// It cannot be made, now or later.
    Impossible(String),
}

/// The request that tells a receiver of a message.
pub(super) fn outgoing(
    client: &Client,
    webhook: &Webhook,
    message: &Message,
    id: &str,
    timestamp: &str,
) -> Result<Outgoing, NoRequest> {
    let impossible = |why: &str| NoRequest::Impossible(why.to_owned());
    let own = webhook.own_headers().ok_or_else(|| impossible("the headers of the webhook cannot be read"))?;
    let templates = templates(webhook, &own).ok_or_else(|| impossible("a template of the webhook cannot be read"))?;
    let names_tags = templates.iter().any(|(_, template)| template.names_tags());
    if names_tags && !message.has_tags {
        return Err(NoRequest::Needless);
    }
    let method = Method::from_bytes(webhook.method.as_bytes()).map_err(|_| impossible("its method is none"))?;
    let has_body = method == Method::POST || method == Method::PUT;
    let (mut headers, mut body) = (Vec::new(), has_body.then(|| message.value.to_string()));
    for (name, template) in templates {
        let rendered = template.render(&message.value);
        let rendered = rendered.map_err(|why| {
            let place = name.map_or("the body".to_owned(), |name| format!("the header `{name}`"));
            NoRequest::Impossible(format!("{place} cannot be made: {why}"))
        })?;
        match name {
            Some(name) => headers.push((name, rendered)),
            None => body = Some(rendered),
        }
    }
    let body = body.unwrap_or_default();
    let signature = sign(&webhook.secret, id, timestamp, &body);
    let signature = signature.ok_or_else(|| impossible("the secret of the webhook cannot be read"))?;
    let is_standard = own.is_empty() && webhook.body.is_none() && method == Method::POST;
    let shown = (!is_standard).then(|| shown(webhook, &own, &body));
    let mut request = client
        .request(method, &*webhook.url)
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature);
    if !body.is_empty() && own.iter().all(|header| header.name != CONTENT_TYPE.as_str()) {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    for (name, value) in headers {
        let (name, value) = (HeaderName::try_from(name), HeaderValue::try_from(value));
        let (Ok(name), Ok(mut value)) = (name, value) else {
            return Err(impossible("a header of the webhook cannot be sent"));
        };
        // Nothing below writes it to a log.
        value.set_sensitive(true);
        request = request.header(name, value);
    }
    let request = if has_body { request.body(body) } else { request };
    Ok(Outgoing { request, shown })
}

/// The templates of headers, by their names, and of the body, which has none.
fn templates<'a>(webhook: &Webhook, own: &'a [WebhookHeader]) -> Option<Vec<(Option<&'a str>, WebhookTemplate)>> {
    let headers = own.iter().map(|header| Some((Some(&*header.name), WebhookTemplate::of_header(&header.value)?)));
    let body = webhook.body.iter().map(|body| Some((None, WebhookTemplate::of_body(body)?)));
    headers.chain(body).collect()
}

/// The beginning of a request, without the values of headers.
fn shown(webhook: &Webhook, own: &[WebhookHeader], body: &str) -> String {
    let mut text = format!("{} {}\n", webhook.method, webhook.shown_url());
    for header in own {
        // Writing to a string does not fail.
        let _written = writeln!(text, "{}: {MASK}", header.name);
    }
    text.push('\n');
    text.push_str(body);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
