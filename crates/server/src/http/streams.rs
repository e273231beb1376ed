//! `/graphql` for connections that stay open: WebSockets and event streams. Everything else goes on to the endpoint behind.
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use async_graphql::{Response as GraphResponse, ServerError, parser::types::OperationType};
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use kernel::{AccessContext, Answering, PerspectiveName};
use poem::{Request, Response, Result};
use prometheus_client::metrics::gauge::Gauge;
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tracing::{Instrument as _, Span};

use super::{
    client::Client,
    edge::{Done, Edge, Listener},
    graphql::is_refusal,
    live::Live,
    refusal::Refusal,
    request::{self, Prepared},
    sse,
    view::Asker,
    websocket,
};
use crate::observe::{Outcome, RequestId, label};

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
            Ok(Box::pin(sse::open(&http, body, &self.operations, &self.live)).await)
        } else {
            self.otherwise.call(http).await
        }
    }
}

/// Starts operations that may have many responses.
#[derive(Clone)]
pub(super) struct Operations(pub(super) Arc<Edge>);

impl Operations {
    /// Prepares the operation with these parameters (`query`, `variables`, …).
    pub(super) async fn prepare(&self, client: Client, parameters: Map<String, Value>) -> Result<Prepared, Refusal> {
        request::prepare(&self.0, client, parameters).await
    }

    /// Starts an operation. The only place where what a message or an event stream asks is executed.
    pub(super) async fn start(
        &self,
        client: Client,
        asker: &Asker,
        prepared: Prepared,
        id: &RequestId,
    ) -> Result<BoxStream<'static, GraphResponse>, Refusal> {
        let span = id.span(label(prepared.name.as_deref()));
        self.begin(client, asker, prepared).instrument(span.clone()).await.map(|responses| working(responses, span))
    }

    async fn begin(
        &self,
        client: Client,
        asker: &Asker,
        mut prepared: Prepared,
    ) -> Result<BoxStream<'static, GraphResponse>, Refusal> {
        let perspective = prepared.perspective.take();
        let view = self.0.view(asker, perspective.clone()).await?;
        let operation = prepared.operation;
        let responses = if operation == OperationType::Subscription {
            self.subscribe(asker, perspective, prepared, view)?
        } else {
            stream::once(execute(self.0.clone(), client, prepared, view)).boxed()
        };
        let responses = AssertUnwindSafe(responses).catch_unwind();
        let mut responses = responses.map(|response| response.unwrap_or_else(|_| panicked())).boxed();
        // A subscription begins here, not when its task gets a turn: whoever asks a query afterwards misses nothing between.
        let first = match operation {
            OperationType::Subscription => responses.next().now_or_never().flatten(),
            _ => None,
        };
        Ok(stream::iter(first).chain(responses).boxed())
    }

    fn subscribe(
        &self,
        asker: &Asker,
        perspective: Option<PerspectiveName>,
        prepared: Prepared,
        view: AccessContext,
    ) -> Result<BoxStream<'static, GraphResponse>, Refusal> {
        let edge = &self.0;
        let place = edge.subscriptions.clone().try_acquire_owned().map_err(|_| {
            let most = edge.sockets.max_open_subscriptions;
            let message = format!("This server has {most} subscriptions open, which is the limit. Try again later.");
            Refusal::graphql("TOO_MANY_SUBSCRIPTIONS", message)
        })?;
        let Prepared { request, name, cost, reported, .. } = prepared;
        let listener = Listener { asker: asker.clone(), perspective, name, cost };
        let events: Arc<dyn Answering> = Arc::new(Events { edge: edge.clone(), listener });
        let counted = Counted { open: edge.metrics.subscriptions().clone(), _place: place };
        counted.open.inc();
        let responses = edge.graph.subscribe(request.data(events), &edge.db, view);
        let responses = responses.map(move |mut response| {
            _ = &counted;
            response.extensions.extend(reported.clone().map(|cost| ("cost".to_owned(), cost)));
            response
        });
        Ok(responses.boxed())
    }
}

/// Answers the events of one subscription as the edge answers requests.
struct Events {
    edge: Arc<Edge>,
    listener: Listener,
}

impl Answering for Events {
    fn answer<'a>(&'a self, answer: BoxFuture<'a, GraphResponse>) -> BoxFuture<'a, GraphResponse> {
        self.edge.answer_event(&self.listener, answer).boxed()
    }
}

/// Works on each response in a task of its own, however slow the client is: an operation that waited for its client in the
/// midst of a statement would keep a connection to the database from all others. It is one response ahead, and ends when it is
/// dropped, or with a response that says why there are no more.
fn working(mut responses: BoxStream<'static, GraphResponse>, span: Span) -> BoxStream<'static, GraphResponse> {
    let (sender, receiver) = mpsc::channel(1);
    let work = async move {
        loop {
            let response = tokio::select! {
                biased;
                () = sender.closed() => return,
                response = responses.next() => response,
            };
            let Some(response) = response else { return };
            let is_last = is_refusal(&response);
            if sender.send(response).await.is_err() || is_last {
                return;
            }
        }
    };
    tokio::spawn(work.instrument(span));
    ReceiverStream::new(receiver).boxed()
}

/// Executes what has one response, within the limits.
async fn execute(edge: Arc<Edge>, client: Client, prepared: Prepared, view: AccessContext) -> GraphResponse {
    let clock = edge.clock(Instant::now());
    let executed = match edge.permit(client).await {
        Ok(_permit) => edge.execute(prepared, view, clock).await,
        Err(refusal) => Err(refusal),
    };
    match executed {
        Ok(Done { response, operation, .. }) => {
            operation.answered(Outcome::of(&response), clock.begun.elapsed());
            response
        }
        Err(refusal) => {
            edge.metrics.refused(refusal.code);
            refusal.response()
        }
    }
}

/// Counts an open subscription, and keeps its place, until it is dropped.
struct Counted {
    open: Gauge,
    _place: OwnedSemaphorePermit,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.dec();
    }
}

fn panicked() -> GraphResponse {
    tracing::error!("an operation panicked");
    let mut error = ServerError::new("The server could not answer. The cause is in its log.", None);
    error.extensions.get_or_insert_default().set("code", "INTERNAL");
    GraphResponse::from_errors(vec![error])
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

        let mut responses = working(responses.boxed(), Span::none());
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

        drop(working(responses.boxed(), Span::none()));

        assert!(ended.changed().await.is_err(), "its state is dropped");
    }
}
