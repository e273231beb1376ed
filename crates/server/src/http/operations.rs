//! Operations that may have many responses: those of WebSockets and event streams.
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use async_graphql::{Response as GraphResponse, ServerError, parser::types::OperationType};
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use kernel::{AccessContext, Answering, PerspectiveName};
use prometheus_client::metrics::gauge::Gauge;
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tracing::{Instrument as _, Span};

use super::{
    auth::Credentials,
    client::Client,
    execute::{Execution, Listener},
    prepare::{self, Prepared},
    request_error::RequestError,
    response::is_request_error,
    state::ServerState,
};
use crate::observe::{Outcome, RequestId, label};

/// Starts operations that may have many responses.
#[derive(Clone)]
pub(super) struct Operations(pub(super) Arc<ServerState>);

impl Operations {
    /// Prepares the operation with these parameters (`query`, `variables`, …).
    pub(super) async fn prepare(
        &self,
        client: Client,
        parameters: Map<String, Value>,
    ) -> Result<Prepared, RequestError> {
        prepare::prepare(&self.0, client, parameters).await
    }

    /// Starts an operation. The only place where what a message or an event stream asks is executed.
    pub(super) async fn start(
        &self,
        client: Client,
        credentials: &Credentials,
        prepared: Prepared,
        id: &RequestId,
    ) -> Result<BoxStream<'static, GraphResponse>, RequestError> {
        let span = id.span(label(prepared.name.as_deref()));
        self.begin(client, credentials, prepared)
            .instrument(span.clone())
            .await
            .map(|responses| working(responses, span))
    }

    async fn begin(
        &self,
        client: Client,
        credentials: &Credentials,
        mut prepared: Prepared,
    ) -> Result<BoxStream<'static, GraphResponse>, RequestError> {
        let perspective = prepared.perspective.take();
        let view = self.0.auth.view(credentials, perspective.clone()).await?;
        let operation = prepared.operation;
        let responses = if operation == OperationType::Subscription {
            self.subscribe(credentials, perspective, prepared, view)?
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
        credentials: &Credentials,
        perspective: Option<PerspectiveName>,
        prepared: Prepared,
        view: AccessContext,
    ) -> Result<BoxStream<'static, GraphResponse>, RequestError> {
        let state = &self.0;
        let place = state.subscriptions.clone().try_acquire_owned().map_err(|_| {
            let most = state.sockets.max_open_subscriptions;
            let message = format!("This server has {most} subscriptions open, which is the limit. Try again later.");
            RequestError::graphql("TOO_MANY_SUBSCRIPTIONS", message)
        })?;
        let Prepared { request, name, cost, reported, .. } = prepared;
        let listener = Listener { credentials: credentials.clone(), perspective, name, cost };
        let events: Arc<dyn Answering> = Arc::new(Listening { state: state.clone(), listener });
        let counted = Counted { open: state.metrics.subscriptions().clone(), _place: place };
        counted.open.inc();
        let responses = state.graph.subscribe(request.data(events), &state.db, view);
        let responses = responses.map(move |mut response| {
            _ = &counted;
            response.extensions.extend(reported.clone().map(|cost| ("cost".to_owned(), cost)));
            response
        });
        Ok(responses.boxed())
    }
}

/// Answers the events of one subscription as requests are answered.
struct Listening {
    state: Arc<ServerState>,
    listener: Listener,
}

impl Answering for Listening {
    fn answer<'a>(&'a self, answer: BoxFuture<'a, GraphResponse>) -> BoxFuture<'a, GraphResponse> {
        self.state.answer_event(&self.listener, answer).boxed()
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
            let is_last = is_request_error(&response);
            if sender.send(response).await.is_err() || is_last {
                return;
            }
        }
    };
    tokio::spawn(work.instrument(span));
    ReceiverStream::new(receiver).boxed()
}

/// Executes what has one response, within the limits.
async fn execute(state: Arc<ServerState>, client: Client, prepared: Prepared, view: AccessContext) -> GraphResponse {
    let deadline = state.deadline(Instant::now());
    let executed = match state.admission.permit(client).await {
        Ok(_permit) => state.execute(prepared, view, deadline).await,
        Err(refusal) => Err(refusal),
    };
    match executed {
        Ok(Execution { response, operation, .. }) => {
            operation.answered(Outcome::of(&response), deadline.begun.elapsed());
            response
        }
        Err(refusal) => {
            state.metrics.refused(refusal.code);
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
