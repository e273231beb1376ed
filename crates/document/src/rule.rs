//! Rules: what the check demands of documents, each with a good and a bad example that the tests run.
use async_graphql::SimpleObject;

use crate::Severity;

/// One rule of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SimpleObject)]
pub struct Rule {
    /// Its stable id, such as `low-above-high`.
    pub id: &'static str,
    /// Severity of a breach of the rule.
    pub severity: Severity,
    /// Requirement of the rule, and the reason for it.
    pub about: &'static str,
    /// Documents that follow it. Several are separated by lines of `---`; what begins with `{` is JSON.
    pub good: &'static str,
    /// Documents that break it.
    pub bad: &'static str,
    /// Tells whether documents that are stored already are only warned of.
    #[graphql(skip)]
    pub is_for_new: bool,
}

impl Rule {
    /// A rule whose breach forbids storing a document.
    pub const fn error(id: &'static str, about: &'static str, good: &'static str, bad: &'static str) -> Self {
        Self { id, severity: Severity::Error, about, good, bad, is_for_new: false }
    }

    /// The same rule for what comes in from now on: a document that is stored already is only warned of, so that it can still be
    /// published and restored.
    #[must_use]
    pub const fn for_new(self) -> Self {
        Self { is_for_new: true, ..self }
    }

    /// A rule whose breach is worth a look.
    pub const fn warning(id: &'static str, about: &'static str, good: &'static str, bad: &'static str) -> Self {
        Self { id, severity: Severity::Warning, about, good, bad, is_for_new: false }
    }
}
