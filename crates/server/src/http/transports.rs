//! Transports of `/graphql`: WebSockets, event streams, and plain HTTP.
use poem::{Request, Response, Result};

use super::{live::Live, operations::Operations, sse, websocket};

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
