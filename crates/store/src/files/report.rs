//! Reports: findings with their file and place, as many as somebody may want to read.
use std::{fmt, path::PathBuf};

use document::{Finding, characters::Escaped};

/// Maximum number of errors, and of warnings, that are kept; the others are counted.
const LISTED: usize = 10_000;

/// A finding with its file and place: one line for an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The kind of the document, where its head says one.
    pub kind: Option<&'static str>,
    /// The file, as it was named.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// Finding at this place.
    pub finding: Finding,
    /// Kind and slug of the entry that a link leads to, where the finding is about a link.
    pub leads_to: Option<(&'static str, String)>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { severity, rule, path, message } = &self.finding;
        let file = self.file.display().to_string();
        write!(f, "{}:{}:{}: {severity}[{rule}] ", Escaped::line(&file), self.line, self.column)?;
        if !path.0.is_empty() {
            write!(f, "{}: ", Escaped::line(&path.to_string()))?;
        }
        Escaped::line(message).fmt(f)
    }
}

/// Findings in files: all of them are counted, the first 10,000 errors and the first 10,000 warnings are told.
#[derive(Clone, Debug, Default)]
pub struct Reports {
    /// In the order of files and lines.
    pub listed: Vec<Report>,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
}

impl Reports {
    /// Number of findings that are counted only.
    pub fn unlisted(&self) -> usize {
        self.errors + self.warnings - self.listed.len()
    }

    /// Tells whether one more finding of this kind would be told.
    pub(crate) fn has_room(&self, is_error: bool) -> bool {
        (if is_error { self.errors } else { self.warnings }) < LISTED
    }

    /// Counts findings that are not told.
    pub(crate) fn count(&mut self, is_error: bool, more: usize) {
        *(if is_error { &mut self.errors } else { &mut self.warnings }) += more;
    }

    pub(crate) fn push(&mut self, report: Report) {
        let is_error = report.finding.is_error();
        if self.has_room(is_error) {
            self.listed.push(report);
        }
        self.count(is_error, 1);
    }

    pub(crate) fn sorted(mut self) -> Self {
        self.listed.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        self
    }
}
