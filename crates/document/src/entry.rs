//! Entries as a request sees them: a kind of document, its slug, and the revision that the perspective chose.
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

/// One entry at one revision. Cheap to clone. Holding one means being allowed to see it: the lookups of a
/// perspective make them, and the writer of revisions for its rows.
#[derive(Clone, Debug)]
pub struct Entry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: &'static str,
    id: i64,
    slug: String,
    revision: i64,
}

impl Entry {
    /// The entry `id` of this kind and slug, at this revision.
    pub fn new(kind: &'static str, id: i64, slug: String, revision: i64) -> Self {
        Self(Arc::new(Inner { kind, id, slug, revision }))
    }

    /// The kind of its document.
    pub fn kind(&self) -> &'static str {
        self.0.kind
    }

    /// Its row in the table of entries.
    pub fn id(&self) -> i64 {
        self.0.id
    }

    /// Its slug, unique among its kind.
    pub fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The revision that the perspective chose.
    pub fn revision(&self) -> i64 {
        self.0.revision
    }

    /// The natural key of one of its parts: `slug/part`.
    pub fn part_key(&self, part: &str) -> String {
        format!("{}/{part}", self.0.slug)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.0.revision == other.0.revision
    }
}

impl Eq for Entry {}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.revision.hash(state);
    }
}

/// The entry that a part of a section belongs to. Set when the section is loaded ([`Section::bind`](crate::Section::bind));
/// a part that was only parsed, for a check, has none.
#[derive(Clone, Debug, Default)]
pub struct Owner(Option<Entry>);

impl Owner {
    /// The owning entry.
    ///
    /// # Panics
    /// For a part whose section does not bind it: a mistake of the module.
    pub fn entry(&self) -> &Entry {
        self.0.as_ref().expect("a loaded part is bound to its entry")
    }
}

impl From<&Entry> for Owner {
    fn from(entry: &Entry) -> Self {
        Self(Some(entry.clone()))
    }
}
