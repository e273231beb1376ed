//! Metrics in the text format of Prometheus, with bounded labels.
use std::{
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

use super::{
    operations::{Operation, OperationMetrics},
    request::statement,
};

/// The label of operations without a name.
pub(super) const ANONYMOUS: &str = "anonymous";
/// The label of operations that have none of their own.
pub(super) const OTHER: &str = "other";
/// Maximum size of a name that is a label, in bytes.
const MAX_NAME: usize = 100;

/// All metrics of the process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics(Arc<All>);

struct All {
    refusals: Family<RefusalLabels, Counter>,
    executing: Gauge,
    sockets: Gauge,
    subscriptions: Gauge,
    statements: Counter,
    statement_seconds: Histogram,
    cache: Family<CacheLabels, Counter>,
    operations: Mutex<OperationMetrics>,
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

/// Outcome of a request.
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
    /// All of them, in their order.
    pub(super) const ALL: [Self; 4] = [Self::Ok, Self::Cached, Self::Errors, Self::TimedOut];

    /// The outcome of what was executed.
    pub(crate) fn of(response: &Response) -> Self {
        if response.errors.is_empty() { Self::Ok } else { Self::Errors }
    }
}

/// Kind of data that is kept between requests.
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

impl Default for All {
    fn default() -> Self {
        Self {
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

/// A histogram of times, in seconds.
pub(super) fn times() -> Histogram {
    Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
}

/// A histogram of costs.
pub(super) fn costs() -> Histogram {
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

    /// Number of SQL statements that requests took so far.
    pub fn statements(&self) -> u64 {
        self.0.statements.get()
    }

    /// The metrics of an operation that was executed.
    pub(crate) fn executed(&self, name: Option<&str>) -> Arc<Operation> {
        self.operations().executed(name)
    }

    /// The metrics of an operation that was not executed: its own, where it has a label.
    pub(crate) fn known(&self, name: Option<&str>) -> Arc<Operation> {
        self.operations().known(name)
    }

    /// Gives operations labels of their own, however many others there come to be.
    pub(crate) fn reserve(&self, names: impl IntoIterator<Item = String>) {
        let mut operations = self.operations();
        for name in names {
            operations.reserve(&name);
        }
    }

    fn operations(&self) -> MutexGuard<'_, OperationMetrics> {
        self.0.operations.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut operations = self.operations();
        operations.settle();
        registry.register_collector(Box::new(operations.shown()));
        drop(operations);
        registry.register("refusals", "Refused requests by error code", all.refusals.clone());
        registry.register("executing", "Requests that are executed now", all.executing.clone());
        registry.register("sockets", "Open WebSockets", all.sockets.clone());
        registry.register("subscriptions", "Open subscriptions", all.subscriptions.clone());
        registry.register("sql_statements", "SQL statements of requests", all.statements.clone());
        let help = "The time of an SQL statement, with the wait for a connection";
        registry.register_with_unit("sql_statement", help, Unit::Seconds, all.statement_seconds.clone());
        registry.register("cache_lookups", "Lookups by cache and outcome", all.cache.clone());
        let content = graph.cache().usage();
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
