//! The log: lines on the standard error, for people or as JSON; and traces, where a collector is named.
use std::io::{self, IsTerminal, Write};

use kernel::{Result, characters::Escaped};
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::observe::Traces;

/// Options of the log, which goes to the standard error.
#[derive(Debug, clap::Args)]
pub struct LogOptions {
    /// Format of log lines.
    #[arg(long, env = "CAREERQL_LOG_FORMAT", value_enum, default_value = "text", global = true)]
    pub log_format: LogFormat,
    /// Level of the log: `error`, `warn`, `info`, `debug` or `trace`, also by target as in `info,sqlx=debug`, which shows every
    /// SQL statement.
    #[arg(long, env = "CAREERQL_LOG_LEVEL", default_value = "info", global = true, value_name = "LEVEL", value_parser = level)]
    pub log_level: String,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

fn level(text: &str) -> Result<String, String> {
    match text.parse::<tracing_subscriber::EnvFilter>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("it must be error, warn, info, debug or trace, or a list such as info,sqlx=debug".to_owned()),
    }
}

/// Starts logging as the command line asks.
pub(crate) fn start(options: &LogOptions) -> Result<Option<Traces>> {
    // These report every table that is up to date; whoever wants to see that can ask for it.
    let filter = || EnvFilter::new(format!("sea_orm_migration=warn,sqlx::postgres::notice=warn,{}", options.log_level));
    let is_terminal = io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_ansi(is_terminal).with_writer(|| Lines(io::stderr()));
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

/// Writes each event as one line, whatever the values in it hold: nobody can make up a line by a text that they send.
struct Lines<W>(W);

impl<W: Write> Write for Lines<W> {
    /// Takes a whole event: the library writes it in one piece.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        // The escape character stands in colours only; within values the library writes it out.
        let pieces: Vec<_> = text.trim_end().split('\u{1b}').map(|piece| Escaped::line(piece).to_string()).collect();
        writeln!(self.0, "{}", pieces.join("\u{1b}"))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line() {
        let mut lines = Lines(Vec::new());
        lines.write_all("\u{1b}[2mINFO\u{1b}[0m a\nERROR forged\u{202e}\u{9b}2J\n".as_bytes()).expect("it is written");
        let written = String::from_utf8(lines.0).expect("it is text");
        assert_eq!(written, "\u{1b}[2mINFO\u{1b}[0m a\\nERROR forged\\u202e\\u009b2J\n");
    }
}
