//! Sections as they are stored, and those that a request loaded so far.
use std::sync::{Arc, Mutex, OnceLock};

use document::AnySection;
use store::sync::locked;

use crate::map::Map;

/// A section as it is stored.
#[derive(Clone)]
pub(crate) struct Stored(pub(crate) Arc<Forms>);

/// The forms of a stored section; the second is made when it is first asked for.
pub(crate) struct Forms {
    pub(crate) body: Box<str>,
    pub(crate) typed: OnceLock<AnySection>,
}

impl Stored {
    /// Of this JSON.
    pub(crate) fn new(body: Box<str>) -> Self {
        Self(Arc::new(Forms { body, typed: OnceLock::new() }))
    }

    /// The JSON that is stored.
    pub(crate) fn body(&self) -> &str {
        &self.0.body
    }
}

/// The sections that a request loaded: none of them twice, whichever were asked for together.
#[derive(Default)]
pub(crate) struct Loaded(Mutex<Map<i64, Vec<(&'static str, Stored)>>>);

impl Loaded {
    /// The section of this name of the revision.
    pub(crate) fn get(&self, revision: i64, name: &str) -> Option<Stored> {
        let by_revision = locked(&self.0);
        let loaded = by_revision.get(&revision)?.iter().find(|(known, _)| *known == name);
        loaded.map(|(_, stored)| stored.clone())
    }

    /// Adds sections of the revision.
    pub(crate) fn add(&self, revision: i64, names: &[&'static str], sections: &[Stored]) {
        let loaded = names.iter().copied().zip(sections.iter().cloned());
        locked(&self.0).entry(revision).or_default().extend(loaded);
    }
}
