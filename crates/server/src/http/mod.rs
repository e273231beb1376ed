//! The HTTP edge: the GraphQL endpoint, for single answers and for streams of them, and GraphiQL.
mod accept;
mod graphiql;
mod graphql;
mod live;
mod request;
mod sse;
mod streams;
mod websocket;

pub use live::{KeepOpen, Live, Sockets};

use kernel::{Graph, Perspective, store::Database};
use poem::{EndpointExt, IntoEndpoint, Response, Route, http::StatusCode, middleware::CatchPanic};

/// What the routes answer from.
#[derive(Clone)]
pub struct Endpoint {
    /// The schema and what the modules registered.
    pub graph: Graph,
    /// The database.
    pub db: Database,
    /// Which revisions every request sees.
    pub perspective: Perspective,
}

/// All routes of the server.
pub fn routes(
    endpoint: Endpoint,
    live: Live,
) -> impl IntoEndpoint<Endpoint = impl poem::Endpoint<Output: poem::IntoResponse> + 'static> {
    let operations = streams::Operations(endpoint.clone());
    let graphql = streams::Streams { operations, live, otherwise: graphql::graphql };
    Route::new()
        .at("/", graphiql::to_endpoint)
        .at("/graphql", graphql)
        .at("/graphiql/assets/:file", graphiql::asset)
        .data(endpoint)
        .with(CatchPanic::new().with_handler(|_| {
            tracing::error!("a request panicked");
            Response::builder()
                .status(StatusCode::INTERNAL_SERVER_ERROR)
                .content_type("application/json")
                .body(r#"{"errors":[{"message":"The server could not answer. The cause is in its log.","extensions":{"code":"INTERNAL"}}]}"#)
        }))
}
