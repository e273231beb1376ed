//! The schema as the rules need it, read from its own text.
use std::collections::{HashMap, HashSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
};

/// The types of fields and of values.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// The fields of objects and interfaces, by type and name.
    fields: HashMap<String, HashMap<String, Output>>,
    /// The fields of input objects, by type and name.
    inputs: HashMap<String, HashMap<String, Input>>,
    /// Input objects of which one field is given.
    one_of: HashSet<String>,
    enums: HashSet<String>,
    /// Interfaces and unions.
    open: HashSet<String>,
}

/// A field that is answered.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) ty: Type,
    pub(super) arguments: HashMap<String, Input>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) ty: Type,
    pub(super) has_default: bool,
}

impl Schema {
    /// Reads the schema definition language.
    pub(crate) fn of(sdl: &str) -> Self {
        let mut schema = Self::default();
        for definition in parse_schema(sdl).map(|document| document.definitions).unwrap_or_default() {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => {
                    schema.open.insert(name.clone());
                    interface.fields
                }
                TypeKind::Union(_) => {
                    schema.open.insert(name);
                    continue;
                }
                TypeKind::Enum(_) => {
                    schema.enums.insert(name);
                    continue;
                }
                TypeKind::InputObject(object) => {
                    if definition.node.directives.iter().any(|directive| directive.node.name.node == "oneOf") {
                        schema.one_of.insert(name.clone());
                    }
                    let fields = object.fields.into_iter().map(|field| Input::of(field.node));
                    schema.inputs.insert(name, fields.collect());
                    continue;
                }
                TypeKind::Scalar => continue,
            };
            let fields = fields.into_iter().map(|field| {
                let arguments = field.node.arguments.into_iter().map(|argument| Input::of(argument.node)).collect();
                (field.node.name.node.to_string(), Output { ty: field.node.ty.node, arguments })
            });
            schema.fields.insert(name, fields.collect());
        }
        schema
    }

    /// The field of this object or interface.
    pub(super) fn field(&self, of: &str, name: &str) -> Option<&Output> {
        self.fields.get(of)?.get(name)
    }

    /// The fields of this input object.
    pub(super) fn input(&self, name: &str) -> Option<&HashMap<String, Input>> {
        self.inputs.get(name)
    }

    /// Whether one field of this input object is given.
    pub(super) fn is_one_of(&self, name: &str) -> bool {
        self.one_of.contains(name)
    }

    pub(super) fn is_enum(&self, name: &str) -> bool {
        self.enums.contains(name)
    }

    /// Whether objects of several types may stand where this one is said.
    pub(super) fn is_open(&self, name: &str) -> bool {
        self.open.contains(name)
    }

    /// Whether it has fields or stands for what has.
    pub(super) fn is_composite(&self, name: &str) -> bool {
        self.fields.contains_key(name) || self.open.contains(name)
    }
}

impl Input {
    fn of(definition: InputValueDefinition) -> (String, Self) {
        let has_default = definition.default_value.is_some();
        (definition.name.node.to_string(), Self { ty: definition.ty.node, has_default })
    }
}

/// The name of a type without its lists and non-nulls.
pub(super) fn named(base: &BaseType) -> &str {
    match base {
        BaseType::Named(name) => name,
        BaseType::List(items) => named(&items.base),
    }
}
