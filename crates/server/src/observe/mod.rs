//! What operators see: metrics, request ids, lines about what was slow, and traces.
mod metrics;
mod otlp;
mod request;

pub use metrics::Metrics;
pub(crate) use metrics::{Operation, Outcome, Tier, label};
pub(crate) use otlp::Traces;
pub(crate) use request::{RequestId, counted};

use std::time::Duration;

/// Options about what operators see.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Operations")]
pub struct ObserveOptions {
    /// Requests that take longer than this many seconds are logged, with their cost and their number of statements.
    #[arg(long, env = "CAREERQL_SLOW_REQUEST_SECONDS", default_value = "1", value_name = "SECONDS", value_parser = crate::limits::seconds)]
    pub slow_request_seconds: Duration,
    /// SQL statements that take longer than this many seconds are logged, with the id of their request.
    #[arg(long, env = "CAREERQL_SLOW_STATEMENT_SECONDS", default_value = "0.2", value_name = "SECONDS", value_parser = crate::limits::seconds)]
    pub slow_statement_seconds: Duration,
}
