//! `/graphql` for connections that stay open: WebSockets and event streams. Everything else goes on to the endpoint behind.
use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Response as GraphResponse, ServerError, parser::types::OperationType};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use poem::{Request, Response, Result, http::StatusCode};
use prometheus_client::metrics::gauge::Gauge;
use serde_json::{Map, Value, json};

use super::{
    edge::Edge,
    refusal::Refusal,
    request::{self, Prepared},
    sockets::Sockets,
    sse, websocket,
};

/// Answers WebSockets and event streams; passes all other requests on.
pub(super) struct Streams<E> {
    pub(super) operations: Operations,
    pub(super) sockets: Sockets,
    pub(super) otherwise: E,
}

impl<E: poem::Endpoint<Output = Response>> poem::Endpoint for Streams<E> {
    type Output = Response;

    async fn call(&self, mut http: Request) -> Result<Response> {
        if websocket::is_asked_for(&http) {
            Ok(websocket::open(&http, &self.operations, &self.sockets))
        } else if sse::is_asked_for(&http) {
            let body = http.take_body();
            Ok(sse::open(&http, body, &self.operations, &self.sockets).await)
        } else {
            self.otherwise.call(http).await
        }
    }
}

/// Starts operations that may have many responses.
#[derive(Clone)]
pub(super) struct Operations(pub(super) Arc<Edge>);

/// An operation that was started.
pub(super) struct Started {
    pub(super) operation: OperationType,
    pub(super) responses: BoxStream<'static, GraphResponse>,
}

impl Operations {
    /// Starts the operation with these parameters (`query`, `variables`, …). The only place where a message or an event stream
    /// becomes a request.
    pub(super) fn start(&self, parameters: Map<String, Value>) -> Result<Started, Refusal> {
        let prepared = request::prepare(&self.0, parameters)?;
        let operation = prepared.operation;
        let responses = if operation == OperationType::Subscription {
            let Edge { graph, db, perspective, .. } = &*self.0;
            let counted = Counted::new(self.0.metrics.subscriptions());
            let responses = graph.subscribe(prepared.request, db, *perspective);
            responses.inspect(move |_| _ = &counted).boxed()
        } else {
            stream::once(execute(self.0.clone(), prepared)).boxed()
        };
        let responses = AssertUnwindSafe(responses).catch_unwind();
        let responses = responses.map(|response| response.unwrap_or_else(|_| panicked())).boxed();
        Ok(Started { operation, responses })
    }
}

/// Executes what has one response, within the limits.
async fn execute(edge: Arc<Edge>, prepared: Prepared) -> GraphResponse {
    let executed = match edge.permit() {
        Ok(_permit) => edge.execute(prepared).await,
        Err(refusal) => Err(refusal),
    };
    executed.map_or_else(|refusal| refused(&refusal), |executed| executed.response)
}

fn refused(refusal: &Refusal) -> GraphResponse {
    let mut error = ServerError::new(&*refusal.message, None);
    error.extensions.get_or_insert_default().set("code", refusal.code);
    GraphResponse::from_errors(vec![error])
}

/// Counts an open subscription until it is dropped.
struct Counted(Gauge);

impl Counted {
    fn new(open: &Gauge) -> Self {
        open.inc();
        Self(open.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn panicked() -> GraphResponse {
    tracing::error!("an operation panicked");
    let mut error = ServerError::new("The server could not answer. The cause is in its log.", None);
    error.extensions.get_or_insert_default().set("code", "INTERNAL");
    GraphResponse::from_errors(vec![error])
}

/// All places are taken.
pub(super) fn full() -> Response {
    let message = "This server has as many open connections as it may have. Try again later.";
    let error = json!({ "message": message, "extensions": { "code": "TOO_MANY_CONNECTIONS" } });
    Response::builder()
        .status(StatusCode::SERVICE_UNAVAILABLE)
        .content_type("application/json; charset=utf-8")
        .header("retry-after", "1")
        .body(json!({ "errors": [error] }).to_string())
}
