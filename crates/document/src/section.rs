//! Sections: the part of a document that one module owns.
use std::{any::Any, sync::Arc};

use async_graphql::{InputType, ObjectType};
use serde::{Serialize, de::DeserializeOwned};

use crate::Entry;

/// Part of a document that a module owns. One type is the YAML, the mutation's input, the stored JSON and the answer: its fields stand
/// at the top level of the document and on the kind's object.
///
/// Selections of it are answered from the stored JSON where that is possible, without making the section. So a resolver
/// that has the name and the type of a stored field must answer what is stored when it gets no arguments, and a resolver
/// `careerSlug` of type `String` the slug of the link `career`.
pub trait Section: InputType + ObjectType + Serialize + DeserializeOwned + 'static {
    /// The name it is stored under; unique in its kind and never changed.
    const NAME: &'static str;

    /// Tells parts that stand for themselves in the graph which entry they belong to.
    fn bind(&mut self, _entry: &Entry) {}
}

/// A section of some type.
pub type AnySection = Arc<dyn Any + Send + Sync>;
