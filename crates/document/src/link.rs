//! Links in documents, and the findings about those that lead nowhere.
use crate::{Finding, Path, Severity};

/// A link to an entry, found in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTo {
    /// The kind of the entry.
    pub kind: &'static str,
    /// Its slug.
    pub slug: String,
    /// The place of the link.
    pub path: Path,
}

impl LinkTo {
    /// Rule `broken-link`: what to say where its entry has another slug now. The old one leads on, but lists would not find the link.
    pub fn renamed(&self, now: &str) -> Finding {
        let Self { kind, slug, path } = self;
        let message = format!("the {kind} `{slug}` was renamed to `{now}`; link to that");
        Finding { severity: Severity::Error, rule: "broken-link", path: path.clone(), message }
    }
}

/// The object that a scalar of slugs links to: `Career` for `CareerSlug`.
pub fn linked_object(scalar: &str) -> Option<&str> {
    scalar.strip_suffix("Slug")
}
