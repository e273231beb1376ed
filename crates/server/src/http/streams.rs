//! `/graphql` for connections that stay open: WebSockets and event streams. Everything else goes on to the endpoint behind.
use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Response as GraphResponse, ServerError, parser::types::OperationType};
use futures_util::{
    FutureExt as _, StreamExt as _,
    stream::{self, BoxStream},
};
use kernel::View;
use poem::{Request, Response, Result, http::StatusCode};
use prometheus_client::metrics::gauge::Gauge;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    edge::Edge,
    live::Live,
    refusal::Refusal,
    request::{self, Prepared},
    sse,
    view::Asker,
    websocket,
};

/// Answers WebSockets and event streams; passes all other requests on.
pub(super) struct Streams<E> {
    pub(super) operations: Operations,
    pub(super) live: Live,
    pub(super) otherwise: E,
}

impl<E: poem::Endpoint<Output = Response>> poem::Endpoint for Streams<E> {
    type Output = Response;

    async fn call(&self, mut http: Request) -> Result<Response> {
        if websocket::is_asked_for(&http) {
            Ok(websocket::open(&http, &self.operations, &self.live))
        } else if sse::is_asked_for(&http) {
            let body = http.take_body();
            Ok(sse::open(&http, body, &self.operations, &self.live).await)
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
    pub(super) async fn start(&self, asker: &Asker, parameters: Map<String, Value>) -> Result<Started, Refusal> {
        let mut prepared = request::prepare(&self.0, parameters)?;
        let view = self.0.view(asker, prepared.perspective.take()).await?;
        let operation = prepared.operation;
        let responses = if operation == OperationType::Subscription {
            let Edge { graph, db, .. } = &*self.0;
            let counted = Counted::new(self.0.metrics.subscriptions());
            let responses = graph.subscribe(prepared.request, db, view);
            responses.inspect(move |_| _ = &counted).boxed()
        } else {
            stream::once(execute(self.0.clone(), prepared, view)).boxed()
        };
        let responses = AssertUnwindSafe(responses).catch_unwind();
        let mut responses = responses.map(|response| response.unwrap_or_else(|_| panicked())).boxed();
        // A subscription begins here, not when its task gets a turn: whoever asks a query afterwards misses nothing between.
        let first = match operation {
            OperationType::Subscription => responses.next().now_or_never().flatten(),
            _ => None,
        };
        Ok(Started { operation, responses: working(stream::iter(first).chain(responses).boxed()) })
    }
}

/// Works on each response in a task of its own, however slow the client is: an operation that waited for its client in the
/// midst of a statement would keep a connection to the database from all others. It is one response ahead, and ends when it is
/// dropped.
fn working(mut responses: BoxStream<'static, GraphResponse>) -> BoxStream<'static, GraphResponse> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let response = tokio::select! {
                biased;
                () = sender.closed() => return,
                response = responses.next() => response,
            };
            let Some(response) = response else { return };
            if sender.send(response).await.is_err() {
                return;
            }
        }
    });
    ReceiverStream::new(receiver).boxed()
}

/// Executes what has one response, within the limits.
async fn execute(edge: Arc<Edge>, prepared: Prepared, view: View) -> GraphResponse {
    let executed = match edge.permit() {
        Ok(_permit) => edge.execute(prepared, view).await,
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
    let message = "This server has as many open sockets and event streams as it may have. Try again later.";
    let error = json!({ "message": message, "extensions": { "code": "TOO_MANY_SOCKETS" } });
    Response::builder()
        .status(StatusCode::SERVICE_UNAVAILABLE)
        .content_type("application/json; charset=utf-8")
        .header("retry-after", "1")
        .body(json!({ "errors": [error] }).to_string())
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use super::*;

    #[tokio::test]
    async fn an_operation_is_never_left_in_the_midst_of_a_response() {
        let done = Arc::new(AtomicUsize::new(0));
        let counter = done.clone();
        let responses = stream::repeat_with(GraphResponse::default).then(move |response| {
            let counter = counter.clone();
            async move {
                // Stands for a statement, which is over only when the operation is looked at again.
                tokio::task::yield_now().await;
                counter.fetch_add(1, Ordering::SeqCst);
                response
            }
        });
        let reached = async |count| {
            while done.load(Ordering::SeqCst) < count {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };

        let mut responses = working(responses.boxed());
        reached(2).await;
        assert_eq!(done.load(Ordering::SeqCst), 2, "without a reader it is as far ahead as it may be");
        assert!(responses.next().await.is_some());
        reached(3).await;
    }

    #[tokio::test]
    async fn an_operation_ends_when_nobody_listens() {
        let (alive, mut ended) = tokio::sync::watch::channel(());
        let responses = stream::unfold(alive, |alive| async move {
            std::future::pending::<()>().await;
            Some((GraphResponse::default(), alive))
        });

        drop(working(responses.boxed()));

        assert!(ended.changed().await.is_err(), "its state is dropped");
    }
}
