//! Basis of the cost of a query: the types of fields, which of them are paged, and how long the lists of the
//! introspection are. Made from the one model of the schema, which documents are validated against as well.
use std::collections::HashMap;

use async_graphql::parser::types::BaseType;
use language::{Definition, Output, Schema};

/// Number of objects in a page when the query does not say.
const DEFAULT_PAGE: u64 = 20;

/// Usual number of objects in a list that is no page: what stands in one document.
const USUAL_LIST: u64 = 5;

/// Number of types in the introspection itself.
const INTROSPECTION_TYPES: u64 = 8;
/// Approximate number of directives in a schema.
const DIRECTIVES: u64 = 5;

/// The fields of all objects and interfaces.
#[derive(Debug, Default)]
pub(crate) struct Shape(HashMap<String, HashMap<String, FieldShape>>);

/// A field: what it returns, and how its size is chosen.
#[derive(Debug)]
pub(crate) struct FieldShape {
    /// The name of the type that it returns, without lists and non-nulls.
    pub(crate) returns: String,
    /// Multiplier of the cost of its selection.
    pub(crate) size: Size,
    /// Cost of the field itself.
    pub(crate) weight: u64,
}

/// Number of objects that a field may return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// One.
    One,
    /// A few: a list that is no page.
    Few,
    /// A page: `first` or `last`, else the default.
    Page,
    /// As many as there are `ids`.
    Ids,
    /// A list of the introspection: as many as the schema has, on average.
    InSchema(u64),
}

impl Shape {
    /// The costs of the fields of a schema. Fields weigh what is said of them.
    pub(crate) fn of(schema: &Schema, weight: impl Fn(&str, &str) -> u64) -> Self {
        let (mut types, mut sizes) = (HashMap::<String, HashMap<String, FieldShape>>::new(), Sizes::default());
        for (object, definition) in schema.types() {
            sizes.count(definition);
            let (Definition::Object(fields) | Definition::Interface { fields, .. }) = definition else { continue };
            let fields = fields.iter().map(|(name, field)| {
                (name.clone(), FieldShape { weight: weight(object, name), ..FieldShape::of(field) })
            });
            types.insert(object.to_owned(), fields.collect());
        }
        count_pages_once(&mut types);
        for (of, name, returns, size) in sizes.introspection() {
            let (returns, size) = (returns.to_owned(), size.map_or(Size::One, Size::InSchema));
            types.entry(of.to_owned()).or_default().insert(name.to_owned(), FieldShape { returns, size, weight: 1 });
        }
        Self(types)
    }

    /// The field of this type.
    pub(crate) fn field(&self, of: &str, name: &str) -> Option<&FieldShape> {
        self.0.get(of)?.get(name)
    }
}

/// Leaves the size of a page to the field that has its arguments: its lists are what that counts.
fn count_pages_once(types: &mut HashMap<String, HashMap<String, FieldShape>>) {
    let fields = types.values().flat_map(HashMap::values);
    let pages: Vec<_> = fields.filter(|field| field.size == Size::Page).map(|field| field.returns.clone()).collect();
    for page in pages {
        let Some(fields) = types.get_mut(&page) else { continue };
        for list in ["nodes", "edges"] {
            if let Some(field) = fields.get_mut(list) {
                field.size = Size::One;
            }
        }
    }
}

impl FieldShape {
    fn of(field: &Output) -> Self {
        let size = match () {
            () if field.arguments.contains_key("first") => Size::Page,
            () if field.arguments.contains_key("ids") => Size::Ids,
            () if matches!(field.ty.base, BaseType::List(_)) => Size::Few,
            () => Size::One,
        };
        Self { returns: field.returns().to_owned(), size, weight: 1 }
    }
}

impl Size {
    /// The number of objects, given the arguments by name: a number, or the length of a list.
    pub(crate) fn of(self, argument: impl Fn(&str) -> Option<u64>) -> u64 {
        match self {
            // The introspection has a cost of its own.
            Self::One | Self::InSchema(_) => 1,
            Self::Few => USUAL_LIST,
            Self::Page => argument("first").or_else(|| argument("last")).unwrap_or(DEFAULT_PAGE),
            Self::Ids => argument("ids").unwrap_or(1),
        }
    }

    /// The number of parts of the schema, for a list of the introspection.
    pub(crate) fn in_schema(self) -> u64 {
        if let Self::InSchema(size) = self { size } else { 1 }
    }
}

/// Lengths, and how many there are of them.
#[derive(Clone, Copy, Default)]
struct Lengths {
    lists: u64,
    items: u64,
}

impl Lengths {
    fn count(&mut self, items: usize) {
        self.lists += 1;
        self.items += items as u64;
    }

    fn average(self) -> u64 {
        self.items.div_ceil(self.lists.max(1))
    }
}

/// Lengths of the lists of the introspection. Each type has all of them, most of them empty.
#[derive(Default)]
struct Sizes {
    fields: Lengths,
    arguments: Lengths,
    inputs: Lengths,
    values: Lengths,
    interfaces: Lengths,
    possible: Lengths,
}

impl Sizes {
    fn count(&mut self, definition: &Definition) {
        let (mut possible, mut inputs, mut values, mut fields) = (0, 0, 0, None);
        // An object stands in the list of each interface that it implements, and each interface in the list of the object.
        let mut interfaces = 0;
        match definition {
            Definition::Object(of) => fields = Some(of),
            Definition::Interface { fields: of, possible: objects } => {
                fields = Some(of);
                interfaces = objects.len();
                possible = objects.len();
            }
            Definition::Union { possible: members } => possible = members.len(),
            Definition::Enum(of) => values = of.len(),
            Definition::Input { fields: of, .. } => inputs = of.len(),
            Definition::Scalar => {}
        }
        self.fields.count(fields.map_or(0, HashMap::len));
        self.interfaces.count(interfaces);
        self.possible.count(possible);
        self.inputs.count(inputs);
        self.values.count(values);
        for field in fields.into_iter().flat_map(HashMap::values) {
            self.arguments.count(field.arguments.len());
        }
    }

    /// The fields of the introspection that lead on: their type, name, what they return, and how much of it.
    fn introspection(&self) -> [(&'static str, &'static str, &'static str, Option<u64>); 17] {
        let arguments = Some(self.arguments.average());
        [
            ("Query", "__schema", "__Schema", None),
            ("Query", "__type", "__Type", None),
            ("__Schema", "types", "__Type", Some(self.fields.lists + INTROSPECTION_TYPES)),
            ("__Schema", "queryType", "__Type", None),
            ("__Schema", "mutationType", "__Type", None),
            ("__Schema", "subscriptionType", "__Type", None),
            ("__Schema", "directives", "__Directive", Some(DIRECTIVES)),
            ("__Directive", "args", "__InputValue", Some(1)),
            ("__Type", "fields", "__Field", Some(self.fields.average())),
            ("__Type", "interfaces", "__Type", Some(self.interfaces.average())),
            ("__Type", "possibleTypes", "__Type", Some(self.possible.average())),
            ("__Type", "enumValues", "__EnumValue", Some(self.values.average())),
            ("__Type", "inputFields", "__InputValue", Some(self.inputs.average())),
            ("__Type", "ofType", "__Type", None),
            ("__Field", "args", "__InputValue", arguments),
            ("__Field", "type", "__Type", None),
            ("__InputValue", "type", "__Type", None),
        ]
    }
}
