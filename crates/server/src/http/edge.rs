//! What all requests share: the graph, the limits, and what is kept between them.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::parser::types::OperationType;
use kernel::{Executed, Graph, Memory, Perspective, Result, View, store::Database};
use poem::http::{HeaderName, StatusCode};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    answers::Answers,
    documents::Documents,
    live::SocketOptions,
    queries::{Queries, QueryOptions},
    refusal::Refusal,
    request::Prepared,
};
use crate::{
    limits::{Limits, Shape},
    observe::{Metrics, ObserveOptions, counted},
    webhooks::WebhookOptions,
};

const MIB: u64 = 1024 * 1024;

/// Options about what is kept, here and in caches on the way to the client.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Caching")]
pub struct CacheOptions {
    /// The space for everything that is kept between requests, in MiB: answers, content and parsed queries. 0 keeps nothing.
    #[arg(long, env = "CAREERQL_CACHE_MIB", default_value_t = 256, value_name = "MIB")]
    pub cache_mib: u64,
    /// The seconds that clients and shared caches may use an answer without asking again (`max-age`). With 0 they ask each
    /// time, and are told in few bytes that nothing has changed.
    #[arg(long, env = "CAREERQL_MAX_AGE_SECONDS", default_value_t = 0, value_name = "SECONDS")]
    pub max_age_seconds: u32,
    /// The same for shared caches alone (`s-maxage`), which can be purged by tag; as for clients where it is not given.
    #[arg(long, env = "CAREERQL_SHARED_MAX_AGE_SECONDS", value_name = "SECONDS")]
    pub shared_max_age_seconds: Option<u32>,
    /// The header with the cache tags: `Cache-Tag` separates them by commas, any other (`Surrogate-Key`, `xkey`) by spaces.
    #[arg(long, env = "CAREERQL_CACHE_TAG_HEADER", default_value = "cache-tag", value_name = "NAME")]
    pub cache_tag_header: HeaderName,
}

/// How the endpoint is set up.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// What requests may cost.
    #[command(flatten)]
    pub limits: Limits,
    /// What is kept.
    #[command(flatten)]
    pub caching: CacheOptions,
    /// What may run.
    #[command(flatten)]
    pub queries: QueryOptions,
    /// Connections that stay open.
    #[command(flatten)]
    pub sockets: SocketOptions,
    /// Who is told of publications.
    #[command(flatten)]
    pub webhooks: WebhookOptions,
    /// What operators see.
    #[command(flatten)]
    pub observe: ObserveOptions,
}

/// What all requests share.
pub(super) struct Edge {
    pub(super) graph: Graph,
    pub(super) db: Database,
    pub(super) perspective: Perspective,
    pub(super) limits: Limits,
    pub(super) caching: CacheOptions,
    pub(super) shape: Shape,
    pub(super) documents: Documents,
    pub(super) queries: Queries,
    pub(super) answers: Answers,
    pub(super) sockets: SocketOptions,
    pub(super) webhooks: WebhookOptions,
    pub(super) hides_schema: bool,
    pub(super) metrics: Metrics,
    slow_request: Duration,
    permits: Semaphore,
}

/// A place among the requests that are executed.
pub(super) struct Permit<'a> {
    _place: SemaphorePermit<'a>,
    executing: &'a Gauge,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.executing.dec();
    }
}

impl Edge {
    pub(super) fn new(
        graph: Graph,
        db: Database,
        perspective: Perspective,
        settings: Settings,
        metrics: Metrics,
    ) -> Result<Arc<Self>> {
        let Settings { limits, caching, queries, sockets, webhooks, observe } = settings;
        let space = caching.cache_mib * MIB;
        let graph = graph.with_memory(Memory::new(space / 2)).with_max_page(limits.max_page_size.into());
        Ok(Arc::new(Self {
            shape: Shape::of(&graph.sdl()),
            documents: Documents::new(space / 16),
            sockets,
            webhooks,
            hides_schema: queries.hide_schema,
            queries: Queries::new(&queries)?,
            answers: Answers::new(space / 16 * 7),
            permits: Semaphore::new(limits.max_concurrent_requests),
            metrics,
            slow_request: observe.slow_request_seconds,
            graph,
            db,
            perspective,
            limits,
            caching,
        }))
    }

    /// A place among the requests that are executed at once.
    pub(super) fn permit(&self) -> Result<Permit<'_>, Refusal> {
        let place = self.permits.try_acquire().map_err(|_| {
            let limit = self.limits.max_concurrent_requests;
            let message = format!("The server executes {limit} requests already. Ask again in a moment.");
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_REQUESTS", message)
        })?;
        let executing = self.metrics.executing();
        executing.inc();
        Ok(Permit { _place: place, executing })
    }

    /// Executes a request within the limit of time.
    pub(super) async fn execute(&self, prepared: Prepared, view: View) -> Result<Executed, Refusal> {
        let limit = self.limits.max_execution_seconds;
        let (begun, cost) = (Instant::now(), prepared.cost);
        let executed = self.graph.execute_planned(prepared.request, &prepared.plans, &self.db, view);
        let (executed, statements) = counted(tokio::time::timeout(limit, executed)).await;
        prepared.metrics.costs(cost);
        let seconds = begun.elapsed().as_secs_f64();
        if begun.elapsed() > self.slow_request {
            tracing::warn!(seconds, cost, statements, "a slow request");
        } else {
            tracing::debug!(seconds, cost, statements, "executed");
        }
        executed.map_err(|_| timed_out(limit))
    }
}

/// Whether answers to such requests may be kept by their content version.
pub(super) fn keeps(operation: OperationType, view: &View) -> bool {
    operation == OperationType::Query && *view == View::default()
}

fn timed_out(limit: Duration) -> Refusal {
    let message = format!("The execution took more than {} seconds. Ask for less at once.", limit.as_secs_f64());
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "EXECUTION_TIMEOUT", message)
}
