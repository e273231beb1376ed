//! Faults: why files of a release are not taken, and where.
use std::{fmt, sync::Arc};

/// A place in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u64,
    /// The number of the field in the line, from 1.
    pub column: usize,
}

/// A breach of a rule that files are read by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The id of the rule, such as `unknown-code`; `--accept` takes it where the rule may be waived.
    pub rule: &'static str,
    /// The place.
    pub place: Place,
    /// Description of what is wrong, and what to do.
    pub message: String,
}

/// Rules that `--accept` waives: what they find may be what the publisher meant.
pub(crate) const WAIVABLE: [&str; 3] = ["lost-rows", "unknown-code", "unknown-footnote"];

impl Fault {
    /// A fault at a place.
    pub fn new(rule: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { rule, place, message: message.into() }
    }

    /// A fault of a file as a whole.
    pub fn of_file(rule: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self::new(rule, Place { file: file.into(), line: 1, column: 1 }, message)
    }

    /// Tells whether `--accept` may waive the rule.
    pub fn is_waivable(&self) -> bool {
        WAIVABLE.contains(&self.rule)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, place: Place { file, line, column }, message } = self;
        write!(f, "{file}:{line}:{column}: error[{rule}] {message}")
    }
}
