//! `/graphql`: queries in, answers out. The status and the shape of an answer follow the GraphQL-over-HTTP specification.
use std::{sync::Arc, time::Instant};

use async_graphql::parser::types::OperationType;
use kernel::{AccessContext, Tags, store::Version};
use poem::{
    Body, Endpoint, Request, Response, Result,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use serde_json::json;
use tracing::Instrument;

use super::{
    accept::{MediaType, negotiate, wants_page},
    auth::{Credentials, is_public},
    client::Client,
    execute::{Deadline, Execution},
    graphiql,
    params::{self, Received},
    prepare::{self, Prepared, PreparedPayload},
    request_error::RequestError,
    response::{error_response, json_of, status, to_json},
    response_cache::{Answer, RequestKey},
    state::ServerState,
};
use crate::observe::{Outcome, REQUEST_ID, RequestId, Tier, label};

/// The endpoint.
pub(super) struct GraphQl(pub(super) Arc<ServerState>);

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
            state: &self.0,
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
                error_response(&refusal)
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

fn not_acceptable() -> RequestError {
    let message = "This endpoint answers with application/graphql-response+json or application/json.";
    RequestError::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
}

/// One HTTP request and what its answer depends on.
struct Exchange<'a> {
    state: &'a Arc<ServerState>,
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
    async fn answer(&self, body: Body) -> Result<Arc<Answer>, RequestError> {
        let (who, is_public) =
            (self.state.auth.credentials(self.headers, self.uri).await?, is_public(self.headers, self.uri));
        let (key, text) = match *self.method {
            Method::GET => {
                let query = self.uri.query().unwrap_or_default();
                (RequestKey::new(self.method, self.media_type, query.as_bytes()), Text::Query(query))
            }
            Method::POST => {
                let body = params::body(self.headers, body, self.client, self.state).await?;
                let key = body.plain().and_then(|bytes| RequestKey::new(self.method, self.media_type, bytes));
                (key, Text::Body(body))
            }
            _ => return Err(RequestError::method("This endpoint answers GET, HEAD and POST.")),
        };
        let key = key.filter(|_| is_public);
        match self.kept(key.as_ref()) {
            Some(answer) => Ok(answer),
            // In a place of its own, so that kept answers do not carry its space along.
            None => Box::pin(self.new_answer(key, text, who)).await,
        }
    }

    /// A new answer, which is kept where it may be.
    async fn new_answer(
        &self,
        key: Option<RequestKey>,
        text: Text<'_>,
        who: Credentials,
    ) -> Result<Arc<Answer>, RequestError> {
        let wanted = match text {
            Text::Query(query) => {
                let prepared = prepare::prepare(self.state, self.client, params::from_query(query)?).await;
                prepared.map(|prepared| PreparedPayload::One(Box::new(prepared)))
            }
            Text::Body(body) => prepare::prepare_body(self.state, self.client, body).await,
        };
        let (answer, is_repeatable) = match wanted.map_err(|refusal| refusal.by(self.method))? {
            PreparedPayload::One(prepared) => {
                let span = self.id.span(label(prepared.name.as_deref()));
                self.one(*prepared, &who).instrument(span).await?
            }
            PreparedPayload::Batch(batch) => self.batch(batch, &who).instrument(self.id.span("batch")).await?,
        };
        let answer = Arc::new(answer);
        if let Some(key) = key.filter(|_| is_repeatable) {
            self.state.answers.keep(key, &answer, self.begun.elapsed());
        }
        Ok(answer)
    }

    /// A kept answer.
    fn kept(&self, key: Option<&RequestKey>) -> Option<Arc<Answer>> {
        let answer = self.state.answers.get(key?, self.version);
        self.state.metrics.looked_up(Tier::Answers, answer.is_some());
        if let Some(answer) = &answer {
            answer.is_given(self.begun.elapsed());
        }
        answer
    }

    /// Executes one request; tells whether the same bytes may be answered alike.
    async fn one(&self, mut prepared: Prepared, credentials: &Credentials) -> Result<(Answer, bool), RequestError> {
        let state = self.state;
        if *self.method == Method::GET && prepared.operation != OperationType::Query {
            return Err(RequestError::method("GET is for queries only. Send this operation by POST."));
        }
        let view = state.auth.view(credentials, prepared.perspective.take()).await?;
        let (keeps, is_repeatable) = (keeps(prepared.operation, &view), prepared.is_repeatable);
        let uses = prepared.last_use.take().into_iter().collect();
        let _permit = state.admission.permit(self.client).await?;
        let Execution { response, tags, operation } = state.execute(prepared, view, state.deadline(self.begun)).await?;
        let body = json_of(&response);
        let outcome = Outcome::of(&response);
        operation.answered(outcome, self.begun.elapsed());
        let answer = if keeps && outcome == Outcome::Ok && tags.is_lasting() {
            let operations = vec![operation];
            Answer::lasting(self.media_type, body, self.version, &tags, operations, uses, &state.caching)
        } else {
            Answer::fleeting(status(&response), self.media_type, body)
        };
        Ok((answer, is_repeatable))
    }

    /// Executes one request after the other, so that a batch takes no more of the server, and no more time, than one request.
    async fn batch(
        &self,
        batch: Vec<Result<Prepared, RequestError>>,
        credentials: &Credentials,
    ) -> Result<(Answer, bool), RequestError> {
        let state = self.state;
        prepare::check_batch(state, &batch)?;
        let _permit = state.admission.permit(self.client).await?;
        let (mut bodies, mut all_tags, mut is_kept, mut is_repeatable) = (Vec::new(), Tags::default(), true, true);
        let (mut operations, mut uses, deadline) = (Vec::new(), Vec::new(), state.deadline(self.begun));
        for prepared in batch {
            let executed = async {
                let mut prepared = prepared?;
                let view = state.auth.view(credentials, prepared.perspective.take()).await?;
                is_kept &= keeps(prepared.operation, &view);
                is_repeatable &= prepared.is_repeatable;
                uses.extend(prepared.last_use.take());
                let deadline = Deadline { begun: Instant::now(), ..deadline };
                Ok((state.execute(prepared, view, deadline).await?, deadline))
            };
            let executed: Result<_, RequestError> = executed.await;
            bodies.push(match executed {
                Ok((Execution { response, tags, operation }, deadline)) => {
                    is_kept &= response.errors.is_empty() && tags.is_lasting();
                    all_tags.join(&tags);
                    let body = json_of(&response);
                    operation.answered(Outcome::of(&response), deadline.begun.elapsed());
                    operations.push(operation);
                    body
                }
                Err(refusal) => {
                    is_kept = false;
                    state.metrics.refused(refusal.code);
                    to_json(&json!({ "errors": refusal.errors() }))
                }
            });
        }
        let body = [b"[".as_slice(), &bodies.join(&b","[..]), b"]"].concat();
        let answer = if is_kept {
            Answer::lasting(self.media_type, body, self.version, &all_tags, operations, uses, &state.caching)
        } else {
            Answer::fleeting(StatusCode::OK, self.media_type, body)
        };
        Ok((answer, is_repeatable))
    }
}

/// Tells whether answers to such requests may be kept by their content version.
pub(super) fn keeps(operation: OperationType, view: &AccessContext) -> bool {
    operation == OperationType::Query && *view == AccessContext::default()
}
