//! The check of a webhook's settings, before they are stored.
use std::collections::BTreeSet;

use document::characters::{Layout, flaw};
use store::{WebhookHeader, WebhookSettings};
use url::Url;

use super::{
    object::WebhookMethod,
    query::query_problems,
    template::{TemplateError, WebhookTemplate, place_of},
};
use crate::catalog::Catalog;

/// Text in the place of a secret.
pub const MASK: &str = "••••";
/// The longest template of a body, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest value of a header, in bytes.
const MAX_HEADER_BYTES: usize = 8 * 1024;
/// Maximum number of own headers.
const MAX_HEADERS: usize = 20;
/// The longest pause between two calls: a day.
const MAX_PAUSE: i32 = 24 * 60 * 60;
/// Maximum number of tags of one call, where there is one.
const MAX_TAGS: i32 = 1_000;
/// Headers that the client sets, or the connection.
const RESERVED: [&str; 12] = [
    "connection",
    "content-encoding",
    "content-length",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];
/// Values of a message, as an error lists them.
const VALUES: &str = "`type`, `timestamp`, `data.version`, `data.cacheTags`, `data.entries`, `data.entries.0.slug` (or `kind`, \
                      `id`, `revision`, `previousRevision`), `data.release`, and with a query `data.result` or `data.results`";

/// Problem of a webhook's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookProblem {
    /// The argument that is wrong.
    pub argument: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// Reason, and what to do. Without the values of headers.
    pub message: String,
}

/// Problems of a webhook's settings.
pub fn webhook_problems(catalog: &Catalog, settings: &WebhookSettings) -> Vec<WebhookProblem> {
    let mut found = Vec::new();
    let mut add = |argument, code, message: String| found.push(WebhookProblem { argument, code, message });
    if !is_http(&settings.url) {
        add("url", "BAD_URL", "it must be an address with `https` or `http` and a host".to_owned());
    }
    if settings.url.contains("{{") {
        add("url", "BAD_URL", "an address has no values of the message; put them into the body or a header".to_owned());
    }
    for message in settings.query.iter().flat_map(|query| query_problems(catalog, query)) {
        add("query", "BAD_QUERY", message);
    }
    match WebhookMethod::named(&settings.method) {
        None => add("method", "BAD_METHOD", "it must be GET, POST, PUT, DELETE or PURGE".to_owned()),
        Some(method) if !method.has_body() && settings.body.is_some() => {
            add("body", "BAD_METHOD", format!("a request with {} has no body; omit it", method.name()));
        }
        Some(_) => {}
    }
    if let Some(message) = settings.body.as_ref().and_then(|body| body_problem(body, settings)) {
        add("body", "BAD_TEMPLATE", message);
    }
    for message in header_problems(settings) {
        add("headers", "BAD_HEADER", message);
    }
    if settings.every_seconds.is_some_and(|seconds| !(1..=MAX_PAUSE).contains(&seconds)) {
        add("everySeconds", "OUT_OF_RANGE", format!("it must be from 1 to {MAX_PAUSE}"));
    }
    if settings.max_tags.is_some_and(|tags| !(1..=MAX_TAGS).contains(&tags)) {
        add("maxTags", "OUT_OF_RANGE", format!("it must be from 1 to {MAX_TAGS}"));
    }
    found
}

/// Tells whether an address can be posted to.
fn is_http(url: &str) -> bool {
    flaw(url, Layout::Line).is_none()
        && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

fn body_problem(body: &str, settings: &WebhookSettings) -> Option<String> {
    if body.len() > MAX_BODY_BYTES {
        return Some(format!("it may have at most {MAX_BODY_BYTES} bytes"));
    }
    let template = match WebhookTemplate::json(body) {
        Ok(template) => template,
        Err(TemplateError { message, line, column }) => {
            return Some(format!("{message} (line {line}, column {column})"));
        }
    };
    let (path, problem) = template.paths().find_map(|path| Some((path, path_problem(path, settings)?)))?;
    let (line, column) = place_of(body, path);
    Some(format!("`{}` {problem} (line {line}, column {column})", path.join(".")))
}

fn header_problems(settings: &WebhookSettings) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut problems: Vec<_> = settings
        .headers
        .iter()
        .filter_map(|header| {
            let is_new = seen.insert(&header.name);
            let problem = header_problem(header, settings);
            let problem = problem.or_else(|| (!is_new).then(|| "is given twice".to_owned()))?;
            // A wrong name may be half of a value.
            let name: String = header.name.chars().take_while(|c| c.is_ascii() && is_token(*c as u8)).collect();
            Some(format!("the header `{name}` {problem}"))
        })
        .collect();
    if settings.headers.len() > MAX_HEADERS {
        problems.push(format!("there may be at most {MAX_HEADERS} headers"));
    }
    problems
}

/// Tells whether a byte may stand in the name of a header.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Reason why a header cannot be sent. It says nothing of the value, which may be secret.
fn header_problem(header: &WebhookHeader, settings: &WebhookSettings) -> Option<String> {
    let (name, value) = (&header.name, &header.value);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Some("has no valid name: letters, digits and hyphens".to_owned());
    }
    if RESERVED.contains(&name.as_str()) {
        return Some("is set by the server itself".to_owned());
    }
    if value.is_empty() || value.len() > MAX_HEADER_BYTES || value.trim() != &**value {
        return Some(format!("needs a value of 1 to {MAX_HEADER_BYTES} bytes, without spaces around it"));
    }
    if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Some("may have visible ASCII characters and spaces in its value".to_owned());
    }
    let Ok(template) = WebhookTemplate::header(value) else {
        return Some("has `{{` in its value without a path and `}}` behind it".to_owned());
    };
    let wrong = template.paths().find_map(|path| Some((path, path_problem(path, settings)?)));
    wrong.map(|(path, problem)| {
        let (_, column) = place_of(value, path);
        format!("has a value of the message at column {column} which {problem}")
    })
}

/// Reason why a path leads to no value that each message may have.
fn path_problem(path: &[String], settings: &WebhookSettings) -> Option<String> {
    let steps: Vec<_> = path.iter().map(String::as_str).collect();
    let is_index = |step: &str| step.parse::<usize>().is_ok();
    let of_entry = ["kind", "slug", "id", "revision", "previousRevision"];
    let is_known = match steps[..] {
        ["type" | "timestamp" | "data"] | ["data", "version" | "release" | "cacheTags" | "entries"] => true,
        ["data", "cacheTags", index] if is_index(index) => {
            let is_alone = settings.max_tags == Some(1) && index == "0";
            return (!is_alone).then(|| {
                "is one of several cache tags, and the others would be lost: set the maximum number of tags to 1, and write `data.cacheTags.0`"
                    .to_owned()
            });
        }
        ["data", "entries", index] => is_index(index),
        ["data", "entries", index, field] => is_index(index) && of_entry.contains(&field),
        ["data", "result" | "results", ..] => settings.query.is_some(),
        _ => false,
    };
    (!is_known).then(|| format!("is not a value of the message; there are {VALUES}"))
}
