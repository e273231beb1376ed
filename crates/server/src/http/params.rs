//! From an HTTP request to the parameters of GraphQL requests, to the letter of the GraphQL-over-HTTP specification.
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use poem::{
    Body,
    http::{HeaderMap, StatusCode, header},
};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::{
    accept::is_utf8, client::Client, encoding::Encoding, fair_permits::FairPermit, request_error::RequestError,
    state::ServerState,
};
use crate::limits::Limits;

/// Number of bytes up to which a body is read at once. What is larger waits for its room, and is parsed where it keeps nobody
/// waiting.
const SMALL: usize = 16 * 1024;

/// The parameters of one GraphQL request, as JSON.
pub(super) type Parameters = Map<String, Value>;

/// Content of one HTTP request.
pub(super) enum Payload {
    /// One GraphQL request.
    One(Parameters),
    /// Several, which are answered by a list.
    Batch(Vec<Value>),
}

/// The parameters in a query string.
pub(super) fn from_query(query: &str) -> Result<Parameters, RequestError> {
    let mut parameters = Parameters::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = match &*name {
            // An empty parameter is like one that is missing; an empty document is one that cannot be parsed.
            "operationName" | "documentId" | "variables" | "extensions" if value.is_empty() => Value::Null,
            "query" | "operationName" | "documentId" => Value::String(value.into_owned()),
            "variables" | "extensions" => serde_json::from_str(&value)
                .map_err(|_| RequestError::bad(format!("The parameter `{name}` is not valid JSON.")))?,
            _ => continue,
        };
        if parameters.insert(name.to_string(), value).is_some() {
            // Caches and firewalls on the way may look at another of them than the server.
            return Err(RequestError::malformed(format!("The parameter `{name}` is given more than once.")));
        }
    }
    Ok(parameters)
}

/// A body as it was sent.
pub(super) struct Received {
    bytes: Bytes,
    encoding: Encoding,
    /// Its room among the large bodies on their way, to be held until it is read.
    room: Option<FairPermit>,
}

impl Received {
    /// The bytes that came, where they are the request itself.
    pub(super) fn plain(&self) -> Option<&[u8]> {
        (self.encoding == Encoding::Identity).then_some(&self.bytes)
    }

    /// Tells whether reading it may take a while.
    pub(super) fn is_large(&self) -> bool {
        self.encoding != Encoding::Identity || self.bytes.len() > SMALL
    }

    /// Its parameters.
    pub(super) fn read(self, limits: &Limits) -> Result<Payload, RequestError> {
        let Self { bytes, encoding, room } = self;
        let asked = from_body(bytes, encoding, limits);
        drop(room);
        asked
    }
}

/// The bytes of a body, within the limits of time and size.
pub(super) async fn body(
    headers: &HeaderMap,
    body: Body,
    client: Client,
    state: &ServerState,
) -> Result<Received, RequestError> {
    let encoding = encoding_of_json(headers)?;
    let limit = state.limits.max_body_bytes;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if let Some(length) = announced.filter(|length| *length > limit) {
        return Err(too_large(&length.to_string(), limit));
    }
    let mut parts = BodyParts::default();
    parts.receive(body, announced, client, state).await?;
    let BodyParts { first, more, room } = parts;
    let bytes = if more.is_empty() { first } else { [first, more.freeze()].concat().into() };
    Ok(Received { bytes, encoding, room })
}

/// Parts of a body that have come. Most bodies come in one, which is taken as it is.
#[derive(Default)]
struct BodyParts {
    first: Bytes,
    more: BytesMut,
    room: Option<FairPermit>,
}

impl BodyParts {
    /// A large body waits for its room before it is read on: so long, its client cannot send more of it, and its clock stands still.
    async fn receive(
        &mut self,
        body: Body,
        announced: Option<usize>,
        client: Client,
        state: &ServerState,
    ) -> Result<(), RequestError> {
        let (limit, time) = (state.limits.max_body_bytes, state.limits.body_seconds);
        let mut parts = pin!(body.into_bytes_stream());
        let (mut length, room) = (announced.unwrap_or_default(), announced.unwrap_or(limit));
        let mut until = Instant::now() + time;
        loop {
            if length > SMALL && self.room.is_none() {
                self.room = Some(state.admission.room(client, room).await?);
                until = Instant::now() + time;
            }
            let Ok(part) = timeout_at(until, parts.next()).await else {
                let (seconds, came) = (time.as_secs_f64(), self.length());
                let message = format!("The body did not arrive within {seconds} seconds: {came} bytes of it did.");
                return Err(RequestError::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", message));
            };
            let Some(part) = part else { return Ok(()) };
            let part = part.map_err(|_| RequestError::bad("The body could not be read."))?;
            length = self.length() + part.len();
            if length > limit {
                return Err(too_large(&format!("{length} or more"), limit));
            }
            if self.first.is_empty() {
                self.first = part;
            } else {
                self.more.extend_from_slice(&part);
            }
        }
    }

    fn length(&self) -> usize {
        self.first.len() + self.more.len()
    }
}

/// The parameters in a body.
fn from_body(bytes: Bytes, encoding: Encoding, limits: &Limits) -> Result<Payload, RequestError> {
    let limit = limits.max_body_bytes;
    let decoded = encoding.decode(bytes, limit);
    let bytes = decoded.map_err(|_| RequestError::bad(format!("The body is not encoded as `{}`.", encoding.name())))?;
    let bytes = bytes.ok_or_else(|| too_large(&format!("more than {limit}"), limit))?;
    // Some programs write a byte order mark before everything.
    let json = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    match serde_json::from_slice(json) {
        Ok(Value::Object(parameters)) => Ok(Payload::One(parameters)),
        Ok(Value::Array(items)) if items.is_empty() => Err(RequestError::malformed("The batch is empty.")),
        Ok(Value::Array(items)) => {
            limits.check("BATCH_TOO_LONG", "The number of requests in the batch", items.len(), limits.max_batch)?;
            Ok(Payload::Batch(items))
        }
        Ok(_) => Err(not_an_object()),
        Err(error) => Err(RequestError::bad(format!(
            "The body is not valid JSON: line {}, column {}.",
            error.line(),
            error.column()
        ))),
    }
}

/// One request of a batch.
pub(super) fn of_batch(item: Value) -> Result<Parameters, RequestError> {
    match item {
        Value::Object(parameters) => Ok(parameters),
        _ => Err(not_an_object()),
    }
}

fn not_an_object() -> RequestError {
    RequestError::malformed(
        "The body must be a JSON object with `query`, and `variables`, `operationName` and `extensions` as needed.",
    )
}

fn too_large(bytes: &str, limit: usize) -> RequestError {
    let message = format!("The size of the body in bytes is {bytes}; the limit is {limit}. Ask for less at once.");
    RequestError::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
}

/// Encoding of the body, where it is JSON. Browsers send no JSON to other sites without asking, so this also stops forms.
fn encoding_of_json(headers: &HeaderMap) -> Result<Encoding, RequestError> {
    let unsupported =
        |message: &str| RequestError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message);
    if !is_json(headers) {
        return Err(unsupported("Send the request with `Content-Type: application/json`."));
    }
    Encoding::of(headers)
        .ok_or_else(|| unsupported("Send the body as it is, or with `Content-Encoding: gzip` or `br`."))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if value == "application/json" {
        return true;
    }
    let mut parts = value.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_json = kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json");
    is_json
        && parts.all(|part| match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => is_utf8(value),
            _ => true,
        })
}
