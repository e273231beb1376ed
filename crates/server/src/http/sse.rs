//! Event streams: the "distinct connections mode" of the GraphQL over Server-Sent Events protocol. One operation, one stream;
//! every response is an event `next`, and `complete` is the last.

use async_graphql::{Response as GraphResponse, parser::types::OperationType};
use futures_util::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use poem::{Body, Request, Response, http::Method};
use serde_json::json;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{
    accept::prefers_events,
    live::{Live, OpenConnection},
    operations::Operations,
    params,
    prepare::{self, PreparedPayload},
    request_error::RequestError,
    response::{error_response, json_of},
};
use crate::observe::RequestId;

/// A line that is no event: it opens the stream, and keeps it open.
const COMMENT: &str = ":\n\n";
/// An empty `data` makes browsers deliver it.
const COMPLETE: &str = "event: complete\ndata: \n\n";

/// Tells whether the client would rather have an event stream than a single answer.
pub(super) fn is_asked_for(http: &Request) -> bool {
    prefers_events(http.headers())
}

/// Answers with an event stream. What is wrong with the HTTP request has the answer that it has elsewhere; what is wrong with
/// the operation is told in the stream.
pub(super) async fn open(http: &Request, body: Body, operations: &Operations, live: &Live) -> Response {
    let id = RequestId::of(http.headers());
    let mut response = match started(http, body, operations, live, &id).await {
        Ok(responses) => stream_of(http, responses.map(|response| next(&json_of(&response))).boxed(), operations, live),
        Err(refusal) => {
            operations.0.metrics.refused(refusal.code);
            if refusal.is_graphql {
                let errors = json!({ "errors": refusal.errors() }).to_string();
                stream_of(http, stream::once(async move { next(errors.as_bytes()) }).boxed(), operations, live)
            } else {
                error_response(&refusal)
            }
        }
    };
    response.headers_mut().insert("x-request-id", id.header());
    response
}

fn stream_of(http: &Request, responses: BoxStream<'static, Vec<u8>>, operations: &Operations, live: &Live) -> Response {
    let state = &operations.0;
    let place = match live.place(state.clients.client(http), state.metrics.sockets()) {
        Ok(place) => place,
        Err(refusal) => return error_response(&refusal),
    };
    let events = events(responses, live.clone(), place);
    Response::builder()
        .content_type("text/event-stream; charset=utf-8")
        .header("cache-control", "no-store")
        .header("x-accel-buffering", "no")
        .body(Body::from_bytes_stream(events.map(Ok::<_, std::io::Error>)))
}

/// Starts what the request asks.
async fn started(
    http: &Request,
    body: Body,
    operations: &Operations,
    live: &Live,
    id: &RequestId,
) -> Result<BoxStream<'static, GraphResponse>, RequestError> {
    let (state, client) = (&operations.0, operations.0.clients.client(http));
    let wanted = match *http.method() {
        Method::GET | Method::HEAD => {
            let parameters = params::from_query(http.uri().query().unwrap_or_default())?;
            prepare::prepare(state, client, parameters).await.map(|prepared| PreparedPayload::One(Box::new(prepared)))
        }
        Method::POST => {
            let body = params::body(http.headers(), body, client, state).await?;
            prepare::prepare_body(state, client, body).await
        }
        _ => return Err(RequestError::method("This endpoint answers GET, HEAD and POST.")),
    };
    let credentials = state.auth.credentials(http.headers(), http.uri()).await?;
    let PreparedPayload::One(prepared) = wanted.map_err(|refusal| refusal.by(http.method()))? else {
        return Err(RequestError::malformed("An event stream is for one operation, not for a batch."));
    };
    if http.method() != Method::POST && prepared.operation == OperationType::Mutation {
        return Err(RequestError::method("A mutation cannot be sent by GET. Send this operation by POST."));
    }
    operations.start_for(client, live, &credentials, *prepared, id).await
}

fn next(json: &[u8]) -> Vec<u8> {
    [b"event: next\ndata: ", json, b"\n\n"].concat()
}

struct EventStream {
    responses: BoxStream<'static, Vec<u8>>,
    beat: Interval,
    live: Live,
    _place: OpenConnection,
}

/// The events, with comments between them. Where the server ends, the stream ends without `complete`, so that the client
/// comes back.
fn events(responses: BoxStream<'static, Vec<u8>>, live: Live, place: OpenConnection) -> impl Stream<Item = Vec<u8>> {
    let mut beat = interval(live.settings().keep_alive_seconds);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let events = EventStream { responses, beat, live, _place: place };
    stream::unfold(Some(events), |events| async move {
        let mut events = events?;
        tokio::select! {
            biased;
            () = events.live.closing() => None,
            response = events.responses.next() => match response {
                Some(event) => Some((event, Some(events))),
                None => Some((COMPLETE.into(), None)),
            },
            _ = events.beat.tick() => Some((COMMENT.into(), Some(events))),
        }
    })
}
