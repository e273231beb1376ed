//! What the cost of a query depends on: the types of fields, and which of them are paged. Read from the schema's own text.
use std::collections::HashMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, TypeKind, TypeSystemDefinition},
};

/// How many objects a page has when the query does not say.
const DEFAULT_PAGE: u64 = 20;

/// The fields of all objects and interfaces.
#[derive(Debug, Default)]
pub(crate) struct Shape(HashMap<String, HashMap<String, FieldShape>>);

/// A field: what it returns, and how its size is chosen.
#[derive(Debug)]
pub(crate) struct FieldShape {
    /// The name of the type that it returns, without lists and non-nulls.
    pub(crate) returns: String,
    /// What multiplies the cost of its selection.
    pub(crate) size: Size,
}

/// How many objects a field may return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// One, or the few that stand in one document.
    One,
    /// A page: `first` or `last`, else the default.
    Page,
    /// As many as there are `ids`.
    Ids,
}

impl Shape {
    /// Reads the schema definition language.
    pub(crate) fn of(sdl: &str) -> Self {
        let definitions = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        let types = definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => return None,
            };
            let fields =
                fields.into_iter().map(|field| (field.node.name.node.to_string(), FieldShape::of(&field.node)));
            Some((definition.node.name.node.to_string(), fields.collect()))
        });
        Self(types.collect())
    }

    /// The field of this type.
    pub(crate) fn field(&self, of: &str, name: &str) -> Option<&FieldShape> {
        self.0.get(of)?.get(name)
    }
}

impl FieldShape {
    fn of(field: &FieldDefinition) -> Self {
        let has = |name: &str| field.arguments.iter().any(|argument| argument.node.name.node == name);
        let size = match () {
            () if has("first") => Size::Page,
            () if has("ids") => Size::Ids,
            () => Size::One,
        };
        Self { returns: named(&field.ty.node.base), size }
    }
}

impl Size {
    /// The number of objects, given the arguments by name: a number, or the length of a list.
    pub(crate) fn of(self, argument: impl Fn(&str) -> Option<u64>) -> u64 {
        match self {
            Self::One => 1,
            Self::Page => argument("first").or_else(|| argument("last")).unwrap_or(DEFAULT_PAGE),
            Self::Ids => argument("ids").unwrap_or(1),
        }
    }
}

fn named(base: &BaseType) -> String {
    match base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(items) => named(&items.base),
    }
}
