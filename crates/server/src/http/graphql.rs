//! `/graphql`: queries in, answers out. The status and the shape of an answer follow the GraphQL-over-HTTP specification.
use async_graphql::{Response as GraphResponse, ServerError, Value};
use poem::{
    Body, Response, handler,
    http::{HeaderMap, Method, StatusCode, Uri},
    web::Data,
};
use serde_json::json;

use super::{
    Endpoint,
    accept::{MediaType, negotiate, wants_page},
    graphiql,
    request::{Refusal, read},
};

#[handler]
pub(super) async fn graphql(
    method: Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
    endpoint: Data<&Endpoint>,
) -> Response {
    let asks = uri.query().is_some_and(|query| {
        form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "query" || name == "extensions")
    });
    if method == Method::GET && !asks && wants_page(headers) {
        return graphiql::page();
    }
    let Some(media_type) = negotiate(headers) else {
        let message = "This endpoint answers with application/graphql-response+json or application/json.";
        let refusal = Refusal::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message);
        return refused(&refusal, MediaType::Json);
    };
    match read(&method, uri, headers, body).await {
        Ok(request) => answered(&endpoint.graph.execute(request, &endpoint.db, endpoint.perspective).await, media_type),
        Err(refusal) => refused(&refusal, media_type),
    }
}

/// An executed request has `data`. One that failed its validation has none, and with it status 400 where the media type
/// says so.
fn answered(response: &GraphResponse, media_type: MediaType) -> Response {
    let was_refused = is_refusal(response) && media_type == MediaType::GraphqlResponse;
    let status = if was_refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Response::builder().status(status).content_type(media_type.content_type()).body(json_of(response))
}

/// Whether the response only says what is wrong with the request.
pub(super) fn is_refusal(response: &GraphResponse) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The response as JSON.
pub(super) fn json_of(response: &GraphResponse) -> Vec<u8> {
    let body = Answer {
        errors: response.errors.iter().map(well_formed).collect(),
        data: (!is_refusal(response)).then_some(&response.data),
    };
    serde_json::to_vec(&body).unwrap_or_default()
}

#[derive(serde::Serialize)]
struct Answer<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
}

/// An error without the empty lists that the specification does not allow.
pub(super) fn well_formed(error: &ServerError) -> serde_json::Value {
    let mut value = serde_json::to_value(error).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| value.as_array().is_none_or(|items| !items.is_empty()));
    }
    value
}

pub(super) fn refused(refusal: &Refusal, media_type: MediaType) -> Response {
    let status = if refusal.is_graphql && media_type == MediaType::Json { StatusCode::OK } else { refusal.status };
    let response = Response::builder().status(status).content_type(media_type.content_type());
    let response =
        if status == StatusCode::METHOD_NOT_ALLOWED { response.header("allow", "GET, POST") } else { response };
    response.body(json!({ "errors": [refusal.error()] }).to_string())
}
