//! Observability for operators: metrics, request ids, lines about what was slow, and traces.
mod metrics;
mod operations;
mod otlp;
mod request;

pub use metrics::Metrics;
pub(crate) use metrics::{Outcome, Tier, label};
pub(crate) use operations::Operation;
pub(crate) use otlp::Traces;
pub(crate) use request::{REQUEST_ID, RequestId, counted};

use std::{net::SocketAddr, time::Duration};

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
    /// An address for `/metrics` alone, as IP:PORT, which should be one that only the scraper reaches. Without this option, the
    /// address of the endpoint has `/metrics`, for programs on the same machine and for tokens with the scope `read-metrics`.
    #[arg(long, env = "CAREERQL_METRICS_LISTEN", value_name = "ADDRESS", value_parser = crate::cli::address)]
    pub metrics_listen: Option<SocketAddr>,
}
