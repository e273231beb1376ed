//! Mode of an import, and its outcome for documents.
use crate::Perspective;

/// Maximum number of documents that a summary names.
const NAMED: usize = 500;
/// Number of kept entries that are told with the reason.
const KEPT: usize = 10_000;

/// Status that an import gives its documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Drafts, which the endpoint does not show.
    Draft,
    /// Content that the world sees from now on.
    Publish,
}

impl Mode {
    /// The perspective in which the documents will be seen, and in which their links must lead somewhere.
    pub fn perspective(self) -> Perspective {
        match self {
            Self::Draft => Perspective::Draft,
            Self::Publish => Perspective::Published,
        }
    }
}

/// Outcome for one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Imported {
    /// The entry is new.
    Created,
    /// The entry has a new revision, or an older one was published.
    Updated,
    /// The entry has this content already; nothing was written.
    Unchanged,
    /// It was published and stands in no file.
    Withdrawn,
    /// People changed it since the last import, and it stays as they made it.
    Kept,
}

/// Outcome for all documents.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    counts: [usize; 5],
    named: Vec<(&'static str, String, Imported)>,
    kept: Vec<String>,
}

impl Summary {
    /// Number of documents that had this outcome.
    pub fn count(&self, outcome: Imported) -> usize {
        self.counts[outcome as usize]
    }

    /// The documents in their order, with kind, slug and outcome; none where there are more than 500.
    pub fn documents(&self) -> Option<&[(&'static str, String, Imported)]> {
        (self.counts.iter().sum::<usize>() == self.named.len()).then_some(&self.named)
    }

    /// The entries that stay as people made them, each with what was changed: the first 10,000.
    pub fn kept(&self) -> &[String] {
        &self.kept
    }

    /// Notes why an entry stays as it is.
    pub(crate) fn keep(&mut self, why: String) {
        if self.kept.len() < KEPT {
            self.kept.push(why);
        }
    }

    pub(crate) fn add(&mut self, kind: &'static str, slug: &str, outcome: Imported) {
        self.counts[outcome as usize] += 1;
        if self.named.len() < NAMED {
            self.named.push((kind, slug.to_owned(), outcome));
        }
    }
}
