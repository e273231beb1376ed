//! `careerql settings`: every setting in one table, read off the command line's own definition.
use std::{collections::BTreeSet, fmt::Write};

use clap::{Arg, CommandFactory};

use crate::cli::Cli;

/// The heading of settings without one.
const GENERAL: &str = "General";

/// The table as Markdown.
pub(super) fn table() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut seen = BTreeSet::new();
    let mut groups: Vec<(&str, String)> = Vec::new();
    let commands: Vec<_> = std::iter::once(&cli).chain(cli.get_subcommands()).collect();
    // `serve` has nearly all; it comes first, so that the order is that of its help.
    let (serve, others): (Vec<_>, Vec<_>) = commands.into_iter().partition(|command| command.get_name() == "serve");
    for argument in serve.into_iter().chain(others).flat_map(clap::Command::get_arguments) {
        let Some(row) = row(argument).filter(|_| seen.insert(argument.get_id().clone())) else { continue };
        let heading = argument.get_help_heading().unwrap_or(GENERAL);
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, rows)) => rows.push_str(&row),
            None => groups.push((heading, row)),
        }
    }
    let mut text = "# Settings\n\nEach has a flag and an environment variable; the flag wins. `careerql settings` prints this page.\n".to_owned();
    for (heading, rows) in groups {
        // Writing to a string does not fail.
        let _written = write!(text, "\n## {heading}\n\n| flag | environment | default | |\n|---|---|---|---|\n{rows}");
    }
    text.push_str(TRACES);
    text
}

const TRACES: &str = "\n## Traces\n\nTraces are sent by OTLP over HTTP where `OTEL_EXPORTER_OTLP_ENDPOINT` (or \
    `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) names a\ncollector, such as `http://localhost:4318`; `OTEL_SERVICE_NAME` \
    defaults to `careerql`, and the other variables of the\nOpenTelemetry specification (headers, timeout, \
    sampler) apply.\n";

/// A setting: what has a flag and an environment variable.
fn row(argument: &Arg) -> Option<String> {
    let (flag, env) = (argument.get_long()?, argument.get_env()?.to_string_lossy());
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let is_switch = !argument.get_action().takes_values();
    let default = match defaults.first() {
        Some(default) if !is_switch => format!("`{default}`"),
        _ => String::new(),
    };
    let values: Vec<_> = argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    let mut about = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string)?;
    if !values.is_empty() && !is_switch {
        about.push_str(if about.ends_with('.') { " One of " } else { ". One of " });
        about.push_str(&values.join(", "));
    }
    let about = about.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let about = about.trim_end_matches('.');
    Some(format!("| `--{flag}` | `{env}` | {default} | {about}. |\n"))
}
