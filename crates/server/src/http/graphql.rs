//! `/graphql`: queries in, answers out. The status and the shape of an answer follow the GraphQL-over-HTTP specification.
use std::{sync::Arc, time::Instant};

use async_graphql::{Response as GraphResponse, ServerError, Value, parser::types::OperationType};
use kernel::{Tags, store::Version, write_json};
use poem::{
    Body, Endpoint, Request, Response, Result,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri},
};
use serde::Serialize;
use serde_json::json;
use tracing::Instrument;

use super::{
    accept::{MediaType, negotiate, wants_page},
    answers::{Answer, RequestKey, partial},
    client::Client,
    edge::{Clock, Done, Edge, keeps},
    graphiql,
    read::{self, Received},
    refusal::{Refusal, status_of},
    request::{self, Prepared, Wanted},
    view::{Asker, is_public},
};
use crate::observe::{Outcome, REQUEST_ID, RequestId, Tier, label};

/// The methods of the endpoint.
pub(super) const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, OPTIONS");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
const SOON: HeaderValue = HeaderValue::from_static("1");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// The endpoint.
pub(super) struct GraphQl(pub(super) Arc<Edge>);

impl Endpoint for GraphQl {
    type Output = Response;

    async fn call(&self, mut http: Request) -> Result<Response> {
        let begun = Instant::now();
        let body = http.take_body();
        let (uri, headers) = (http.uri(), http.headers());
        // Of an answer to HEAD, hyper sends the head alone.
        let method = if *http.method() == Method::HEAD { &Method::GET } else { http.method() };
        if *method == Method::GET && wants_page(headers) && !asks(uri) {
            return Ok(graphiql::page(uri, headers));
        }
        let media_type = negotiate(headers);
        let exchange = Exchange {
            edge: &self.0,
            client: self.0.clients.client(&http),
            method,
            uri,
            headers,
            media_type: media_type.unwrap_or(MediaType::Json),
            id: RequestId::of(headers),
            begun,
            version: self.0.db.state(),
        };
        let answer = if media_type.is_some() { exchange.answer(body).await } else { Err(not_acceptable()) };
        let mut response = match answer {
            Ok(answer) => answer.response(method, headers, &self.0.caching).await,
            Err(refusal) => {
                self.0.metrics.refused(refusal.code);
                refused(&refusal)
            }
        };
        response.headers_mut().insert(REQUEST_ID, exchange.id.header());
        Ok(response)
    }
}

/// Tells whether a GET asks something, and does not only open the page.
fn asks(uri: &Uri) -> bool {
    let asks = |name: &str| matches!(name, "query" | "extensions" | "documentId");
    uri.query().is_some_and(|query| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| asks(&name)))
}

fn not_acceptable() -> Refusal {
    let message = "This endpoint answers with application/graphql-response+json or application/json.";
    Refusal::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
}

/// One HTTP request and what its answer depends on.
struct Exchange<'a> {
    edge: &'a Arc<Edge>,
    client: Client,
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    media_type: MediaType,
    id: RequestId,
    begun: Instant,
    /// The content version, read before anything else: what is published from here on makes an answer newer than its
    /// version, never older.
    version: Version,
}

/// Content of a request, as it was sent.
enum Text<'a> {
    Query(&'a str),
    Body(Received),
}

impl Exchange<'_> {
    /// The answer: a kept one, or a new one.
    async fn answer(&self, body: Body) -> Result<Arc<Answer>, Refusal> {
        let (who, is_public) = (self.edge.asker(self.headers, self.uri).await?, is_public(self.headers, self.uri));
        let (key, text) = match *self.method {
            Method::GET => {
                let query = self.uri.query().unwrap_or_default();
                (RequestKey::new(self.method, self.media_type, query.as_bytes()), Text::Query(query))
            }
            Method::POST => {
                let body = read::body(self.headers, body, self.client, self.edge).await?;
                let key = body.plain().and_then(|bytes| RequestKey::new(self.method, self.media_type, bytes));
                (key, Text::Body(body))
            }
            _ => return Err(Refusal::method("This endpoint answers GET, HEAD and POST.")),
        };
        let key = key.filter(|_| is_public);
        match self.kept(key.as_ref()) {
            Some(answer) => Ok(answer),
            // In a place of its own, so that kept answers do not carry its space along.
            None => Box::pin(self.new_answer(key, text, who)).await,
        }
    }

    /// A new answer, which is kept where it may be.
    async fn new_answer(&self, key: Option<RequestKey>, text: Text<'_>, who: Asker) -> Result<Arc<Answer>, Refusal> {
        let wanted = match text {
            Text::Query(query) => {
                let prepared = request::prepare(self.edge, self.client, read::from_query(query)?).await;
                prepared.map(|prepared| Wanted::One(Box::new(prepared)))
            }
            Text::Body(body) => request::prepare_body(self.edge, self.client, body).await,
        };
        let (answer, is_repeatable) = match wanted.map_err(|refusal| refusal.by(self.method))? {
            Wanted::One(prepared) => {
                let span = self.id.span(label(prepared.name.as_deref()));
                self.one(*prepared, &who).instrument(span).await?
            }
            Wanted::Batch(batch) => self.batch(batch, &who).instrument(self.id.span("batch")).await?,
        };
        let answer = Arc::new(answer);
        if let Some(key) = key.filter(|_| is_repeatable) {
            self.edge.answers.keep(key, &answer);
        }
        Ok(answer)
    }

    /// A kept answer.
    fn kept(&self, key: Option<&RequestKey>) -> Option<Arc<Answer>> {
        let answer = self.edge.answers.get(key?, self.version);
        self.edge.metrics.looked_up(Tier::Answers, answer.is_some());
        if let Some(answer) = &answer {
            answer.is_given(self.begun.elapsed());
        }
        answer
    }

    /// Executes one request; tells whether the same bytes may be answered alike.
    async fn one(&self, mut prepared: Prepared, asker: &Asker) -> Result<(Answer, bool), Refusal> {
        let edge = self.edge;
        if *self.method == Method::GET && prepared.operation != OperationType::Query {
            return Err(Refusal::method("GET is for queries only. Send this operation by POST."));
        }
        let view = edge.view(asker, prepared.perspective.take()).await?;
        let (keeps, is_repeatable) = (keeps(prepared.operation, &view), prepared.is_repeatable);
        let uses = prepared.last_use.take().into_iter().collect();
        let _permit = edge.permit(self.client).await?;
        let Done { response, tags, operation } = edge.execute(prepared, view, edge.clock(self.begun)).await?;
        let body = json_of(&response);
        let outcome = Outcome::of(&response);
        operation.answered(outcome, self.begun.elapsed());
        let answer = if keeps && outcome == Outcome::Ok && tags.is_lasting() {
            let operations = vec![operation];
            Answer::lasting(self.media_type, body, self.version, &tags, operations, uses, &edge.caching)
        } else {
            Answer::fleeting(status(&response), self.media_type, body)
        };
        Ok((answer, is_repeatable))
    }

    /// Executes one request after the other, so that a batch takes no more of the server, and no more time, than one request.
    async fn batch(&self, batch: Vec<Result<Prepared, Refusal>>, asker: &Asker) -> Result<(Answer, bool), Refusal> {
        let edge = self.edge;
        request::check_batch(edge, &batch)?;
        let _permit = edge.permit(self.client).await?;
        let (mut bodies, mut all_tags, mut is_kept, mut is_repeatable) = (Vec::new(), Tags::default(), true, true);
        let (mut operations, mut uses, clock) = (Vec::new(), Vec::new(), edge.clock(self.begun));
        for prepared in batch {
            let executed = async {
                let mut prepared = prepared?;
                let view = edge.view(asker, prepared.perspective.take()).await?;
                is_kept &= keeps(prepared.operation, &view);
                is_repeatable &= prepared.is_repeatable;
                uses.extend(prepared.last_use.take());
                let clock = Clock { begun: Instant::now(), ..clock };
                Ok((edge.execute(prepared, view, clock).await?, clock))
            };
            let executed: Result<_, Refusal> = executed.await;
            bodies.push(match executed {
                Ok((Done { response, tags, operation }, clock)) => {
                    is_kept &= response.errors.is_empty() && tags.is_lasting();
                    all_tags.join(&tags);
                    let body = json_of(&response);
                    operation.answered(Outcome::of(&response), clock.begun.elapsed());
                    operations.push(operation);
                    body
                }
                Err(refusal) => {
                    is_kept = false;
                    edge.metrics.refused(refusal.code);
                    to_json(&json!({ "errors": refusal.errors() }))
                }
            });
        }
        let body = [b"[".as_slice(), &bodies.join(&b","[..]), b"]"].concat();
        let answer = if is_kept {
            Answer::lasting(self.media_type, body, self.version, &all_tags, operations, uses, &edge.caching)
        } else {
            Answer::fleeting(StatusCode::OK, self.media_type, body)
        };
        Ok((answer, is_repeatable))
    }
}

/// The status of what was given to the library.
fn status(response: &GraphResponse) -> StatusCode {
    if is_refusal(response) {
        let code = response.errors.first().and_then(|error| error.extensions.as_ref()?.get("code"));
        return status_of(match code {
            Some(Value::String(code)) => code,
            _ => "",
        });
    }
    if response.errors.is_empty() { StatusCode::OK } else { partial() }
}

/// Tells whether the response only says what is wrong with the request. Then it has no `data`.
pub(super) fn is_refusal(response: &GraphResponse) -> bool {
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
    if !is_refusal(response) {
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
pub(super) fn refused(refusal: &Refusal) -> Response {
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

/// An error without the empty lists that the specification does not allow.
pub(super) fn well_formed(error: &ServerError) -> serde_json::Value {
    let mut value = serde_json::to_value(error).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| value.as_array().is_none_or(|items| !items.is_empty()));
    }
    value
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    sonic_rs::to_vec(value).unwrap_or_default()
}
