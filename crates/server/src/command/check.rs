//! `careerql check`: what is wrong in files, without a database.
use std::process::ExitCode;

use kernel::{
    Result,
    document::Severity,
    store::{Report, check_files},
};

use super::{graph, say};
use crate::cli::CheckOptions;

pub(super) fn check(options: &CheckOptions) -> Result<ExitCode> {
    let (graph, _) = graph()?;
    let checked = check_files(graph.content(), &options.paths);
    let files = checked.files;
    let (_, reports) = checked.reports();
    let errors = print(&reports)?;
    say(format_args!(
        "{}, {}, {}.",
        counted(files, "file"),
        counted(errors, "error"),
        counted(reports.len() - errors, "warning")
    ))?;
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints one line for each finding; returns how many of them are errors.
pub(super) fn print(reports: &[Report]) -> Result<usize> {
    for report in reports {
        say(format_args!("{report}"))?;
    }
    Ok(reports.iter().filter(|report| report.finding.severity == Severity::Error).count())
}

/// `1 error`, `2 errors`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
