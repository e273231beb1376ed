//! `careerql check`: what is wrong in files, without a database.
use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

use kernel::{
    Graph, Result, coordinate,
    document::Finding,
    store::{Report, Reports, check_files},
};
use serde_json::json;

use super::{graph, progress::Line};
use crate::cli::{CheckOptions, OutputFormat};
use crate::output::print_line;

/// Number of warnings of one rule that are told in full, and of missing entries that are named.
const NAMED: usize = 3;

pub(super) fn check(options: &CheckOptions) -> Result<ExitCode> {
    let (graph, _) = graph()?;
    let line = Line::default();
    let checked = check_files(graph.content(), &options.paths, &|step, more| line.tell(step, more));
    drop(line);
    let mut read = counted(checked.files(), "file");
    if checked.documents > checked.files() {
        read = format!("{read}, {}", counted(checked.documents, "document"));
    }
    let reports = checked.reports(graph.content());
    if options.format == OutputFormat::Json {
        print_json(&graph, &reports)?;
        return Ok(status(&reports));
    }
    if options.all {
        print_each(&reports)?;
    } else {
        print(&reports)?;
    }
    let (errors, warnings) = (counted(reports.errors, "error"), counted(reports.warnings, "warning"));
    print_line(format_args!("{read}, {errors}, {warnings}."))?;
    Ok(status(&reports))
}

fn status(reports: &Reports) -> ExitCode {
    if reports.errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints an object for each finding, in the order of files and lines.
fn print_json(graph: &Graph, reports: &Reports) -> Result<()> {
    reports.listed.iter().try_for_each(|Report { kind, file, line, column, finding, .. }| {
        let Finding { severity, rule, path, message } = finding;
        let coordinate = kind.and_then(|kind| coordinate(graph.language(), graph.content(), kind, path));
        let object = json!({
            "file": file.to_string_lossy(), "line": line, "column": column, "severity": severity.to_string(), "rule": rule,
            "path": path.to_string(), "coordinate": coordinate, "message": message,
        });
        print_line(format_args!("{object}"))
    })
}

/// Prints the errors, a line each, and then the warnings, those that are alike together.
pub(super) fn print(reports: &Reports) -> Result<()> {
    print_reports(reports.listed.iter())?;
    print_unlisted(reports)
}

/// Prints one line for each finding, errors first.
fn print_each(reports: &Reports) -> Result<()> {
    let (errors, warnings): (Vec<_>, Vec<_>) = reports.listed.iter().partition(|report| report.finding.is_error());
    errors.iter().chain(&warnings).try_for_each(|report| print_line(format_args!("{report}")))?;
    print_unlisted(reports)
}

/// The same as [`print()`], of some reports.
pub(super) fn print_reports<'a>(reports: impl Iterator<Item = &'a Report>) -> Result<()> {
    let (errors, warnings): (Vec<_>, Vec<_>) = reports.partition(|report| report.finding.is_error());
    errors.iter().try_for_each(|report| print_line(format_args!("{report}")))?;
    let mut alike: BTreeMap<_, Vec<&Report>> = BTreeMap::new();
    for warning in warnings {
        let kind = warning.leads_to.as_ref().map(|(kind, _)| *kind);
        alike.entry((warning.finding.rule, kind)).or_default().push(warning);
    }
    alike.into_values().try_for_each(|warnings| print_alike(&warnings))
}

/// Prints warnings of one rule: a line each, or one for all where they are many.
fn print_alike(warnings: &[&Report]) -> Result<()> {
    if warnings.len() <= NAMED {
        return warnings.iter().try_for_each(|report| print_line(format_args!("{report}")));
    }
    let targets: BTreeSet<_> = warnings.iter().filter_map(|report| report.leads_to.as_ref()).collect();
    let Some((kind, _)) = targets.first() else {
        warnings[..NAMED].iter().try_for_each(|report| print_line(format_args!("{report}")))?;
        let (rule, more) = (warnings[0].finding.rule, warnings.len() - NAMED);
        return print_line(format_args!(
            "warning[{rule}] ... and {more} more like these; `careerql check --all` lists them."
        ));
    };
    let mut named: Vec<_> = targets.iter().take(NAMED).map(|(_, slug)| format!("`{slug}`")).collect();
    if targets.len() > NAMED {
        named.push(format!("{} more", targets.len() - NAMED));
    }
    let last = named.pop().unwrap_or_default();
    let named = if named.is_empty() { last } else { format!("{} and {last}", named.join(", ")) };
    let links = warnings.len();
    print_line(format_args!(
        "warning[broken-link] {links} links lead to entries of the kind {kind} that do not exist yet: {named}; `careerql check --all` lists \
         the links."
    ))
}

fn print_unlisted(reports: &Reports) -> Result<()> {
    match reports.unlisted() {
        0 => Ok(()),
        more => print_line(format_args!("... and {more} more.")),
    }
}

/// `1 error`, `2 errors`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
