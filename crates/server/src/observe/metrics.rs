//! Metrics in the text format of Prometheus, with bounded labels.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kernel::Graph;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use sea_orm::DatabaseConnection;

use super::request::statement;

/// How many operations have a label of their own; the others share `other`.
const MAX_OPERATIONS: usize = 100;
/// The label of operations without a name.
const ANONYMOUS: &str = "anonymous";

/// All metrics of the process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics(Arc<All>);

struct All {
    requests: Family<RequestLabels, Counter>,
    seconds: Family<OperationLabels, Histogram, fn() -> Histogram>,
    cost: Family<OperationLabels, Histogram, fn() -> Histogram>,
    refusals: Family<RefusalLabels, Counter>,
    executing: Gauge,
    sockets: Gauge,
    subscriptions: Gauge,
    statements: Counter,
    statement_seconds: Histogram,
    cache: Family<CacheLabels, Counter>,
    operations: Mutex<HashMap<String, Arc<Operation>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    operation: String,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    operation: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CacheLabels {
    tier: Tier,
    outcome: Lookup,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Outcome {
    /// Executed, without errors.
    Ok,
    /// From the cache of answers.
    Cached,
    /// With errors.
    Errors,
}

/// What is kept between requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Tier {
    /// Answers, as bytes.
    Answers,
    /// Parsed queries.
    Documents,
    /// Automatic persisted queries.
    Persisted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
enum Lookup {
    Hit,
    Miss,
}

/// The metrics of one operation, found once and kept with its answers.
pub(crate) struct Operation {
    pub(crate) name: String,
    ok: Counter,
    cached: Counter,
    errors: Counter,
    seconds: Histogram,
    cost: Histogram,
}

impl Operation {
    /// A request for the operation was answered.
    pub(crate) fn answered(&self, outcome: Outcome, took: Duration) {
        match outcome {
            Outcome::Ok => self.ok.inc(),
            Outcome::Cached => self.cached.inc(),
            Outcome::Errors => self.errors.inc(),
        };
        self.seconds.observe(took.as_secs_f64());
    }

    /// The operation costs this much.
    pub(crate) fn costs(&self, cost: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a rough figure")]
        self.cost.observe(cost as f64);
    }
}

impl Default for All {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(times),
            cost: Family::new_with_constructor(costs),
            refusals: Family::default(),
            executing: Gauge::default(),
            sockets: Gauge::default(),
            subscriptions: Gauge::default(),
            statements: Counter::default(),
            statement_seconds: times(),
            cache: Family::default(),
            operations: Mutex::default(),
        }
    }
}

fn times() -> Histogram {
    Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
}

fn costs() -> Histogram {
    Histogram::new([10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0])
}

impl Metrics {
    /// Counts and times the statements of the connection, and logs the slow ones.
    pub fn observe(&self, connection: &mut DatabaseConnection, slow: Duration) {
        let metrics = self.0.clone();
        connection.set_metric_callback(move |info| {
            if statement() {
                metrics.statements.inc();
            }
            metrics.statement_seconds.observe(info.elapsed.as_secs_f64());
            if info.elapsed > slow {
                let (sql, seconds) = (&info.statement.sql, info.elapsed.as_secs_f64());
                tracing::warn!(seconds, sql, "a slow statement");
            }
        });
    }

    /// How many SQL statements requests took so far.
    pub fn statements(&self) -> u64 {
        self.0.statements.get()
    }

    /// The metrics of the operation with this name.
    pub(crate) fn operation(&self, name: Option<&str>) -> Arc<Operation> {
        let mut operations = self.0.operations.lock().unwrap_or_else(PoisonError::into_inner);
        let name = name.unwrap_or(ANONYMOUS);
        if let Some(known) = operations.get(name) {
            return known.clone();
        }
        let name = if operations.len() < MAX_OPERATIONS { name } else { "other" };
        operations.entry(name.to_owned()).or_insert_with(|| Arc::new(self.new_operation(name))).clone()
    }

    fn new_operation(&self, name: &str) -> Operation {
        let requests = |outcome| {
            let labels = RequestLabels { operation: name.to_owned(), outcome };
            self.0.requests.get_or_create(&labels).clone()
        };
        let labels = OperationLabels { operation: name.to_owned() };
        Operation {
            name: name.to_owned(),
            ok: requests(Outcome::Ok),
            cached: requests(Outcome::Cached),
            errors: requests(Outcome::Errors),
            seconds: self.0.seconds.get_or_create_owned(&labels),
            cost: self.0.cost.get_or_create_owned(&labels),
        }
    }

    /// A request was refused.
    pub(crate) fn refused(&self, code: &'static str) {
        self.0.refusals.get_or_create(&RefusalLabels { code }).inc();
    }

    /// Something was looked up in a cache.
    pub(crate) fn looked_up(&self, tier: Tier, was_found: bool) {
        let outcome = if was_found { Lookup::Hit } else { Lookup::Miss };
        self.0.cache.get_or_create(&CacheLabels { tier, outcome }).inc();
    }

    /// The requests that are executed.
    pub(crate) fn executing(&self) -> &Gauge {
        &self.0.executing
    }

    /// The open WebSockets.
    pub(crate) fn sockets(&self) -> &Gauge {
        &self.0.sockets
    }

    /// The open subscriptions.
    pub(crate) fn subscriptions(&self) -> &Gauge {
        &self.0.subscriptions
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self, graph: &Graph, db: &DatabaseConnection, answers: u64) -> String {
        let all = &self.0;
        let mut registry = Registry::with_prefix("careerql");
        registry.register("requests", "GraphQL requests by operation and outcome", all.requests.clone());
        let help = "The time from the head of a request to its answer";
        registry.register_with_unit("request", help, Unit::Seconds, all.seconds.clone());
        registry.register("request_cost", "The cost of executed requests, as the limit counts it", all.cost.clone());
        registry.register("refusals", "Refused requests by error code", all.refusals.clone());
        registry.register("executing", "Requests that are executed now", all.executing.clone());
        registry.register("sockets", "Open WebSockets", all.sockets.clone());
        registry.register("subscriptions", "Open subscriptions", all.subscriptions.clone());
        registry.register("sql_statements", "SQL statements of requests", all.statements.clone());
        let help = "The time of an SQL statement, with the wait for a connection";
        registry.register_with_unit("sql_statement", help, Unit::Seconds, all.statement_seconds.clone());
        registry.register("cache_lookups", "Lookups by cache and outcome", all.cache.clone());
        let content = graph.memory().usage();
        let counter = |value: u64| {
            let counter = Counter::<u64>::default();
            counter.inc_by(value);
            counter
        };
        registry.register("content_hits", "Content that was in memory", counter(content.hits));
        registry.register("content_misses", "Content that was not in memory", counter(content.misses));
        let gauge = |value: u64| {
            let gauge = Gauge::<i64>::default();
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
            gauge
        };
        registry.register("content_cached_bytes", "Content in memory, by estimate", gauge(content.bytes));
        registry.register("answers_cached_bytes", "Answers in memory, by estimate", gauge(answers));
        if let Some((open, idle)) = pool(db) {
            registry.register("pool_connections", "Connections to the database", gauge(open));
            registry.register("pool_idle_connections", "Connections to the database that wait", gauge(idle));
        }
        if let Some(bytes) = resident() {
            registry.register("resident_memory_bytes", "Memory of the process", gauge(bytes));
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _written = encode(&mut text, &registry);
        text
    }
}

/// The open and the idle connections of the pool.
fn pool(db: &DatabaseConnection) -> Option<(u64, u64)> {
    let (open, idle) = match &db.inner {
        sea_orm::DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
            let pool = db.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        }
        sea_orm::DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
            let pool = db.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        }
        sea_orm::DatabaseConnectionType::Disconnected => return None,
    };
    Some((open.into(), idle as u64))
}

/// The memory of the process, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}
