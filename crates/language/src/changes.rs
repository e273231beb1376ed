//! Changes between two versions of a schema, by coordinate; as safe, dangerous or breaking as graphql-js calls them.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{BaseType, ConstDirective, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
    },
};
use async_graphql_value::ConstValue;

/// Directives of the specification, which a definition has where it uses them.
const BUILT_IN: [&str; 5] = ["deprecated", "include", "oneOf", "skip", "specifiedBy"];

/// Danger of a change for clients that were written before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    /// Requests may fail that did not.
    Breaking,
    /// Requests go on, and may get answers that their program does not expect.
    Dangerous,
    /// Nobody notices it.
    Safe,
}

/// A change of one element of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaChange {
    /// Danger of the change.
    pub danger: Danger,
    /// The coordinate of the element: `Career.pay`.
    pub coordinate: String,
    /// Words about it that follow the coordinate: `is new`.
    pub what: String,
}

/// Changes from one definition of a schema to another, in the order of their coordinates. What lies within something that is new or removed
/// is not told by itself.
pub fn changes(before: &str, after: &str) -> Vec<SchemaChange> {
    let (before, after) = (elements(before), elements(after));
    let coordinates: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut found = Vec::new();
    for coordinate in coordinates {
        let mut tell = |danger, what: String| found.push(SchemaChange { danger, coordinate: coordinate.clone(), what });
        match (before.get(coordinate), after.get(coordinate)) {
            (Some(gone), None) if has_parent(gone, &after) => tell(Danger::Breaking, "is removed".to_owned()),
            (None, Some(new)) if has_parent(new, &before) => tell(new.danger_of_adding(), new.introduced()),
            (Some(old), Some(new)) => new.differences(old, tell),
            _ => {}
        }
    }
    found
}

fn has_parent(element: &Element, among: &BTreeMap<String, Element>) -> bool {
    element.parent.as_ref().is_none_or(|parent| among.contains_key(parent))
}

/// Role of an element in its schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A type of this kind, or a directive.
    Named(&'static str),
    /// A field that is answered.
    Answer,
    /// An argument, or a field of an input object.
    Argument,
    /// A value of an enum.
    Value,
}

/// Element of a schema, which has a coordinate.
struct Element {
    role: Role,
    /// The coordinate of what it lies in.
    parent: Option<String>,
    /// The type of a field or argument.
    ty: Option<Type>,
    default: Option<String>,
    /// Reason of the deprecation; empty where none is given.
    deprecated: Option<String>,
    /// The interfaces of an object, or the members of a union.
    related: BTreeSet<String>,
    /// The first sentence of its description.
    about: String,
}

impl Element {
    fn danger_of_adding(&self) -> Danger {
        match self.role {
            Role::Argument if self.ty.as_ref().is_some_and(|ty| !ty.nullable) && self.default.is_none() => {
                Danger::Breaking
            }
            Role::Argument | Role::Value => Danger::Dangerous,
            Role::Named(_) | Role::Answer => Danger::Safe,
        }
    }

    fn introduced(&self) -> String {
        let is_new = match (&self.ty, self.danger_of_adding()) {
            (Some(_), Danger::Breaking) => "is new and required",
            _ => "is new",
        };
        if self.about.is_empty() { is_new.to_owned() } else { format!("{is_new}: {}", self.about) }
    }

    /// Tells what differs from the element as it was.
    fn differences(&self, old: &Self, mut tell: impl FnMut(Danger, String)) {
        if let (Role::Named(was), Role::Named(is)) = (old.role, self.role)
            && was != is
        {
            return tell(Danger::Breaking, format!("was {was}, and is {is}"));
        }
        if let (Some(was), Some(is)) = (&old.ty, &self.ty)
            && was != is
        {
            let is_safe = if self.role == Role::Argument { admits(is, was) } else { admits(was, is) };
            let danger = if is_safe { Danger::Safe } else { Danger::Breaking };
            tell(danger, format!("was of type `{was}`, and is of type `{is}`"));
        }
        if old.default != self.default {
            let shown =
                |default: &Option<String>| default.as_ref().map_or("none".to_owned(), |text| format!("`{text}`"));
            tell(
                Danger::Dangerous,
                format!("had the default {}, and has {}", shown(&old.default), shown(&self.default)),
            );
        }
        let relates =
            if self.role == Role::Named("a union") { ("includes", "include") } else { ("implements", "implement") };
        for gone in old.related.difference(&self.related) {
            tell(Danger::Breaking, format!("does not {} `{gone}` any more", relates.1));
        }
        for new in self.related.difference(&old.related) {
            tell(Danger::Dangerous, format!("{} `{new}` as well", relates.0));
        }
        match (&old.deprecated, &self.deprecated) {
            (None, Some(reason)) => tell(Danger::Safe, format!("is deprecated: {reason}")),
            (Some(_), None) => tell(Danger::Safe, "is no longer deprecated".to_owned()),
            _ => {}
        }
    }
}

/// Tells whether a place of the first type takes every value of the second.
fn admits(place: &Type, value: &Type) -> bool {
    let is_inner = match (&place.base, &value.base) {
        (BaseType::Named(place), BaseType::Named(value)) => place == value,
        (BaseType::List(place), BaseType::List(value)) => admits(place, value),
        _ => false,
    };
    is_inner && (place.nullable || !value.nullable)
}

/// The elements of a schema by their coordinates.
fn elements(sdl: &str) -> BTreeMap<String, Element> {
    let mut all = BTreeMap::new();
    for definition in parse_schema(sdl).map(|document| document.definitions).unwrap_or_default() {
        match definition {
            TypeSystemDefinition::Type(definition) => add_type(&mut all, definition.node),
            TypeSystemDefinition::Directive(definition) if !BUILT_IN.contains(&definition.node.name.node.as_str()) => {
                let name = format!("@{}", definition.node.name.node);
                let description = definition.node.description.map(|text| text.node);
                all.insert(name.clone(), element(Role::Named("a directive"), None, description.as_deref(), &[]));
                add_arguments(&mut all, &name, definition.node.arguments);
            }
            TypeSystemDefinition::Directive(_) | TypeSystemDefinition::Schema(_) => {}
        }
    }
    all
}

fn element(
    role: Role,
    parent: Option<&str>,
    about: Option<&str>,
    directives: &[Positioned<ConstDirective>],
) -> Element {
    let deprecated = directives.iter().find(|directive| directive.node.name.node == "deprecated");
    let reason = |directive: &Positioned<ConstDirective>| match directive.node.get_argument("reason").map(|of| &of.node)
    {
        Some(ConstValue::String(reason)) => reason.clone(),
        _ => String::new(),
    };
    Element {
        role,
        parent: parent.map(str::to_owned),
        ty: None,
        default: None,
        deprecated: deprecated.map(reason),
        related: BTreeSet::new(),
        about: sentence(about.unwrap_or_default()),
    }
}

/// The first sentence of a description, in one line.
fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text,
    }
}

fn add_type(all: &mut BTreeMap<String, Element>, definition: TypeDefinition) {
    let name = definition.name.node.to_string();
    let (mut related, mut fields) = (Vec::new(), Vec::new());
    let kind = match definition.kind {
        TypeKind::Scalar => "a scalar",
        TypeKind::Object(object) => {
            (related, fields) = (object.implements, object.fields);
            "an object"
        }
        TypeKind::Interface(interface) => {
            (related, fields) = (interface.implements, interface.fields);
            "an interface"
        }
        TypeKind::Union(union) => {
            related = union.members;
            "a union"
        }
        TypeKind::Enum(of) => {
            for value in of.values.into_iter().map(|value| value.node) {
                let about = value.description.as_ref().map(|text| text.node.as_str());
                let member = element(Role::Value, Some(&name), about, &value.directives);
                all.insert(format!("{name}.{}", value.value.node), member);
            }
            "an enum"
        }
        TypeKind::InputObject(object) => {
            for field in object.fields {
                let coordinate = format!("{name}.{}", field.node.name.node);
                all.insert(coordinate, argument(&name, field.node));
            }
            "an input object"
        }
    };
    let about = definition.description.as_ref().map(|text| text.node.as_str());
    let mut of = element(Role::Named(kind), None, about, &definition.directives);
    of.related = related.into_iter().map(|related| related.node.to_string()).collect();
    for field in fields.into_iter().map(|field| field.node) {
        let about = field.description.as_ref().map(|text| text.node.as_str());
        let mut member = element(Role::Answer, Some(&name), about, &field.directives);
        member.ty = Some(field.ty.node);
        let coordinate = format!("{name}.{}", field.name.node);
        add_arguments(all, &coordinate, field.arguments);
        all.insert(coordinate, member);
    }
    all.insert(name, of);
}

fn add_arguments(all: &mut BTreeMap<String, Element>, of: &str, arguments: Vec<Positioned<InputValueDefinition>>) {
    for value in arguments {
        let coordinate = format!("{of}({}:)", value.node.name.node);
        all.insert(coordinate, argument(of, value.node));
    }
}

fn argument(of: &str, value: InputValueDefinition) -> Element {
    let about = value.description.as_ref().map(|text| text.node.as_str());
    let mut element = element(Role::Argument, Some(of), about, &value.directives);
    element.ty = Some(value.ty.node);
    element.default = value.default_value.map(|default| default.node.to_string());
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        changes(before, after)
            .into_iter()
            .map(|change| format!("{:?}: {} {}", change.danger, change.coordinate, change.what))
            .collect()
    }

    #[test]
    fn what_clients_rely_on_breaks_them() {
        let before = "type Query { a: Int b(x: Int): Int! c: [Int] d: Int } enum E { ONE TWO } input I { x: Int! = 1 } union U = Query";
        let after = "type Query { a: String b(x: Int!, y: Int!): Int c: [Int!] } enum E { ONE } input I { x: Int! y: Int! } scalar U";
        assert_eq!(
            told(before, after),
            [
                "Breaking: E.TWO is removed",
                "Dangerous: I.x had the default `1`, and has none",
                "Breaking: I.y is new and required",
                "Breaking: Query.a was of type `Int`, and is of type `String`",
                "Breaking: Query.b was of type `Int!`, and is of type `Int`",
                "Breaking: Query.b(x:) was of type `Int`, and is of type `Int!`",
                "Breaking: Query.b(y:) is new and required",
                "Safe: Query.c was of type `[Int]`, and is of type `[Int!]`",
                "Breaking: Query.d is removed",
                "Breaking: U was a union, and is a scalar",
            ]
        );
    }

    #[test]
    fn what_is_added_breaks_nobody() {
        let before = "type Query { a(x: Int!): Int } enum E { ONE } union U = Query";
        let after = r#"type Query { a(x: Int, y: Int = 1): Int @deprecated(reason: "Ask `b`.") "The first. And more." b: T }
            type T { c: Int } enum E { ONE TWO } union U = Query | T directive @d(x: Int) on FIELD"#;
        assert_eq!(
            told(before, after),
            [
                "Safe: @d is new",
                "Dangerous: E.TWO is new",
                "Safe: Query.a is deprecated: Ask `b`.",
                "Safe: Query.a(x:) was of type `Int!`, and is of type `Int`",
                "Dangerous: Query.a(y:) is new",
                "Safe: Query.b is new: The first.",
                "Safe: T is new",
                "Dangerous: U includes `T` as well",
            ]
        );
        assert_eq!(told(after, after), Vec::<String>::new());
    }
}
