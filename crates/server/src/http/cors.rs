//! Cross-Origin Resource Sharing: pages of other origins may query the endpoint, where the settings allow it.
//!
//! Answers never allow credentials that a browser adds by itself, such as cookies: whoever wants more than the public sends a
//! token in a header. `poem` has a middleware for this, which repeats the origin of the request where all are allowed; a shared
//! cache would then keep an answer for each of them.
use std::sync::Arc;

use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};
use serde_json::json;

use super::{origin::Origins, response::ALLOWED, settings::CacheOptions};

/// Methods that a page may send without a question of its own, and after one.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
/// The request headers that the endpoint understands, for a preflight that names none.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "accept, authorization, careerql-perspective, content-encoding, content-type, if-none-match, last-event-id, x-request-id",
);
/// Maximum time that a browser may remember a preflight, in seconds: a day. Most of them shorten it.
const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");
const ANY: HeaderValue = HeaderValue::from_static("*");

/// Policy for pages of other origins.
pub(super) struct Cors {
    origins: Origins,
    exposed: HeaderValue,
}

impl Cors {
    /// The policy of a server.
    pub(super) fn new(origins: Origins, caching: &CacheOptions) -> Self {
        let tags = &caching.cache_tag_header;
        let exposed = format!("age, allow, etag, retry-after, www-authenticate, x-request-id, {tags}");
        Self { origins, exposed: HeaderValue::try_from(exposed).unwrap_or(ANY) }
    }

    /// The answer to `OPTIONS`: to a preflight, or to a program that asks for the methods.
    fn options(&self, headers: &HeaderMap) -> Response {
        let mut response = Response::builder().status(StatusCode::NO_CONTENT).header(header::ALLOW, ALLOWED).finish();
        let Some(origin) = headers.get(header::ORIGIN) else { return response };
        if headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
            if !self.origins.allow(origin) {
                return refused();
            }
            let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
            let set = response.headers_mut();
            set.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            set.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.cloned().unwrap_or(HEADERS));
            set.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
            vary(set, "access-control-request-headers");
        }
        response
    }

    /// Tells the browser whether the page may read the answer. Where all may, the answer is the same for everybody, so that caches
    /// need not tell origins apart.
    fn mark(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        let allowed = match &self.origins {
            Origins::Any => Some(ANY),
            Origins::Listed(listed) => {
                if !listed.is_empty() {
                    vary(headers, "origin");
                }
                origin.filter(|origin| self.origins.allow(origin)).cloned()
            }
        };
        if let Some(allowed) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, self.exposed.clone());
        }
    }
}

/// Adds a header to those on which the answer depends.
fn vary(headers: &mut HeaderMap, name: &str) {
    let others = headers.get(header::VARY).and_then(|others| others.to_str().ok());
    let all = others.map_or_else(|| name.to_owned(), |others| format!("{others}, {name}"));
    if let Ok(all) = HeaderValue::try_from(all) {
        headers.insert(header::VARY, all);
    }
}

fn refused() -> Response {
    let message =
        "Pages of this origin may not query this server. Name the origin in the server's setting --cors-origins.";
    let error = json!({ "message": message, "extensions": { "code": "ORIGIN_NOT_ALLOWED" } });
    Response::builder()
        .status(StatusCode::FORBIDDEN)
        .content_type("application/json; charset=utf-8")
        .body(json!({ "errors": [error] }).to_string())
}

/// Answers preflights, and marks all other answers, also those that say what went wrong.
pub(super) struct CrossOrigin<E> {
    pub(super) cors: Arc<Cors>,
    pub(super) inner: E,
}

impl<E: Endpoint> Endpoint for CrossOrigin<E> {
    type Output = Response;

    async fn call(&self, http: Request) -> Result<Response> {
        let (cors, origin) = (&self.cors, http.headers().get(header::ORIGIN).cloned());
        let mut response = match *http.method() {
            Method::OPTIONS => cors.options(http.headers()),
            _ => self.inner.get_response(http).await,
        };
        cors.mark(origin.as_ref(), response.headers_mut());
        Ok(response)
    }
}
