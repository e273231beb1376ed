//! `/sitemap.xml`: the addresses of published entries, as <https://www.sitemaps.org/protocol.html> has them. It is written while it is sent,
//! some entries at a time, so that it takes the same memory however many there are and however slow the client is.
use std::{fmt::Write as _, io, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::SecondsFormat;
use futures_util::stream::try_unfold;
use kernel::{
    Result, Tags,
    store::{PublishedState, count_listed, listed_entries, published_state},
};
use poem::{
    Body, Endpoint, Request, Response,
    error::NotFoundError,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{
    encoding::{Encoding, StreamEncoder},
    response_cache::{cache_control, cache_tags, is_known},
    state::ServerState,
};

/// Maximum number of addresses of a sitemap, by the protocol.
const MAX_ADDRESSES: u64 = 50_000;
/// Number of entries that one statement asks for.
const PAGE: u64 = 1_000;
/// Number of statements of sitemaps that run at once.
const AT_ONCE: usize = 4;
/// Above this many bytes, compressing pays; a sitemap is taken for longer.
const LONG: usize = 1 << 20;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// Answers with sitemaps.
pub(super) struct Sitemaps {
    state: Arc<ServerState>,
    turns: Arc<Semaphore>,
}

/// Document that is asked for.
#[derive(Clone, Copy)]
enum Asked {
    /// `/sitemap.xml`.
    First,
    /// `/sitemap-1.xml` and so on: a part, where there are too many for one.
    Part(u64),
}

impl Sitemaps {
    pub(super) fn new(state: Arc<ServerState>) -> Self {
        Self { state, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    async fn answer(&self, asked: Asked, method: &Method, headers: &HeaderMap) -> Result<Response> {
        let state = &self.state;
        let now = published_state(&state.db).await?;
        let encoding = Encoding::accepted(headers, LONG);
        let mut response = Response::default();
        let tag = self.tag(asked, &now, encoding);
        let set = response.headers_mut();
        set.insert(header::CACHE_CONTROL, cache_control(&state.caching));
        set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        set.extend(HeaderValue::try_from(&tag).ok().map(|tag| (header::ETAG, tag)));
        let mut tags = Tags::default();
        for template in &state.site_urls {
            state.graph.content().kind(&template.kind).into_iter().for_each(|kind| tags.kind(kind.name));
        }
        set.extend(cache_tags(&tags, &state.caching).map(|tags| (state.caching.cache_tag_header.clone(), tags)));
        if is_known(headers, &tag) {
            response.set_status(StatusCode::NOT_MODIFIED);
            return Ok(response);
        }
        let mut counts = Vec::new();
        for template in &state.site_urls {
            let _turn = self.turns.acquire().await;
            counts.push(count_listed(&state.db, &template.kind).await?);
        }
        let parts = counts.iter().sum::<u64>().div_ceil(MAX_ADDRESSES);
        let writer = match asked {
            Asked::First if parts > 1 => Writer::of_index(&state.site_urls[0].origin(), parts),
            Asked::First => Writer::of_part(self, &counts, 0),
            Asked::Part(number) if parts > 1 && (1..=parts).contains(&number) => {
                Writer::of_part(self, &counts, (number - 1) * MAX_ADDRESSES)
            }
            Asked::Part(_) => {
                return Ok(not_found("There is no such sitemap; `/sitemap.xml` names those that there are."));
            }
        };
        let set = response.headers_mut();
        set.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
        if encoding != Encoding::Identity {
            set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
        if *method != Method::HEAD {
            response.set_body(writer.body(encoding));
        }
        Ok(response)
    }

    /// The validator: what is published decides about all of it, with the settings.
    fn tag(&self, asked: Asked, now: &PublishedState, encoding: Encoding) -> String {
        let number = if let Asked::Part(number) = asked { number } else { 0 };
        let made_of = format!("{now:?} {:?} {number}", self.state.site_urls);
        let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(made_of)[..16]);
        format!("\"{hash}-{}\"", encoding.name())
    }
}

impl Endpoint for Sitemaps {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let asked = match request.uri().path() {
            "/sitemap.xml" => Asked::First,
            path => {
                let number = path.strip_prefix("/sitemap-").and_then(|rest| rest.strip_suffix(".xml"));
                Asked::Part(number.and_then(|number| number.parse().ok()).ok_or(NotFoundError)?)
            }
        };
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let message = "A sitemap is read by GET or HEAD.";
            let mut refused = problem(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message);
            refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Ok(refused);
        }
        if self.state.site_urls.is_empty() {
            return Ok(not_found(
                "This server has no sitemap: it does not know the addresses of the site's pages. Start it with \
                 `--site-url-template career=https://www.example.com/careers/{slug}`.",
            ));
        }
        Ok(self.answer(asked, request.method(), request.headers()).await.unwrap_or_else(|error| {
            tracing::error!(?error, "a sitemap could not be made");
            problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "INTERNAL",
                "The server could not answer. The cause is in its log.",
            )
        }))
    }
}

/// Writes a sitemap.
struct Writer {
    state: Option<(Arc<ServerState>, Arc<Semaphore>)>,
    /// Text that stands before the entries to come.
    text: String,
    end: &'static str,
    /// The kind that comes next, by its place in the settings.
    kind: usize,
    /// The slug of the last entry that was written.
    after: String,
    /// Number of entries to leave out before the next.
    skipped: u64,
    /// Number of addresses that there is room for.
    left: u64,
}

impl Writer {
    fn of_index(origin: &str, parts: u64) -> Self {
        let mut text = format!("{HEAD}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
        for number in 1..=parts {
            // Writing to a string does not fail.
            let _written = writeln!(text, "<sitemap><loc>{}/sitemap-{number}.xml</loc></sitemap>", escaped(origin));
        }
        let (after, end) = (String::new(), "</sitemapindex>\n");
        Self { state: None, text, end, kind: 0, after, skipped: 0, left: 0 }
    }

    /// The sitemap from this address on, where each kind has so many.
    fn of_part(sitemaps: &Sitemaps, counts: &[u64], from: u64) -> Self {
        let (mut kind, mut skipped) = (0, from);
        while let Some(count) = counts.get(kind).filter(|count| **count <= skipped && skipped > 0) {
            skipped -= count;
            kind += 1;
        }
        let text = format!("{HEAD}<urlset xmlns=\"{NAMESPACE}\">\n");
        let state = Some((sitemaps.state.clone(), sitemaps.turns.clone()));
        Self { state, text, end: "</urlset>\n", kind, after: String::new(), skipped, left: MAX_ADDRESSES }
    }

    /// The next stretch of the text; empty at the end of the entries.
    async fn next(&mut self) -> Result<String> {
        if !self.text.is_empty() {
            return Ok(std::mem::take(&mut self.text));
        }
        let mut text = String::new();
        let Some((state, turns)) = &self.state else { return Ok(text) };
        while text.is_empty() {
            let Some(template) = state.site_urls.get(self.kind).filter(|_| self.left > 0) else { break };
            // A slow client keeps no statement, and so no other waiting.
            let turn = turns.acquire().await;
            let limit = PAGE.min(self.left);
            let entries = listed_entries(&state.db, &template.kind, &self.after, self.skipped, limit).await?;
            drop(turn);
            self.skipped = 0;
            self.left -= entries.len() as u64;
            for (slug, at) in &entries {
                let (address, at) = (template.of(slug), at.to_rfc3339_opts(SecondsFormat::Secs, true));
                let _written = writeln!(text, "<url><loc>{}</loc><lastmod>{at}</lastmod></url>", escaped(&address));
            }
            if let Some((slug, _)) = entries.into_iter().next_back() {
                self.after = slug;
            } else {
                self.kind += 1;
                self.after.clear();
            }
        }
        Ok(text)
    }

    fn body(self, encoding: Encoding) -> Body {
        let state = Some((self, StreamEncoder::new(encoding)));
        let stretches = try_unfold(state, |state| async {
            let Some((mut writer, mut encoder)) = state else { return Ok(None) };
            let failed = |error: kernel::Error| {
                tracing::error!(?error, "a sitemap could not be read to its end");
                // The client must not take it for whole.
                io::Error::other("the rest could not be read")
            };
            loop {
                let text = writer.next().await.map_err(failed)?;
                if text.is_empty() {
                    encoder.write(writer.end.as_bytes())?;
                    return Ok::<_, io::Error>(Some((encoder.finish()?, None)));
                }
                encoder.write(text.as_bytes())?;
                let bytes: Bytes = encoder.ready();
                if !bytes.is_empty() {
                    return Ok(Some((bytes, Some((writer, encoder)))));
                }
            }
        });
        Body::from_bytes_stream(stretches)
    }
}

/// A text within XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}

fn not_found(message: &str) -> Response {
    problem(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}

fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json; charset=utf-8")
        .header("cache-control", "no-store")
        .body(json!({ "errors": [{ "message": message, "extensions": { "code": code } }] }).to_string())
}
