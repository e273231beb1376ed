//! `/graphql`: queries in, answers out. The status and the shape of an answer follow the GraphQL-over-HTTP specification.
use std::sync::Arc;

use async_graphql::{Response as GraphResponse, ServerError, Value};
use kernel::Tags;
use poem::{
    Body, Endpoint, Request, Response, Result,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri},
};
use serde::Serialize;
use serde_json::json;

use super::{
    accept::{MediaType, negotiate, wants_page},
    answers::{Answer, RequestKey},
    edge::Edge,
    encoding::Encoding,
    graphiql,
    read::{self, Asked},
    refusal::Refusal,
    request::{self, Prepared},
};

const ALLOWED: HeaderValue = HeaderValue::from_static("GET, POST");
const SOON: HeaderValue = HeaderValue::from_static("1");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// The endpoint.
pub(super) struct GraphQl(pub(super) Arc<Edge>);

impl Endpoint for GraphQl {
    type Output = Response;

    async fn call(&self, mut http: Request) -> Result<Response> {
        let body = http.take_body();
        let (method, uri, headers) = (http.method(), http.uri(), http.headers());
        if *method == Method::GET && wants_page(headers) && !asks(uri) {
            return Ok(graphiql::page(headers));
        }
        let Some(media_type) = negotiate(headers) else {
            let message = "This endpoint answers with application/graphql-response+json or application/json.";
            let refusal = Refusal::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message);
            return Ok(self.refused(&refusal, MediaType::Json, headers).await);
        };
        Ok(match self.answer(method, uri, headers, body, media_type).await {
            Ok(answer) => answer.response(method, headers, &self.0.caching).await,
            Err(refusal) => self.refused(&refusal, media_type, headers).await,
        })
    }
}

/// Whether a GET asks something, and does not only open the page.
fn asks(uri: &Uri) -> bool {
    let asks = |name: &str| matches!(name, "query" | "extensions" | "documentId");
    uri.query().is_some_and(|query| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| asks(&name)))
}

impl GraphQl {
    /// The answer to a request: a kept one, or a new one, which is kept where it may be.
    async fn answer(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Body,
        media_type: MediaType,
    ) -> Result<Arc<Answer>, Refusal> {
        let edge = &*self.0;
        // Read before anything else: what is published from here on makes the answer newer than its version, never older.
        let version = edge.db.version();
        let (key, asked) = match *method {
            Method::GET => {
                let query = uri.query().unwrap_or_default();
                let key = RequestKey::new(method, media_type, query.as_bytes());
                if let Some(answer) = key.as_ref().and_then(|key| edge.answers.get(key, version)) {
                    return Ok(answer);
                }
                (key, read::from_query(query)?)
            }
            Method::POST => {
                let encoding = read::encoding_of_json(headers)?;
                let bytes = read::body(headers, body, &edge.limits).await?;
                let key = RequestKey::new(method, media_type, &bytes).filter(|_| encoding == Encoding::Identity);
                if let Some(answer) = key.as_ref().and_then(|key| edge.answers.get(key, version)) {
                    return Ok(answer);
                }
                (key, read::from_body(bytes, encoding, &edge.limits)?)
            }
            _ => return Err(Refusal::method("This endpoint answers GET and POST.")),
        };
        let (answer, is_repeatable) = match asked {
            Asked::One(parameters) => {
                self.one(method, request::prepare(edge, parameters)?, media_type, version).await?
            }
            Asked::Batch(items) => {
                let batch = items.into_iter().map(|item| request::prepare(edge, read::of_batch(item)?)).collect();
                self.batch(batch, media_type, version).await?
            }
        };
        let answer = Arc::new(answer);
        if let Some(key) = key.filter(|_| is_repeatable) {
            edge.answers.keep(key, &answer);
        }
        Ok(answer)
    }

    async fn one(
        &self,
        method: &Method,
        prepared: Prepared,
        media_type: MediaType,
        version: i64,
    ) -> Result<(Answer, bool), Refusal> {
        use async_graphql::parser::types::OperationType::Query;
        let edge = &*self.0;
        if *method == Method::GET && prepared.operation != Query {
            return Err(Refusal::method("GET is for queries only. Send this operation by POST."));
        }
        let (keeps, is_repeatable) = (edge.keeps(prepared.operation), prepared.is_repeatable);
        let cost = prepared.reports_cost.then_some(prepared.cost);
        let _permit = edge.permit()?;
        let executed = edge.execute(prepared).await?;
        let (response, tags) = (executed.response, executed.tags);
        let body = to_json(&AnswerBody::of(&response, self.extensions(cost)));
        let answer = if keeps && response.errors.is_empty() {
            Answer::lasting(media_type, body, version, &tags, &edge.caching)
        } else {
            let was_refused = is_refusal(&response) && media_type == MediaType::GraphqlResponse;
            let status = if was_refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            Answer::fleeting(status, media_type, body)
        };
        Ok((answer, is_repeatable))
    }

    /// Answers one after the other, so that a batch takes no more of the server than one request.
    async fn batch(
        &self,
        batch: Vec<Result<Prepared, Refusal>>,
        media_type: MediaType,
        version: i64,
    ) -> Result<(Answer, bool), Refusal> {
        let edge = &*self.0;
        request::check_batch(edge, &batch)?;
        let _permit = edge.permit()?;
        let (mut bodies, mut all_tags, mut keeps, mut is_repeatable) = (Vec::new(), Tags::default(), true, true);
        for prepared in batch {
            let executed = match prepared {
                Ok(prepared) => {
                    keeps &= edge.keeps(prepared.operation);
                    is_repeatable &= prepared.is_repeatable;
                    let cost = prepared.reports_cost.then_some(prepared.cost);
                    edge.execute(prepared).await.map(|executed| (executed, cost))
                }
                Err(refusal) => Err(refusal),
            };
            bodies.push(match executed {
                Ok((executed, cost)) => {
                    keeps &= executed.response.errors.is_empty();
                    all_tags.join(&executed.tags);
                    to_json(&AnswerBody::of(&executed.response, self.extensions(cost)))
                }
                Err(refusal) => {
                    keeps = false;
                    to_json(&json!({ "errors": [refusal.error()] }))
                }
            });
        }
        let body = [b"[".as_slice(), &bodies.join(&b","[..]), b"]"].concat();
        let answer = if keeps {
            Answer::lasting(media_type, body, version, &all_tags, &edge.caching)
        } else {
            Answer::fleeting(StatusCode::OK, media_type, body)
        };
        Ok((answer, is_repeatable))
    }

    /// The cost of the request, where the client asked for it.
    fn extensions(&self, cost: Option<u64>) -> Option<serde_json::Value> {
        let maximum = self.0.limits.max_complexity;
        cost.map(|requested| json!({ "cost": { "requested": requested, "maximum": maximum } }))
    }

    async fn refused(&self, refusal: &Refusal, media_type: MediaType, headers: &HeaderMap) -> Response {
        let status = if refusal.is_graphql && media_type == MediaType::Json { StatusCode::OK } else { refusal.status };
        let body = to_json(&json!({ "errors": [refusal.error()] }));
        let answer = Arc::new(Answer::fleeting(status, media_type, body));
        let mut response = answer.response(&Method::POST, headers, &self.0.caching).await;
        match status {
            StatusCode::METHOD_NOT_ALLOWED => response.headers_mut().insert("allow", ALLOWED),
            StatusCode::SERVICE_UNAVAILABLE => response.headers_mut().insert("retry-after", SOON),
            // The rest of the body would be taken for the next request.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                response.headers_mut().insert("connection", CLOSE)
            }
            _ => None,
        };
        response
    }
}

/// An executed request has `data`. One that failed its validation has none, and with it status 400 where the media type
/// says so.
fn is_refusal(response: &GraphResponse) -> bool {
    response.data == Value::Null && response.errors.iter().all(|error| error.path.is_empty())
}

/// The body of an answer.
#[derive(Serialize)]
struct AnswerBody<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<serde_json::Value>,
}

impl<'a> AnswerBody<'a> {
    fn of(response: &'a GraphResponse, extensions: Option<serde_json::Value>) -> Self {
        let has_data = response.errors.is_empty() || !is_refusal(response);
        Self {
            errors: response.errors.iter().map(well_formed).collect(),
            data: has_data.then_some(&response.data),
            extensions,
        }
    }
}

/// An error without the empty lists that the specification does not allow.
fn well_formed(error: &ServerError) -> serde_json::Value {
    let mut value = serde_json::to_value(error).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| value.as_array().is_none_or(|items| !items.is_empty()));
    }
    value
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
