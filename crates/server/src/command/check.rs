//! `careerql check`: what is wrong in files, without a database.
use std::process::ExitCode;

use kernel::{
    Result,
    store::{Reports, check_files},
};

use super::{graph, progress::Line, say};
use crate::cli::CheckOptions;

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
    print(&reports)?;
    let (errors, warnings) = (counted(reports.errors, "error"), counted(reports.warnings, "warning"));
    say(format_args!("{read}, {errors}, {warnings}."))?;
    Ok(if reports.errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints one line for each finding.
pub(super) fn print(reports: &Reports) -> Result<()> {
    for report in &reports.listed {
        say(format_args!("{report}"))?;
    }
    match reports.unlisted() {
        0 => Ok(()),
        more => say(format_args!("... and {more} more.")),
    }
}

/// `1 error`, `2 errors`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
