//! Faults: why files of a release are not taken, and where.
use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::Arc,
};

/// Maximum number of faults that one run tells.
const MAX_FAULTS: usize = 20;

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

/// Faults of all tables: the first ones, and their number.
#[derive(Default)]
pub(crate) struct Faults {
    pub(crate) listed: Vec<Fault>,
    accepted: HashSet<String>,
    /// Number of faults that were waived, by rule.
    pub(crate) waived: BTreeMap<&'static str, usize>,
}

impl Faults {
    pub(crate) fn accepting(rules: &[String]) -> Self {
        Self { accepted: rules.iter().cloned().collect(), ..Self::default() }
    }

    /// All of them, with one more that ends the reading.
    pub(crate) fn with(mut self, fault: Fault) -> Vec<Fault> {
        self.listed.push(fault);
        self.listed
    }

    /// Notes a fault that is not waived; an error once there are many.
    pub(crate) fn note(&mut self, fault: Fault) -> Result<(), Fault> {
        if fault.is_waivable() && self.accepted.contains(fault.rule) {
            *self.waived.entry(fault.rule).or_default() += 1;
            return Ok(());
        }
        // Tables that read the same file find the same.
        if self.listed.contains(&fault) {
            return Ok(());
        }
        if self.listed.len() + 1 >= MAX_FAULTS {
            return Err(fault);
        }
        self.listed.push(fault);
        Ok(())
    }
}
