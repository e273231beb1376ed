//! Metrics in the text format of Prometheus, with bounded labels.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_graphql::Response;
use kernel::{Graph, store::Database};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::request::statement;

/// How many operations have a label of their own; the others share `other`.
const MAX_OPERATIONS: usize = 100;
/// The label of operations without a name.
const ANONYMOUS: &str = "anonymous";
/// The label of operations that have none of their own.
const OTHER: &str = "other";
/// How many bytes a name may have that is a label.
const MAX_NAME: usize = 100;

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
    operations: Mutex<Operations>,
}

/// The operations that have labels.
#[derive(Default)]
struct Operations {
    by_name: HashMap<String, Arc<Operation>>,
    /// How many of them have a place whatever else is asked.
    reserved: usize,
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
    /// Not executed within the limit of time.
    TimedOut,
}

impl Outcome {
    /// The outcome of what was executed.
    pub(crate) fn of(response: &Response) -> Self {
        if response.errors.is_empty() { Self::Ok } else { Self::Errors }
    }
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
    ok: Counter,
    cached: Counter,
    errors: Counter,
    timed_out: Counter,
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
            Outcome::TimedOut => self.timed_out.inc(),
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
    /// Counts and times the statements of the database, and logs the slow ones.
    pub fn observe(&self, db: &mut Database, slow: Duration) {
        let metrics = self.0.clone();
        db.observe(Arc::new(move |info| {
            if statement() {
                metrics.statements.inc();
            }
            metrics.statement_seconds.observe(info.elapsed.as_secs_f64());
            if info.elapsed > slow {
                let (sql, seconds) = (&info.statement.sql, info.elapsed.as_secs_f64());
                tracing::warn!(seconds, sql, "a slow statement");
            }
        }));
    }

    /// How many SQL statements requests took so far.
    pub fn statements(&self) -> u64 {
        self.0.statements.get()
    }

    /// The metrics of an operation that was executed. The first names have labels of their own, the others share one.
    pub(crate) fn executed(&self, name: Option<&str>) -> Arc<Operation> {
        let (mut operations, name) = (self.operations(), label(name));
        if let Some(known) = operations.by_name.get(name) {
            return known.clone();
        }
        let is_full = operations.by_name.len() >= MAX_OPERATIONS + operations.reserved;
        self.labelled(&mut operations, if is_full { OTHER } else { name })
    }

    /// The metrics of an operation that was not executed: its own, where it was executed before.
    pub(crate) fn known(&self, name: Option<&str>) -> Arc<Operation> {
        let mut operations = self.operations();
        let known = operations.by_name.get(label(name)).cloned();
        known.unwrap_or_else(|| self.labelled(&mut operations, OTHER))
    }

    /// Gives operations labels of their own, however many others there come to be.
    pub(crate) fn reserve(&self, names: impl IntoIterator<Item = String>) {
        let mut operations = self.operations();
        for name in names {
            let before = operations.by_name.len();
            self.labelled(&mut operations, label(Some(&name)));
            operations.reserved += operations.by_name.len() - before;
        }
    }

    fn operations(&self) -> MutexGuard<'_, Operations> {
        self.0.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn labelled(&self, operations: &mut Operations, label: &str) -> Arc<Operation> {
        let operation = operations.by_name.entry(label.to_owned());
        operation.or_insert_with(|| Arc::new(self.new_operation(label))).clone()
    }

    fn new_operation(&self, name: &str) -> Operation {
        let requests = |outcome| {
            let labels = RequestLabels { operation: name.to_owned(), outcome };
            self.0.requests.get_or_create(&labels).clone()
        };
        let labels = OperationLabels { operation: name.to_owned() };
        Operation {
            ok: requests(Outcome::Ok),
            cached: requests(Outcome::Cached),
            errors: requests(Outcome::Errors),
            timed_out: requests(Outcome::TimedOut),
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
    pub(crate) fn text(&self, graph: &Graph, db: &Database, answers: u64) -> String {
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

/// The name of an operation, as far as it is short enough to be told.
pub(crate) fn label(name: Option<&str>) -> &str {
    let name = name.unwrap_or(ANONYMOUS);
    if name.len() > MAX_NAME { OTHER } else { name }
}

/// The open and the idle connections to the database.
fn pool(db: &Database) -> Option<(u64, u64)> {
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
    Some((u64::from(open) + db.beside_pool() as u64, (idle + db.rested()) as u64))
}

/// The memory of the process, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}
