//! Sections: the part of a document that one module owns.
use std::{any::Any, borrow::Cow, sync::Arc};

use async_graphql::{InputType, ObjectType};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Entry, Path};

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

    /// The objects of its parts, by name. Each of them is a node that is registered.
    fn parts() -> Vec<Cow<'static, str>> {
        Vec::new()
    }
}

/// A section, or an object within one, that holds parts of type `P`: structs with a key that stand for themselves.
#[diagnostic::on_unimplemented(
    message = "no field of `{Self}` holds parts of type `{P}`",
    label = "holds no `{P}`",
    note = "hold them in a field `Vec<Arc<{P}>>` of a `#[section]`, or write `#[parts({P})]` above the field that leads to the object that does"
)]
pub trait HoldsParts<P: 'static> {
    /// Place of the list of parts, behind the place of this object.
    fn path(path: Path) -> Path;

    /// The parts, in the order of the document.
    fn parts(&self) -> impl Iterator<Item = &Arc<P>>;

    /// The parts, to be bound to their entry.
    fn parts_mut(&mut self) -> impl Iterator<Item = &mut Arc<P>>;
}

/// A section of some type.
pub type AnySection = Arc<dyn Any + Send + Sync>;
