//! State that all requests share: the graph, the limits, and what is kept between them.
use std::{net::SocketAddr, sync::Arc, time::Duration};

use kernel::{ContentCache, Graph, Perspective, Result, store::Database};
use tokio::sync::Semaphore;

use super::{
    admission::Admission,
    auth::Authenticator,
    client::ClientOptions,
    cors::Cors,
    document_cache::DocumentCache,
    host::Hosts,
    origin::Origins,
    persisted_documents::PersistedDocuments,
    response_cache::ResponseCache,
    settings::{CacheOptions, Settings, SocketOptions},
};
use crate::{limits::Limits, observe::Metrics, pipeline::Pipeline, webhooks::WebhookOptions};

const MIB: u64 = 1024 * 1024;

/// State that all requests share.
pub(super) struct ServerState {
    pub(super) graph: Graph,
    pub(super) db: Database,
    pub(super) limits: Limits,
    pub(super) clients: ClientOptions,
    pub(super) caching: CacheOptions,
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) documents: DocumentCache,
    pub(super) queries: PersistedDocuments,
    pub(super) answers: ResponseCache,
    pub(super) sockets: SocketOptions,
    pub(super) cors: Arc<Cors>,
    /// The names that the server answers to.
    pub(super) hosts: Hosts,
    /// The origins of the pages that may open a WebSocket, beside the server's own.
    pub(super) socket_origins: Origins,
    pub(super) webhooks: WebhookOptions,
    pub(super) metrics: Metrics,
    pub(super) slow_request: Duration,
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) admission: Admission,
    pub(super) auth: Authenticator,
    pub(super) subscriptions: Arc<Semaphore>,
}

impl ServerState {
    pub(super) fn new(
        graph: Graph,
        db: Database,
        perspective: Perspective,
        settings: Settings,
        metrics: Metrics,
    ) -> Result<Arc<Self>> {
        let Settings { limits, clients, caching, queries, sockets, browsers, webhooks, observe } = settings;
        let space = caching.cache_mib * MIB;
        let graph = graph.with_cache(ContentCache::new(space / 2)).with_max_page(limits.max_page_size.into());
        let graph = graph.with_max_content_bytes(limits.max_content_bytes);
        let (hides_schema, queries) = (queries.hide_schema, PersistedDocuments::new(&queries)?);
        metrics.reserve(queries.trusted_operations());
        let subscriptions = sockets.max_open_subscriptions.min(Semaphore::MAX_PERMITS);
        Ok(Arc::new(Self {
            pipeline: Arc::new(Pipeline::new(graph.clone(), limits.clone(), hides_schema)),
            documents: DocumentCache::new(caching.query_cache_mib.map_or(space / 16, |mib| mib * MIB)),
            sockets,
            cors: Arc::new(Cors::new(browsers.fetching(perspective), &caching)),
            socket_origins: browsers.sockets(),
            hosts: Hosts::of(browsers.hosts, perspective),
            webhooks,
            queries,
            answers: ResponseCache::new(space / 16 * 7),
            admission: Admission::new(&limits, &clients, metrics.executing().clone()),
            auth: Authenticator::new(db.clone(), perspective),
            subscriptions: Arc::new(Semaphore::new(subscriptions)),
            metrics,
            slow_request: observe.slow_request_seconds,
            metrics_listen: observe.metrics_listen,
            graph,
            // Whoever waits for other writers hears that they are busy before the time of the request is over.
            db: db.waiting(limits.max_execution_seconds / 2),
            limits,
            clients,
            caching,
        }))
    }
}
