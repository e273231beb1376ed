//! Responses as JSON and as HTTP.
use async_graphql::{Response as GraphResponse, Value};
use kernel::write_json;
use poem::{
    Response,
    http::{HeaderValue, StatusCode},
};
use serde::Serialize;
use serde_json::json;

use super::{
    accept::MediaType,
    request_error::{RequestError, status_of, well_formed},
    response_cache::partial,
};

/// The methods of the endpoint.
pub(super) const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
const SOON: HeaderValue = HeaderValue::from_static("1");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// The status of what was given to the library.
pub(super) fn status(response: &GraphResponse) -> StatusCode {
    if is_request_error(response) {
        let code = response.errors.first().and_then(|error| error.extensions.as_ref()?.get("code"));
        return status_of(match code {
            Some(Value::String(code)) => code,
            _ => "",
        });
    }
    if response.errors.is_empty() { StatusCode::OK } else { partial() }
}

/// Tells whether the response only says what is wrong with the request. Then it has no `data`.
pub(super) fn is_request_error(response: &GraphResponse) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The response as JSON.
pub(super) fn json_of(response: &GraphResponse) -> Vec<u8> {
    let mut json = vec![b'{'];
    if !response.errors.is_empty() {
        let errors: Vec<_> = response.errors.iter().map(well_formed).collect();
        json.extend(b"\"errors\":");
        json.extend(to_json(&errors));
    }
    if !is_request_error(response) {
        json.extend(if json.len() > 1 { &b",\"data\":"[..] } else { b"\"data\":" });
        write_json(&response.data, &mut json);
    }
    if !response.extensions.is_empty() {
        json.extend(b",\"extensions\":");
        json.extend(to_json(&response.extensions));
    }
    json.push(b'}');
    json
}

/// The answer to a request that is not executed.
pub(super) fn error_response(refusal: &RequestError) -> Response {
    let status = refusal.status;
    let mut response = Response::builder().status(status).body(to_json(&json!({ "errors": refusal.errors() })));
    let headers = response.headers_mut();
    headers.insert("content-type", MediaType::GraphqlResponse.header());
    headers.insert("cache-control", NO_STORE);
    match status {
        StatusCode::METHOD_NOT_ALLOWED => headers.insert("allow", ALLOWED),
        StatusCode::UNAUTHORIZED => headers.insert("www-authenticate", BEARER),
        StatusCode::SERVICE_UNAVAILABLE => headers.insert("retry-after", SOON),
        // The rest of the body would be taken for the next request.
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => headers.insert("connection", CLOSE),
        _ => None,
    };
    response
}

pub(super) fn to_json(value: &impl Serialize) -> Vec<u8> {
    sonic_rs::to_vec(value).unwrap_or_default()
}
