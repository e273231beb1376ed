//! Stored types, as projection reads them.
use std::{collections::HashMap, sync::Arc};

use async_graphql::Value;

use super::FollowLink;
use crate::map::Map;

/// Registrations of the modules for projection.
#[derive(Default)]
pub(crate) struct Projected {
    /// Answers a field through a link to an entry, by its kind.
    pub(crate) follow: HashMap<&'static str, FollowLink>,
    /// The fields of documents that are stored as they are answered, by kind and name.
    pub(crate) fields: HashMap<&'static str, HashMap<String, StoredField>>,
    /// Types of the objects that sections are made of.
    pub(crate) types: StoredTypes,
}

/// The objects that sections are made of. They may hold each other, so they are named by number.
#[derive(Default)]
pub(crate) struct StoredTypes(pub(crate) Vec<StoredObject>);

/// An object, and those of its fields that are stored as they are answered.
pub(crate) struct StoredObject {
    /// The name of its type in the answer.
    pub(crate) name: String,
    /// The fields, by their names in the answer.
    pub(crate) fields: Map<String, StoredField>,
}

/// A field that is stored as it is answered.
pub(crate) struct StoredField {
    /// Its name in the JSON.
    pub(crate) name: Arc<str>,
    /// The answer where it is not stored; none where it always is.
    pub(crate) missing: Option<Value>,
    /// Number of lists that its value stands in.
    pub(crate) lists: usize,
    /// Type of its value.
    pub(crate) value: StoredValue,
}

/// A stored value.
#[derive(Clone, Copy)]
pub(crate) enum StoredValue {
    /// Text, a number, a truth value or an enum.
    Leaf,
    /// The key of the part of a document of this kind, by which it has its global id.
    Key(&'static str),
    /// The Markdown of prose.
    Prose,
    /// The slug of a link to an entry of this kind.
    Link(&'static str),
    /// The object of this number.
    Object(usize),
}

impl StoredTypes {
    /// The object of this number.
    pub(crate) fn object(&self, number: usize) -> &StoredObject {
        &self.0[number]
    }
}
