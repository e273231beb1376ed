//! The HTTP edge: the GraphQL endpoint and GraphiQL.
mod accept;
mod answers;
mod client;
pub(crate) mod connections;
mod cors;
mod documents;
mod edge;
mod encoding;
mod forwarded;
mod graphiql;
mod graphql;
mod health;
mod host;
mod live;
mod metrics;
mod origin;
mod places;
mod queries;
mod read;
mod refusal;
mod request;
mod shares;
mod sse;
mod streams;
mod view;
mod websocket;

pub use client::{ClientOptions, Network};
pub(crate) use connections::DRAIN;
pub use edge::{CacheOptions, Settings};
pub use host::Hosts;
pub use live::SocketOptions;
pub(crate) use live::{KeepOpen, Live};
pub use origin::{BrowserOptions, Origins};
pub use queries::{QueryOptions, TrustMode};

use std::{net::SocketAddr, sync::Arc};

use kernel::{Graph, Perspective, Result, store::Database};
use poem::{
    EndpointExt, IntoEndpoint, Response, Route,
    error::NotFoundError,
    http::StatusCode,
    middleware::{CatchPanic, PanicHandler},
};

use crate::{observe::Metrics, webhooks::Sender};

use self::{connections::Door, cors::CrossOrigin, edge::Edge, graphql::GraphQl, host::Guarded};

/// Maximum number of open connections to the address that is for metrics alone.
const METRICS_CONNECTIONS: usize = 16;

/// State that the routes answer from.
#[derive(Clone)]
pub struct Endpoint(Arc<Edge>);

impl Endpoint {
    /// The endpoint of a graph. Reads the manifest of trusted documents where the settings name one.
    pub fn new(
        graph: Graph,
        db: Database,
        perspective: Perspective,
        settings: Settings,
        metrics: Metrics,
    ) -> Result<Self> {
        Ok(Self(Edge::new(graph, db, perspective, settings, metrics)?))
    }
}

impl Endpoint {
    /// Rules about who may connect.
    pub(crate) fn door(&self) -> Door {
        let Edge { limits, clients, metrics, .. } = &*self.0;
        let most = limits.max_connections;
        Door { limits: limits.clone(), most, clients: clients.clone(), metrics: metrics.clone() }
    }

    /// Rules for the address that is for metrics alone: few programs, which have no shares.
    pub(crate) fn metrics_door(&self) -> Door {
        let door = self.door();
        let clients = ClientOptions { max_client_share: 100, ..door.clients };
        Door { most: door.most.min(METRICS_CONNECTIONS), clients, ..door }
    }

    /// The database.
    pub(crate) fn content(&self) -> &Arc<kernel::ContentModel> {
        self.0.graph.content()
    }

    /// Sends webhook messages.
    pub(crate) fn sender(&self) -> Result<Sender> {
        let Edge { graph, db, webhooks, limits, .. } = &*self.0;
        Sender::new(graph.clone(), db.clone(), webhooks.clone(), limits.clone())
    }

    /// The database.
    pub(crate) fn db(&self) -> &Database {
        &self.0.db
    }

    /// The address that is for metrics alone.
    pub(crate) fn metrics_listen(&self) -> Option<SocketAddr> {
        self.0.metrics_listen
    }

    /// The connections that stay open; none yet.
    pub(crate) fn live(&self) -> (Live, KeepOpen) {
        Live::new(self.0.sockets.clone(), &self.0.clients)
    }
}

/// All routes of the server.
pub(crate) fn routes(
    Endpoint(edge): Endpoint,
    live: Live,
) -> impl IntoEndpoint<Endpoint = impl poem::Endpoint<Output: poem::IntoResponse> + 'static> {
    let (operations, otherwise) = (streams::Operations(edge.clone()), GraphQl(edge.clone()));
    let closing = live.clone();
    let answering = streams::Streams { operations, live, otherwise }.with(catch_panic());
    let endpoint = Arc::new(CrossOrigin { edge: edge.clone(), inner: answering });
    // What the others need stands around each of them: `/graphql` is asked most, and does without.
    let routes = Route::new()
        .at("/", graphiql::to_endpoint)
        .at("/graphql", endpoint.clone())
        .at("/graphql/", endpoint)
        .at("/healthz", health::healthz.with(catch_panic()))
        .at("/readyz", health::readyz.data(edge.clone()).data(closing).with(catch_panic()))
        .at("/graphql/assets/:file", graphiql::asset.with(catch_panic()));
    // Where it has an address of its own, nothing of it is here.
    let metrics = || metrics::metrics.data(edge.clone()).with(catch_panic());
    let routes = if edge.metrics_listen.is_some() { routes } else { routes.at("/metrics", metrics()) };
    Guarded { inner: routes.catch_error(|_: NotFoundError| async { not_found() }), edge }
}

/// The routes of the address that is for metrics alone.
pub(crate) fn metrics_routes(
    Endpoint(edge): Endpoint,
) -> impl IntoEndpoint<Endpoint = impl poem::Endpoint<Output: poem::IntoResponse> + 'static> {
    metrics::routes(edge)
}

/// There is nothing at this path.
fn not_found() -> Response {
    Response::builder()
        .status(StatusCode::NOT_FOUND)
        .content_type("application/json; charset=utf-8")
        .body(r#"{"errors":[{"message":"There is nothing at this path. The endpoint is `/graphql`.","extensions":{"code":"NOT_FOUND"}}]}"#)
}

/// Answers a request that panicked, so that it ends nothing else.
fn catch_panic() -> CatchPanic<impl PanicHandler> {
    CatchPanic::new().with_handler(|_| {
        tracing::error!("a request panicked");
        Response::builder()
            .status(StatusCode::INTERNAL_SERVER_ERROR)
            .content_type("application/json")
            .header("cache-control", "no-store")
            .body(r#"{"errors":[{"message":"The server could not answer. The cause is in its log.","extensions":{"code":"INTERNAL"}}]}"#)
    })
}
