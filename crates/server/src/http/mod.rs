//! HTTP: the GraphQL endpoint and GraphiQL.
mod accept;
mod admission;
mod auth;
mod client;
pub(crate) mod connections;
mod cors;
mod document_cache;
mod document_schemas;
mod encoding;
mod execute;
mod fair_permits;
mod forwarded;
mod graphiql;
mod graphql;
mod health;
mod host;
mod live;
mod metrics;
mod operations;
mod origin;
mod params;
mod persisted_documents;
mod prepare;
mod request_error;
mod response;
mod response_cache;
mod settings;
mod shares;
mod site_url;
mod sitemap;
mod sse;
mod state;
mod transports;
mod websocket;

pub use client::{ClientOptions, Network};
pub(crate) use connections::DRAIN;
pub use host::Hosts;
pub(crate) use live::{KeepOpen, Live};
pub use origin::{BrowserOptions, Origins};
pub use persisted_documents::{QueryOptions, TrustMode};
pub use settings::{CacheOptions, Settings, SitemapOptions, SocketOptions};
pub use site_url::SiteUrlTemplate;

use std::{net::SocketAddr, sync::Arc};

use kernel::{Graph, Perspective, Result, store::Database};
use poem::{
    EndpointExt, IntoEndpoint, Response, Route,
    error::NotFoundError,
    http::StatusCode,
    middleware::{CatchPanic, PanicHandler},
};

use crate::{observe::Metrics, webhooks::Sender};

use self::{
    connections::Door, cors::CrossOrigin, document_schemas::DocumentSchemas, graphql::GraphQl, host::Guarded,
    state::ServerState,
};

/// Maximum number of open connections to the address that is for metrics alone.
const METRICS_CONNECTIONS: usize = 16;

/// State that the routes answer from.
#[derive(Clone)]
pub struct Endpoint(Arc<ServerState>);

impl Endpoint {
    /// The endpoint of a graph. Reads the manifest of trusted documents where the settings name one.
    pub fn new(
        graph: Graph,
        db: Database,
        perspective: Perspective,
        settings: Settings,
        metrics: Metrics,
    ) -> Result<Self> {
        Ok(Self(ServerState::new(graph, db, perspective, settings, metrics)?))
    }
}

impl Endpoint {
    /// Rules about who may connect.
    pub(crate) fn door(&self) -> Door {
        let ServerState { limits, clients, metrics, .. } = &*self.0;
        let most = limits.max_connections;
        Door { limits: limits.clone(), most, clients: clients.clone(), metrics: metrics.clone() }
    }

    /// Rules for the address that is for metrics alone: few programs, which have no shares.
    pub(crate) fn metrics_door(&self) -> Door {
        let door = self.door();
        let clients = ClientOptions { max_client_share: 100, ..door.clients };
        Door { most: door.most.min(METRICS_CONNECTIONS), clients, ..door }
    }

    /// Kinds of documents, as the modules registered them.
    pub(crate) fn content(&self) -> &Arc<kernel::ContentModel> {
        self.0.graph.content()
    }

    /// Sends webhook messages.
    pub(crate) fn sender(&self) -> Result<Sender> {
        let ServerState { graph, db, webhooks, limits, pipeline, .. } = &*self.0;
        Sender::new(graph.clone(), db.clone(), webhooks.clone(), limits.max_execution_seconds, pipeline.clone())
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
    Endpoint(state): Endpoint,
    live: Live,
) -> impl IntoEndpoint<Endpoint = impl poem::Endpoint<Output: poem::IntoResponse> + 'static> {
    let (operations, otherwise) = (operations::Operations(state.clone()), GraphQl(state.clone()));
    let (closing, content) = (live.clone(), state.graph.content().clone());
    let schemas = Arc::new(DocumentSchemas::new(content, state.pipeline.hides_schema()));
    let answering = transports::Streams { operations, live, otherwise }.with(catch_panic());
    let sitemaps = Arc::new(sitemap::Sitemaps::new(state.clone()).with(catch_panic()));
    let endpoint = Arc::new(CrossOrigin { cors: state.cors.clone(), inner: answering });
    // What the others need stands around each of them: `/graphql` is asked most, and does without.
    let routes = Route::new()
        .at("/", graphiql::to_endpoint)
        .at("/graphql", endpoint.clone())
        .at("/graphql/", endpoint)
        .at("/sitemap.xml", sitemaps.clone())
        .at("/:file", sitemaps)
        .at("/schemas/:file", document_schemas::document_schema.data(schemas).with(catch_panic()))
        .at("/healthz", health::healthz.with(catch_panic()))
        .at("/readyz", health::readyz.data(state.clone()).data(closing).with(catch_panic()))
        .at("/graphql/assets/:file", graphiql::asset.with(catch_panic()));
    // Where it has an address of its own, nothing of it is here.
    let metrics = || metrics::metrics.data(state.clone()).with(catch_panic());
    let routes = if state.metrics_listen.is_some() { routes } else { routes.at("/metrics", metrics()) };
    let (hosts, clients) = (state.hosts.clone(), state.clients.clone());
    Guarded { inner: routes.catch_error(|_: NotFoundError| async { not_found() }), hosts, clients }
}

/// The routes of the address that is for metrics alone.
pub(crate) fn metrics_routes(
    Endpoint(state): Endpoint,
) -> impl IntoEndpoint<Endpoint = impl poem::Endpoint<Output: poem::IntoResponse> + 'static> {
    metrics::routes(state)
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
