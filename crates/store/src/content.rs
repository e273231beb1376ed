//! Registrations of the modules about the content of the store: the kinds of documents, and the rows that are made of them.
use std::{collections::HashMap, ops::Deref};

use document::{CheckedDocument, Entry, Kinds};

use crate::Rows;

/// Writes the rows by which a document is found, filtered, sorted and linked.
pub type Project = fn(&CheckedDocument, &Entry, &mut Rows);

/// The kinds of documents, and the projections of each.
#[derive(Default)]
pub struct ContentModel {
    /// Registrations of the modules about documents.
    pub kinds: Kinds,
    /// The projections of the modules, by kind.
    pub projects: HashMap<&'static str, Vec<Project>>,
}

impl Deref for ContentModel {
    type Target = Kinds;

    fn deref(&self) -> &Kinds {
        &self.kinds
    }
}
