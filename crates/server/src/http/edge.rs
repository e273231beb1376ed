//! State that all requests share: the graph, the limits, and what is kept between them.
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{Response as GraphResponse, parser::types::OperationType};
use kernel::{
    AccessContext, ContentCache, Executed, Graph, Perspective, PerspectiveName, Result, Tags, store::Database,
};
use poem::http::{HeaderName, StatusCode};
use prometheus_client::metrics::gauge::Gauge;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout_at,
};

use super::{
    answers::Answers,
    client::{Client, ClientOptions},
    cors::Cors,
    documents::Documents,
    graphql::is_refusal,
    host::Hosts,
    live::SocketOptions,
    origin::{BrowserOptions, Origins},
    places::{Place, Places},
    queries::{Queries, QueryOptions},
    refusal::Refusal,
    request::Prepared,
    view::Asker,
};
use crate::{
    limits::{Limits, Shape},
    observe::{Metrics, ObserveOptions, Operation, Outcome, counted},
    webhooks::WebhookOptions,
};

const MIB: u64 = 1024 * 1024;
/// Number of requests that may make an introspection at once.
const INTROSPECTIONS: u32 = 2;
/// Number of large requests that may be read and executed at once.
const LARGE: u32 = 8;
/// Number of requests of one client that may have such a place or wait for one: each of them is kept in memory.
const WAITING: usize = 64;
/// Number of requests of one client that may be executed or wait for that, by its share.
const QUEUE: usize = 16;
/// Number of the largest bodies that may be on their way at once, at least.
const MIN_BODIES: usize = 4;

/// Options about what is kept, here and in caches on the way to the client.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Caching")]
pub struct CacheOptions {
    /// The space for everything that is kept between requests, in MiB: answers, content and parsed queries. 0 keeps nothing, or queries alone.
    #[arg(long, env = "CAREERQL_CACHE_MIB", default_value_t = 256, value_name = "MIB")]
    pub cache_mib: u64,
    /// The space for parsed queries, in MiB, in the place of the sixteenth of `--cache-mib` that is theirs otherwise: beside the
    /// content that they ask for, queries are few and the same.
    #[arg(long, env = "CAREERQL_QUERY_CACHE_MIB", value_name = "MIB")]
    pub query_cache_mib: Option<u64>,
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

/// Settings of the endpoint.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Limits on the cost of requests.
    #[command(flatten)]
    pub limits: Limits,
    /// Clients and proxies.
    #[command(flatten)]
    pub clients: ClientOptions,
    /// Caching.
    #[command(flatten)]
    pub caching: CacheOptions,
    /// Queries that may run.
    #[command(flatten)]
    pub queries: QueryOptions,
    /// Connections that stay open.
    #[command(flatten)]
    pub sockets: SocketOptions,
    /// Which pages may ask.
    #[command(flatten)]
    pub browsers: BrowserOptions,
    /// Receivers that are told of publications.
    #[command(flatten)]
    pub webhooks: WebhookOptions,
    /// Observability for operators.
    #[command(flatten)]
    pub observe: ObserveOptions,
}

/// State that all requests share.
pub(super) struct Edge {
    pub(super) graph: Graph,
    pub(super) db: Database,
    pub(super) perspective: Perspective,
    pub(super) limits: Limits,
    pub(super) clients: ClientOptions,
    pub(super) caching: CacheOptions,
    pub(super) shape: Shape,
    pub(super) documents: Documents,
    pub(super) queries: Queries,
    pub(super) answers: Answers,
    pub(super) sockets: SocketOptions,
    pub(super) cors: Cors,
    /// The names that the server answers to.
    pub(super) hosts: Hosts,
    /// The origins of the pages that may open a WebSocket, beside the server's own.
    pub(super) socket_origins: Origins,
    pub(super) webhooks: WebhookOptions,
    pub(super) hides_schema: bool,
    pub(super) metrics: Metrics,
    slow_request: Duration,
    pub(super) metrics_listen: Option<SocketAddr>,
    permits: Semaphore,
    introspections: Arc<Places>,
    large: Arc<Places>,
    /// The bytes that large bodies on their way may have in all.
    bodies: Arc<Places>,
    /// The places of each client among the requests that are executed.
    requests: Arc<Places>,
    pub(super) subscriptions: Arc<Semaphore>,
}

/// Start of a request, and the time until which it may be executed.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub(super) begun: Instant,
    pub(super) until: Instant,
}

/// Result of a request, and the metrics of its operation.
pub(super) struct Done {
    pub(super) response: GraphResponse,
    pub(super) tags: Tags,
    pub(super) operation: Arc<Operation>,
}

/// A place among the requests that are executed.
pub(super) struct Permit<'a> {
    _place: SemaphorePermit<'a>,
    _own: Option<Place>,
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
        let Settings { limits, clients, caching, queries, sockets, browsers, webhooks, observe } = settings;
        let space = caching.cache_mib * MIB;
        let graph = graph.with_cache(ContentCache::new(space / 2)).with_max_page(limits.max_page_size.into());
        let sdl = graph.sdl();
        let graph = graph.with_max_content_bytes(limits.max_content_bytes);
        let (hides_schema, queries) = (queries.hide_schema, Queries::new(&queries)?);
        metrics.reserve(queries.trusted_operations());
        let subscriptions = sockets.max_open_subscriptions.min(Semaphore::MAX_PERMITS);
        Ok(Arc::new(Self {
            shape: Shape::of(&sdl, |object, field| graph.weight(object, field)),
            documents: Documents::new(caching.query_cache_mib.map_or(space / 16, |mib| mib * MIB)),
            sockets,
            cors: Cors::new(browsers.fetching(perspective), &caching),
            socket_origins: browsers.sockets(),
            hosts: Hosts::of(browsers.hosts, perspective),
            webhooks,
            hides_schema,
            queries,
            answers: Answers::new(space / 16 * 7),
            permits: Semaphore::new(limits.max_concurrent_requests),
            introspections: Places::new(INTROSPECTIONS, INTROSPECTIONS.div_ceil(2), WAITING / 4),
            large: Places::new(LARGE, LARGE / 2, WAITING),
            bodies: bodies(&limits, &clients),
            requests: requests(&limits, &clients),
            subscriptions: Arc::new(Semaphore::new(subscriptions)),
            metrics,
            slow_request: observe.slow_request_seconds,
            metrics_listen: observe.metrics_listen,
            graph,
            // Whoever waits for other writers hears that they are busy before the time of the request is over.
            db: db.waiting(limits.max_execution_seconds / 2),
            perspective,
            limits,
            clients,
            caching,
        }))
    }

    /// The schema as documents and variables are held against it.
    pub(super) fn language(&self) -> &language::Schema {
        self.graph.language()
    }

    /// A place among the requests that are executed at once: as soon as the client has one of its share, if there is one then.
    pub(super) async fn permit(&self, client: Client) -> Result<Permit<'_>, Refusal> {
        let own = self.requests.take(client, 1, self.limits.max_execution_seconds).await.map_err(|_| {
            let share = self.requests.share();
            let message = format!(
                "The server executes {share} requests of your address, which is its share, and others wait. Ask again in a moment."
            );
            Refusal::busy(message)
        })?;
        let place = self.permits.try_acquire().map_err(|_| {
            let limit = self.limits.max_concurrent_requests;
            let message = format!("The server executes {limit} requests, which is the limit. Ask again in a moment.");
            Refusal::busy(message)
        })?;
        Ok(self.permitted(place, Some(own)))
    }

    /// A place among those that make an introspection.
    pub(super) async fn introspection(&self, client: Client) -> Result<Place, Refusal> {
        let place = self.introspections.take(client, 1, self.limits.max_execution_seconds).await;
        place.map_err(|_| {
            let message = format!(
                "The server makes {INTROSPECTIONS} introspections at once, and others wait. Ask again in a moment, or keep the schema."
            );
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_INTROSPECTIONS", message)
        })
    }

    /// A place among the large requests.
    pub(super) async fn large(&self, client: Client) -> Result<Place, Refusal> {
        let place = self.large.take(client, 1, self.limits.max_execution_seconds).await;
        place.map_err(|_| {
            let share = self.large.share();
            let message = format!(
                "The server works on {share} large requests of one address at once, and others wait. Ask again in a moment."
            );
            Refusal::busy(message)
        })
    }

    /// Room for a large body of this many bytes, as soon as its client has it.
    pub(super) async fn room(&self, client: Client, bytes: usize) -> Result<Place, Refusal> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let room = self.bodies.take(client, bytes, self.limits.max_execution_seconds).await;
        room.map_err(|_| {
            let share = self.bodies.share();
            Refusal::busy(format!(
                "The large bodies of your address that are on their way have {share} bytes, which is its share. Ask again in a moment."
            ))
        })
    }

    /// A place among the requests that are executed at once, as soon as there is one.
    pub(super) async fn place(&self) -> Option<Permit<'_>> {
        // Never closed.
        self.permits.acquire().await.ok().map(|place| self.permitted(place, None))
    }

    fn permitted<'a>(&'a self, place: SemaphorePermit<'a>, own: Option<Place>) -> Permit<'a> {
        let executing = self.metrics.executing();
        executing.inc();
        Permit { _place: place, _own: own, executing }
    }

    /// The time of a request that begins to be executed.
    pub(super) fn clock(&self, begun: Instant) -> Clock {
        Clock { begun, until: Instant::now() + self.limits.max_execution_seconds }
    }

    /// Executes a request within the limit of time.
    pub(super) async fn execute(&self, prepared: Prepared, view: AccessContext, clock: Clock) -> Result<Done, Refusal> {
        let (begun, until) = (Instant::now(), clock.until.into());
        let Prepared { request, plans, name, cost, reported, is_large, operation: kind, place: _place, .. } = prepared;
        let (executed, statements) = if clock.until <= begun {
            (None, 0)
        } else {
            let executing = self.graph.execute_planned(request, &plans, is_large, &self.db, view);
            let (executed, statements) = counted(timeout_at(until, executing)).await;
            // What a change came to is told, however late; nobody waited for anything else.
            let is_in_time = |_: &Executed| kind == OperationType::Mutation || Instant::now() <= clock.until;
            (executed.ok().filter(is_in_time), statements)
        };
        self.log(begun, cost, statements);
        let Some(Executed { mut response, tags }) = executed else {
            let operation = self.metrics.executed(name.as_deref());
            operation.costs(cost);
            operation.answered(Outcome::TimedOut, clock.begun.elapsed());
            return Err(self.timed_out(kind, clock.until));
        };
        let operation = self.counted(name.as_deref(), cost, &response);
        if let Some(cost) = reported {
            response.extensions.insert("cost".to_owned(), cost);
        }
        Ok(Done { response, tags, operation })
    }

    /// Counts the cost of an operation. Only what was executed has a label of its own: anybody can make up names.
    fn counted(&self, name: Option<&str>, cost: u64, response: &GraphResponse) -> Arc<Operation> {
        if is_refusal(response) {
            return self.metrics.known(name);
        }
        let operation = self.metrics.executed(name);
        operation.costs(cost);
        operation
    }

    /// Answers an event of a subscription: when there is a place for it, within the limit of time, and only where whoever asked may
    /// still see it.
    pub(super) async fn answer_event(
        &self,
        listener: &Listener,
        answer: impl Future<Output = GraphResponse>,
    ) -> GraphResponse {
        let Listener { asker, perspective, name, cost } = listener;
        let _place = self.place().await;
        let clock = self.clock(Instant::now());
        let answered = async {
            self.view(&self.renewed(asker).await?, perspective.clone()).await?;
            let (answer, statements) = counted(timeout_at(clock.until.into(), answer)).await;
            self.log(clock.begun, *cost, statements);
            answer.map_err(|_| self.timed_out(OperationType::Subscription, clock.until))
        };
        match answered.await {
            Ok(response) => {
                let operation = self.counted(name.as_deref(), *cost, &response);
                operation.answered(Outcome::of(&response), clock.begun.elapsed());
                response
            }
            Err(refusal) => {
                self.metrics.refused(refusal.code);
                if refusal.code == TIMED_OUT {
                    self.metrics.executed(name.as_deref()).answered(Outcome::TimedOut, clock.begun.elapsed());
                }
                refusal.response()
            }
        }
    }

    fn log(&self, begun: Instant, cost: u64, statements: u32) {
        let seconds = begun.elapsed().as_secs_f64();
        if begun.elapsed() > self.slow_request {
            tracing::warn!(seconds, cost, statements, "a slow request");
        } else {
            tracing::debug!(seconds, cost, statements, "executed");
        }
    }

    fn timed_out(&self, operation: OperationType, until: Instant) -> Refusal {
        let limit = self.limits.max_execution_seconds;
        let (took, limit) = ((limit + until.elapsed()).as_secs_f64(), limit.as_secs_f64());
        let what_to_do = match operation {
            OperationType::Mutation => "What it changes may be stored or not: look before you repeat it.",
            OperationType::Query | OperationType::Subscription => "Ask for less at once.",
        };
        let message = format!("The execution took {took:.3} seconds; the limit is {limit}. {what_to_do}");
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, TIMED_OUT, message)
    }
}

const TIMED_OUT: &str = "EXECUTION_TIMEOUT";

/// Listener of a subscription, and what it listens to.
pub(super) struct Listener {
    pub(super) asker: Asker,
    pub(super) perspective: Option<PerspectiveName>,
    pub(super) name: Option<String>,
    pub(super) cost: u64,
}

/// Room for large bodies: a quarter of what the requests that are executed may have sent. A client has room for one at least.
fn bodies(limits: &Limits, clients: &ClientOptions) -> Arc<Places> {
    let number = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let bodies = (limits.max_concurrent_requests / 4).max(MIN_BODIES);
    let all = limits.max_body_bytes.saturating_mul(bodies);
    Places::new(number(all), number(clients.share(all).max(limits.max_body_bytes)), usize::MAX)
}

/// The places of each client among the requests that are executed; that there are enough for all is looked at elsewhere.
fn requests(limits: &Limits, clients: &ClientOptions) -> Arc<Places> {
    let share = clients.share(limits.max_concurrent_requests);
    Places::new(u32::MAX, u32::try_from(share).unwrap_or(u32::MAX), share.saturating_mul(QUEUE))
}

/// Tells whether answers to such requests may be kept by their content version.
pub(super) fn keeps(operation: OperationType, view: &AccessContext) -> bool {
    operation == OperationType::Query && *view == AccessContext::default()
}
