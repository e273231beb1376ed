//! Findings: what a check has to say about a document, with its place.
use std::fmt;

use async_graphql::Enum;
use chrono::NaiveDate;

use crate::Clock;

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum Severity {
    /// Worth a look; does not prevent an import.
    Warning,
    /// Must be fixed: nothing is imported.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One step into a document: a field or an item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The field of this name.
    Field(String),
    /// The item at this index, from 0.
    Item(usize),
}

impl From<&str> for Step {
    fn from(field: &str) -> Self {
        Self::Field(field.to_owned())
    }
}

impl From<usize> for Step {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

/// A place in a document: `roles[2].duties[0].title`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The place one step further in.
    #[must_use]
    pub fn then(&self, step: impl Into<Step>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }

    /// Tells whether `other` is this place or lies within it.
    pub fn holds(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if index == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

/// Makes a [`Path`] from its steps: `path!["roles", 2, "title"]`.
#[macro_export]
macro_rules! path {
    ($($step:expr),* $(,)?) => {
        $crate::Path(vec![$($crate::Step::from($step)),*])
    };
}

/// One thing that is wrong, or suspicious, in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Severity of the finding.
    pub severity: Severity,
    /// The stable id of the rule: `low-above-high`.
    pub rule: &'static str,
    /// The place in the document.
    pub path: Path,
    /// Message that says what is wrong and what to do.
    pub message: String,
}

/// Findings of the rules of a module in one document.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>, Clock);

impl Findings {
    /// None yet, of checks on the day that this clock shows.
    pub fn on_day_of(clock: &Clock) -> Self {
        Self(Vec::new(), clock.clone())
    }

    /// The day of the check.
    pub fn today(&self) -> NaiveDate {
        self.1.today()
    }

    /// Reports an error.
    pub fn error(&mut self, rule: &'static str, path: Path, message: impl Into<String>) {
        self.0.push(Finding { severity: Severity::Error, rule, path, message: message.into() });
    }

    /// Reports a warning.
    pub fn warning(&mut self, rule: &'static str, path: Path, message: impl Into<String>) {
        self.0.push(Finding { severity: Severity::Warning, rule, path, message: message.into() });
    }

    /// Rule `duplicate-key`: no key may stand twice among siblings. `keys` are in the order of the list at `list`.
    pub fn unique_keys<'a>(&mut self, list: &Path, keys: impl IntoIterator<Item = &'a str>) {
        let mut seen = std::collections::HashMap::new();
        for (index, key) in keys.into_iter().enumerate() {
            if let Some(first) = seen.insert(key, index) {
                self.error(
                    "duplicate-key",
                    list.then(index).then("key"),
                    format!("the key `{key}` is already used at {}; keys are unique within a list", list.then(first)),
                );
                seen.insert(key, first);
            }
        }
    }
}

impl Finding {
    /// Tells whether this finding forbids an import.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
