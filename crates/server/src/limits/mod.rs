//! Limits: what one request may cost. Each has a default, a flag, an environment variable and an error code of its own.
//!
//! A document is measured before anything in it is expanded: first its text (`scan`), then its operation (`measure`), where
//! a fragment counts as often as it is spread.
mod measure;
mod scan;
mod shape;

pub(crate) use measure::{Measured, check_cost, measure};
pub(crate) use scan::scan;
pub(crate) use shape::Shape;

use std::{fmt, time::Duration};

/// Treatment of a request that exceeds a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LimitMode {
    /// It is refused.
    #[default]
    Enforce,
    /// It is logged and executed, to find the limits that real clients need. What would exhaust the process is refused still, and so is
    /// what exceeds any other limit: on bodies, batches, pages, filters, content and time.
    Measure,
}

/// Limits on the cost of one request, and on how many may run at once.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Treatment of a query that exceeds a limit on its text or cost: `measure` logs and executes it. Whatever this says, what
    /// would exhaust the process is refused, and so is whatever exceeds any other limit: on bodies, batches, pages (`PAGE_TOO_LARGE`),
    /// filters, content and time.
    #[arg(long = "limits", env = "CAREERQL_LIMITS", value_enum, default_value = "enforce")]
    pub mode: LimitMode,
    /// The size of a request's body in bytes, after decompression.
    #[arg(long, env = "CAREERQL_MAX_BODY_BYTES", default_value_t = 1024 * 1024, value_name = "BYTES")]
    pub max_body_bytes: usize,
    /// The size of a query's text in bytes.
    #[arg(long, env = "CAREERQL_MAX_QUERY_BYTES", default_value_t = 64 * 1024, value_name = "BYTES")]
    pub max_query_bytes: usize,
    /// The tokens of a query's text.
    #[arg(long, env = "CAREERQL_MAX_TOKENS", default_value_t = 4_000, value_name = "N")]
    pub max_tokens: usize,
    /// Nesting depth of fields, 64 at most. Selections, those of fragments included, may be nested 64 levels deep whatever this
    /// says.
    #[arg(long, env = "CAREERQL_MAX_DEPTH", default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub max_depth: u8,
    /// The fields under an alias.
    #[arg(long, env = "CAREERQL_MAX_ALIASES", default_value_t = 100, value_name = "N")]
    pub max_aliases: usize,
    /// The fields at the top of an operation.
    #[arg(long, env = "CAREERQL_MAX_ROOT_FIELDS", default_value_t = 30, value_name = "N")]
    pub max_root_fields: usize,
    /// The directives.
    #[arg(long, env = "CAREERQL_MAX_DIRECTIVES", default_value_t = 50, value_name = "N")]
    pub max_directives: usize,
    /// Nesting depth of the lists of the introspection (fields, interfaces, possibleTypes, inputFields).
    #[arg(long, env = "CAREERQL_MAX_INTROSPECTION_DEPTH", default_value_t = 3, value_name = "N")]
    pub max_introspection_depth: usize,
    /// The cost of the introspection: one for each field, and what is below a list as often as such lists of the schema are long
    /// on average. The query with which tools read the schema costs about a quarter of the default.
    #[arg(long, env = "CAREERQL_MAX_INTROSPECTION_COST", default_value_t = 300_000, value_name = "N")]
    pub max_introspection_cost: u64,
    /// The cost of an operation: one for each field, more for those that read, compare or render whole documents; what is below a
    /// page counts as often as the page has objects, and what is below any other list five times. A batch has this much in all.
    #[arg(long, env = "CAREERQL_MAX_COMPLEXITY", default_value_t = 25_000, value_name = "N")]
    pub max_complexity: u64,
    /// The requests in one batch.
    #[arg(long, env = "CAREERQL_MAX_BATCH", default_value_t = 10, value_name = "N")]
    pub max_batch: usize,
    /// The objects on one page of a list, and the ids in one call of `nodes`.
    #[arg(long, env = "CAREERQL_MAX_PAGE_SIZE", default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub max_page_size: u16,
    /// The content that the answer to one request may need, in bytes as it is stored, counting each object as often as it is
    /// returned. Links can lead to the same objects again and again, which the cost does not foresee.
    #[arg(long, env = "CAREERQL_MAX_CONTENT_BYTES", default_value_t = 64 * 1024 * 1024, value_name = "BYTES")]
    pub max_content_bytes: usize,
    /// The seconds that the execution of a request may take.
    #[arg(long, env = "CAREERQL_MAX_EXECUTION_SECONDS", default_value = "10", value_name = "SECONDS", value_parser = seconds)]
    pub max_execution_seconds: Duration,
    /// The requests that are executed at once; answers from a cache do not count.
    #[arg(long, env = "CAREERQL_MAX_CONCURRENT_REQUESTS", default_value_t = 256, value_name = "N")]
    pub max_concurrent_requests: usize,
    /// The open connections, WebSockets not counted. If there is no room for one more, the longest idle one of the client that has the
    /// most is closed. At start, this number and `--max-sockets` are lowered to what fits in the limit of open files (`ulimit -n`).
    #[arg(long, env = "CAREERQL_MAX_CONNECTIONS", default_value_t = 4_096, value_name = "N")]
    pub max_connections: usize,
    /// The seconds within which the head of a request must have arrived, also on a connection that waits for its next one.
    #[arg(long, env = "CAREERQL_HEADER_SECONDS", default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    pub header_seconds: Duration,
    /// The seconds within which the body of a request must have arrived.
    #[arg(long, env = "CAREERQL_BODY_SECONDS", default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    pub body_seconds: Duration,
    /// The seconds that a client may take to read what was sent before it is cut off.
    #[arg(long, env = "CAREERQL_WRITE_SECONDS", default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    pub write_seconds: Duration,
}

/// A length of time as a number of seconds, which may have a fraction.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "it must be a number of seconds above zero".to_owned())
}

/// A limit that a request exceeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// The stable code of the error.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Exceeded {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Limits {
    /// Refuses what exceeds a limit, or logs it where the mode says so.
    pub(crate) fn judge(&self, exceeded: Exceeded) -> Result<(), Exceeded> {
        match self.mode {
            LimitMode::Enforce => Err(exceeded),
            LimitMode::Measure => {
                tracing::warn!(code = exceeded.code, "would be refused: {exceeded}");
                Ok(())
            }
        }
    }

    /// Holds the value against the limit.
    pub(crate) fn check<N: PartialOrd + fmt::Display>(
        &self,
        code: &'static str,
        what: &str,
        value: N,
        limit: N,
    ) -> Result<(), Exceeded> {
        if value <= limit {
            return Ok(());
        }
        self.judge(Exceeded::new(code, format!("{what} is {value}; the limit is {limit}. Ask for less at once.")))
    }
}
