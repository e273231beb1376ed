//! State that all requests share: the graph, the limits, and what is kept between them.
use std::{net::SocketAddr, sync::Arc, time::Duration};

use kernel::{ContentCache, Error, Graph, Perspective, Result, store::Database};
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
    settings::{CacheOptions, Settings, SitemapOptions, SocketOptions},
    site_url::SiteUrlTemplate,
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
    /// The addresses of the site's pages, for each kind that has any.
    pub(super) site_urls: Vec<SiteUrlTemplate>,
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
        let Settings { limits, clients, caching, queries, sockets, browsers, webhooks, sitemap, observe } = settings;
        let site_urls = known_kinds(sitemap, &graph)?;
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
            site_urls,
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

/// Templates of addresses, of kinds that there are, each once.
fn known_kinds(options: SitemapOptions, graph: &Graph) -> Result<Vec<SiteUrlTemplate>> {
    let templates = options.site_url_templates;
    for (index, SiteUrlTemplate { kind, .. }) in templates.iter().enumerate() {
        let wrong =
            |why: String| Err(Error::caller("BAD_SITE_URL", format!("The setting `--site-url-template`: {why}.")));
        if graph.content().kind(kind).is_none() {
            let known: Vec<_> = graph.content().kinds().map(|kind| format!("`{}`", kind.name)).collect();
            return wrong(format!("there is no kind `{kind}`; the kinds are {}", known.join(", ")));
        }
        if templates[..index].iter().any(|other| other.kind == *kind) {
            return wrong(format!("the kind `{kind}` is given twice"));
        }
    }
    Ok(templates)
}
