//! From an HTTP request to the parameters of GraphQL requests, to the letter of the GraphQL-over-HTTP specification.
use bytes::Bytes;
use poem::{
    Body,
    error::ReadBodyError,
    http::{HeaderMap, StatusCode},
};
use serde_json::{Map, Value};

use super::{encoding::Encoding, refusal::Refusal};
use crate::limits::Limits;

/// The parameters of one GraphQL request, as JSON.
pub(super) type Parameters = Map<String, Value>;

/// What one HTTP request asks.
pub(super) enum Asked {
    /// One GraphQL request.
    One(Parameters),
    /// Several, which are answered by a list.
    Batch(Vec<Value>),
}

/// The parameters in a query string.
pub(super) fn from_query(query: &str) -> Result<Asked, Refusal> {
    let mut parameters = Parameters::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = match &*name {
            "query" | "operationName" | "documentId" => Value::String(value.into_owned()),
            "variables" | "extensions" if value.is_empty() => Value::Null,
            "variables" | "extensions" => {
                serde_json::from_str(&value).map_err(|_| Refusal::bad(format!("The parameter `{name}` is no JSON.")))?
            }
            _ => continue,
        };
        parameters.insert(name.into_owned(), value);
    }
    Ok(Asked::One(parameters))
}

/// The bytes of a body, within the limits of time and size, as they were sent.
pub(super) async fn body(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Bytes, Refusal> {
    let limit = limits.max_body_bytes;
    let announced = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let read = async {
        // What announces its length is no longer than that.
        if announced.is_some() { body.into_bytes().await } else { body.into_bytes_limit(limit).await }
    };
    match tokio::time::timeout(limits.body_seconds, read).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(too_large(limit)),
        Ok(Err(_)) => Err(Refusal::bad("The body could not be read.")),
        Err(_) => {
            let seconds = limits.body_seconds.as_secs_f64();
            let message = format!("The body did not come within {seconds} seconds.");
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", message))
        }
    }
}

/// The parameters in a body.
pub(super) fn from_body(bytes: Bytes, encoding: Encoding, limits: &Limits) -> Result<Asked, Refusal> {
    let limit = limits.max_body_bytes;
    let decoded = encoding.decode(bytes, limit);
    let bytes = decoded.map_err(|_| Refusal::bad(format!("The body is not encoded as `{}`.", encoding.name())))?;
    let bytes = bytes.ok_or_else(|| too_large(limit))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(parameters)) => Ok(Asked::One(parameters)),
        Ok(Value::Array(items)) if items.is_empty() => Err(Refusal::bad("The batch is empty.")),
        Ok(Value::Array(items)) => {
            limits.check("BATCH_TOO_LONG", "The number of requests in the batch", items.len(), limits.max_batch)?;
            Ok(Asked::Batch(items))
        }
        Ok(_) => Err(not_an_object()),
        Err(error) => {
            Err(Refusal::bad(format!("The body is no JSON: line {}, column {}.", error.line(), error.column())))
        }
    }
}

/// One request of a batch.
pub(super) fn of_batch(item: Value) -> Result<Parameters, Refusal> {
    match item {
        Value::Object(parameters) => Ok(parameters),
        _ => Err(not_an_object()),
    }
}

fn not_an_object() -> Refusal {
    Refusal::bad(
        "The body must be a JSON object with `query`, and `variables`, `operationName` and `extensions` as needed.",
    )
}

fn too_large(limit: usize) -> Refusal {
    let message = format!("The body has more than {limit} bytes. Ask for less at once.");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
}

/// How the body is encoded, where it is JSON. Browsers send no JSON to other sites without asking, so this also stops forms.
pub(super) fn encoding_of_json(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let unsupported =
        |message: &str| Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message);
    if !is_json(headers) {
        return Err(unsupported("Send the request with `Content-Type: application/json`."));
    }
    Encoding::of(headers)
        .ok_or_else(|| unsupported("Send the body as it is, or with `Content-Encoding: gzip` or `br`."))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if value == "application/json" {
        return true;
    }
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|part| match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}
