//! Links in documents, and the findings about those that lead nowhere.
use super::{Finding, Path, Severity};
use crate::content::Content;

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
    /// Rule `broken-link`: what to say where it leads to nothing.
    pub(crate) fn broken(&self, content: &Content) -> Option<Finding> {
        let Self { slug, path, .. } = self;
        let kind = content.kind(self.kind)?;
        let (name, folder) = (kind.name, kind.folder);
        let message = match kind.broken_link {
            Severity::Error => format!("there is no {name} `{slug}`; add it to the folder {folder}"),
            Severity::Warning => format!("there is no {name} `{slug}` yet; the link is null until it is loaded"),
        };
        Some(Finding { severity: kind.broken_link, rule: "broken-link", path: path.clone(), message })
    }

    /// Rule `broken-link`: what to say where its entry has another slug now. The old one leads on, but lists would not find the link.
    pub(crate) fn renamed(&self, now: &str) -> Finding {
        let Self { kind, slug, path } = self;
        let message = format!("the {kind} `{slug}` was renamed to `{now}`; link to that");
        Finding { severity: Severity::Error, rule: "broken-link", path: path.clone(), message }
    }
}
