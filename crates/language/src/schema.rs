//! The schema as validation and coercion need it, read from its own definition.
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use async_graphql::{
    Name, Positioned,
    indexmap::IndexMap,
    parser::{
        parse_schema,
        types::{
            BaseType, ConstDirective, DirectiveDefinition, DirectiveLocation, FieldDefinition, InputValueDefinition,
            OperationType, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};
use async_graphql_value::ConstValue;

use crate::introspection;

/// A scalar's own rule: tells whether it takes a value.
pub type ScalarCheck = Arc<dyn Fn(&ConstValue) -> bool + Send + Sync>;

/// Types and directives.
#[derive(Default)]
pub struct Schema {
    types: HashMap<String, Definition>,
    pub(crate) directives: HashMap<String, Instruction>,
    checks: HashMap<String, (ScalarCheck, String)>,
    /// Tells whether errors suggest names of the schema.
    pub(crate) suggests: bool,
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Schema").field("types", &self.types.len()).finish_non_exhaustive()
    }
}

/// A type.
#[derive(Debug)]
pub enum Definition {
    /// A scalar.
    Scalar,
    /// An object, with its fields by name.
    Object(HashMap<String, Output>),
    /// An interface.
    Interface {
        /// Its fields by name.
        fields: HashMap<String, Output>,
        /// The objects that implement it.
        possible: HashSet<String>,
    },
    /// A union.
    Union {
        /// Its members.
        possible: HashSet<String>,
    },
    /// An enum, with its values.
    Enum(Vec<String>),
    /// An input object.
    Input {
        /// Its fields by name.
        fields: IndexMap<String, Input>,
        /// True where exactly one of them is given.
        is_one_of: bool,
    },
}

/// A field that is answered.
#[derive(Debug)]
pub struct Output {
    /// The type of the answer.
    pub ty: Type,
    /// Its arguments by name.
    pub arguments: IndexMap<String, Input>,
}

impl Output {
    /// The name of its type, without lists and non-nulls.
    pub fn returns(&self) -> &str {
        named(&self.ty)
    }
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct Input {
    /// The type of the value.
    pub ty: Type,
    /// True where it has a default.
    pub has_default: bool,
}

impl Input {
    /// Tells whether it must be given.
    pub(crate) fn is_required(&self) -> bool {
        !self.ty.nullable && !self.has_default
    }
}

/// A directive. None that may stand in a request can be repeated.
#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) locations: Vec<DirectiveLocation>,
    pub(crate) arguments: IndexMap<String, Input>,
}

impl Schema {
    /// Reads the schema definition language. The roots are named `Query`, `Mutation` and `Subscription`.
    pub fn of(sdl: &str) -> Self {
        let mut schema = Self { suggests: true, ..Self::default() };
        let mut implements = Vec::new();
        for text in [introspection::SDL, sdl] {
            for definition in parse_schema(text).map(|document| document.definitions).unwrap_or_default() {
                match definition {
                    TypeSystemDefinition::Type(definition) => schema.add_type(definition.node, &mut implements),
                    TypeSystemDefinition::Directive(definition) => schema.add_directive(definition.node),
                    TypeSystemDefinition::Schema(_) => {}
                }
            }
        }
        for (object, interface) in implements {
            if let Some(Definition::Interface { possible, .. }) = schema.types.get_mut(&interface) {
                possible.insert(object);
            }
        }
        schema
    }

    /// Adds the rule of a scalar, and the sentence that says what it takes.
    #[must_use]
    pub fn with_scalar(mut self, name: &str, check: ScalarCheck, rule: &str) -> Self {
        self.checks.insert(name.to_owned(), (check, rule.to_owned()));
        self
    }

    /// Suggests no names of the schema in errors.
    #[must_use]
    pub fn without_suggestions(mut self) -> Self {
        self.suggests = false;
        self
    }

    fn add_type(&mut self, definition: TypeDefinition, implements: &mut Vec<(String, String)>) {
        let name = definition.name.node.to_string();
        let kind = match definition.kind {
            TypeKind::Scalar => Definition::Scalar,
            TypeKind::Object(object) => {
                implements.extend(object.implements.iter().map(|of| (name.clone(), of.node.to_string())));
                Definition::Object(outputs(object.fields))
            }
            TypeKind::Interface(interface) => {
                Definition::Interface { fields: outputs(interface.fields), possible: HashSet::new() }
            }
            TypeKind::Union(union) => {
                Definition::Union { possible: union.members.iter().map(|member| member.node.to_string()).collect() }
            }
            TypeKind::Enum(of) => {
                Definition::Enum(of.values.iter().map(|value| value.node.value.node.to_string()).collect())
            }
            TypeKind::InputObject(object) => {
                let is_one_of = |directive: &Positioned<ConstDirective>| directive.node.name.node == "oneOf";
                let is_one_of = definition.directives.iter().any(is_one_of);
                Definition::Input { fields: inputs(object.fields), is_one_of }
            }
        };
        self.types.insert(name, kind);
    }

    fn add_directive(&mut self, definition: DirectiveDefinition) {
        let instruction = Instruction {
            locations: definition.locations.into_iter().map(|location| location.node).collect(),
            arguments: inputs(definition.arguments),
        };
        self.directives.insert(definition.name.node.to_string(), instruction);
    }

    /// All types by name, without those of the introspection.
    pub fn types(&self) -> impl Iterator<Item = (&str, &Definition)> {
        self.types.iter().map(|(name, of)| (name.as_str(), of)).filter(|(name, _)| !name.starts_with("__"))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Definition> {
        self.types.get(name).filter(|_| name != META)
    }

    /// The names of all types.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.types().map(|(name, _)| name)
    }

    /// The fields of an object or interface, without `__typename`.
    pub(crate) fn fields(&self, of: &str) -> Option<&HashMap<String, Output>> {
        match self.get(of)? {
            Definition::Object(fields) | Definition::Interface { fields, .. } => Some(fields),
            _ => None,
        }
    }

    /// The field of this type; `__typename` of every type that has selections, `__schema` and `__type` of the root.
    pub(crate) fn field(&self, of: &str, name: &str) -> Option<&Output> {
        let is_meta = match name {
            "__typename" => self.is_composite(of),
            "__schema" | "__type" => of == "Query",
            _ => false,
        };
        if !is_meta {
            return self.fields(of)?.get(name);
        }
        let Some(Definition::Object(fields)) = self.types.get(META) else { return None };
        fields.get(name)
    }

    /// Tells whether it has selections.
    pub(crate) fn is_composite(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Definition::Object(_) | Definition::Interface { .. } | Definition::Union { .. }))
    }

    /// Tells whether objects of several types may stand where this one is said.
    pub(crate) fn is_open(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Definition::Interface { .. } | Definition::Union { .. }))
    }

    pub(crate) fn is_input(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Definition::Scalar | Definition::Enum(_) | Definition::Input { .. }))
    }

    /// Tells whether one object can be of both types.
    pub(crate) fn overlap(&self, one: &str, other: &str) -> bool {
        let possible = |name: &str| match self.get(name) {
            Some(Definition::Interface { possible, .. } | Definition::Union { possible }) => Some(possible),
            _ => None,
        };
        match (possible(one), possible(other)) {
            (None, None) => one == other,
            (Some(possible), None) => possible.contains(other),
            (None, Some(possible)) => possible.contains(one),
            (Some(possible), Some(others)) => !possible.is_disjoint(others),
        }
    }

    /// The rule of a scalar, and the sentence that says what it takes.
    pub(crate) fn check(&self, scalar: &str) -> Option<&(ScalarCheck, String)> {
        self.checks.get(scalar)
    }
}

/// The object with the fields that the specification adds to others.
const META: &str = "__Root";

/// The name of the type at the top of an operation.
pub(crate) fn root(of: OperationType) -> &'static str {
    match of {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

fn outputs(fields: Vec<Positioned<FieldDefinition>>) -> HashMap<String, Output> {
    let fields = fields.into_iter().map(|field| {
        let field = field.node;
        (field.name.node.to_string(), Output { ty: field.ty.node, arguments: inputs(field.arguments) })
    });
    fields.collect()
}

fn inputs(values: Vec<Positioned<InputValueDefinition>>) -> IndexMap<String, Input> {
    let inputs = values.into_iter().map(|value| {
        let InputValueDefinition { name, ty, default_value, .. } = value.node;
        (name.node.to_string(), Input { ty: ty.node, has_default: default_value.is_some() })
    });
    inputs.collect()
}

/// The name of a type without its lists and non-nulls.
pub(crate) fn named(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(items) => named(items),
    }
}
