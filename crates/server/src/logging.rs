//! The log: lines on the standard error, for people or as JSON.
use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::cli::{LogFormat, LogOptions};

/// Starts logging as the command line asks.
pub(crate) fn start(options: &LogOptions) {
    // These report every table that is up to date; whoever wants to see that can ask for it.
    let filter = EnvFilter::new(format!("sea_orm_migration=warn,sqlx::postgres::notice=warn,{}", options.log_level));
    let is_terminal = io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal).with_writer(io::stderr);
    // A second start in one process, as in tests, keeps the first.
    let _already = match options.log_format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
