//! Registrations of the modules about the content of the store: the kinds of documents, and the rows that are made of them.
use std::{collections::HashMap, ops::Deref};

use document::{CheckedDocument, Entry, Kinds};
use sea_orm::sea_query::DynIden;

use crate::Rows;

/// Writes the rows by which a document is found, filtered, sorted and linked.
pub type Project = fn(&CheckedDocument, &Entry, &mut Rows);

/// Entries of a kind that lead up to wider ones of the same kind, and never round in a circle.
pub struct HierarchySpec {
    /// The field of the document that holds the links.
    pub field: &'static str,
    /// The slugs of the wider entries, in the order of the field.
    pub broader: for<'a> fn(&'a CheckedDocument) -> Vec<&'a str>,
    /// The table of the links, with `revision_id`.
    pub table: DynIden,
    /// Its column with the slug of the wider entry.
    pub column: DynIden,
}

/// The kinds of documents, and the projections of each.
#[derive(Default)]
pub struct ContentModel {
    /// Registrations of the modules about documents.
    pub kinds: Kinds,
    /// The projections of the modules, by kind.
    pub projects: HashMap<&'static str, Vec<Project>>,
    /// Conditions on which the page of an entry stands in sitemaps, by kind; of other kinds, all pages do.
    pub listed: HashMap<&'static str, fn(&CheckedDocument) -> bool>,
    /// The hierarchies, by kind.
    pub hierarchies: HashMap<&'static str, HierarchySpec>,
}

impl Deref for ContentModel {
    type Target = Kinds;

    fn deref(&self) -> &Kinds {
        &self.kinds
    }
}
