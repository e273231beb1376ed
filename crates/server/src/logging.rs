//! The log: lines on the standard error, for people or as JSON; and traces, where a collector is named.
use std::io::{self, IsTerminal};

use kernel::Result;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    cli::{LogFormat, LogOptions},
    observe::Traces,
};

/// Starts logging as the command line asks.
pub(crate) fn start(options: &LogOptions) -> Result<Option<Traces>> {
    // These report every table that is up to date; whoever wants to see that can ask for it.
    let filter = || EnvFilter::new(format!("sea_orm_migration=warn,sqlx::postgres::notice=warn,{}", options.log_level));
    let is_terminal = io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_ansi(is_terminal).with_writer(io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match options.log_format {
        LogFormat::Text => lines.with_target(false).with_filter(filter()).boxed(),
        LogFormat::Json => lines.json().with_filter(filter()).boxed(),
    };
    let traces = Traces::start()?;
    let spans = traces.as_ref().map(|traces| traces.layer().with_filter(filter()));
    // A second start in one process, as in tests, keeps the first.
    let _already = tracing_subscriber::registry().with(lines).with(spans).try_init();
    Ok(traces)
}
