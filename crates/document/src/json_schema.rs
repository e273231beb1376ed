//! JSON Schema of documents, made from what they are checked by: for editors, which complete and check YAML while it is typed.
//!
//! It is of draft 7, which the language servers of editors know best. It takes every document that the check takes, but for fields that are
//! there and empty: with a choice of null at each, an editor would say no more than that nothing fits. Of the rules of the check, it has
//! those that a schema can say.
use async_graphql::registry::{MetaEnumValue, MetaInputValue, MetaType, MetaTypeName};
use serde_json::{Map, Value, json};

use crate::{KindSpec, Kinds, reshaping::SHAPE, shape::is_required};

/// Rule of a slug.
const SLUG: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

/// The schema of the documents of a kind; of all kinds, told apart by `kind`, where none is given.
pub fn json_schema(kinds: &Kinds, kind: Option<&KindSpec>) -> Value {
    let mut schema = json!({ "$schema": "http://json-schema.org/draft-07/schema#" });
    let of = match kind {
        Some(kind) => document(kinds, kind),
        None => any(kinds),
    };
    let definitions: Map<String, Value> = kinds
        .input_types
        .types
        .iter()
        .filter(|(_, ty)| matches!(ty, MetaType::InputObject { .. } | MetaType::Enum { .. }))
        .map(|(name, ty)| (name.clone(), definition(kinds, ty)))
        .collect();
    let used = used(&of, &definitions);
    if let (Some(schema), Value::Object(of)) = (schema.as_object_mut(), of) {
        schema.extend(of);
        schema.insert("definitions".to_owned(), used.into());
    }
    schema
}

/// One of the kinds, by the word in the field `kind`: an editor says what is wrong with that one, and not with all.
fn any(kinds: &Kinds) -> Value {
    let names: Vec<_> = kinds.kinds().map(|kind| kind.name).collect();
    let each: Vec<_> = kinds
        .kinds()
        .map(|kind| json!({ "if": { "properties": { "kind": { "const": kind.name } }, "required": ["kind"] }, "then": document(kinds, kind) }))
        .collect();
    json!({
        "title": "Document",
        "type": "object",
        "required": ["kind"],
        "properties": { "kind": { "enum": names, "description": "The kind of the document, which says what other fields it has." } },
        "allOf": each,
    })
}

fn document(kinds: &Kinds, kind: &KindSpec) -> Value {
    let mut slug = scalar(kinds, "Slug");
    slug["description"] = "The key, unique among its kind and part of every link to it: lower-case letters and digits, joined by single hyphens.".into();
    let own = [
        (
            "kind".to_owned(),
            json!({ "const": kind.name, "description": format!("An object of type `{}`.", kind.object) }),
        ),
        ("slug".to_owned(), slug),
    ];
    let shape = kind.shape().map(|day| (SHAPE.to_owned(), shape(day)));
    let fields = kind.fields.iter().map(|(name, field)| (name.clone(), property(kinds, &field.shape)));
    let properties: Map<_, _> = own.into_iter().chain(shape).chain(fields).collect();
    let required = kind.fields.values().map(|field| &field.shape).filter(|shape| is_required(shape));
    let required: Vec<_> = ["kind", "slug"].into_iter().chain(required.map(|shape| shape.name.as_str())).collect();
    json!({
        "title": kind.object,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema of the field that says of which day the shape of a file is.
fn shape(day: &str) -> Value {
    json!({
        "const": day,
        "description": "The day of the shape in which the file is written. A file without it is of the first shape.",
    })
}

fn property(kinds: &Kinds, field: &MetaInputValue) -> Value {
    let mut property = of_type(kinds, &field.ty);
    let rule = property.get("description").and_then(Value::as_str);
    let about: Vec<_> = field.description.as_deref().into_iter().chain(rule).collect();
    let about = about.join("\n\n");
    // What stands beside a reference counts for nothing.
    if property.get("$ref").is_some() {
        property = json!({ "allOf": [property] });
    }
    if let Some(property) = property.as_object_mut() {
        property.insert("description".to_owned(), about.into());
    }
    property
}

/// The schema of a type. Scalars stand where they are used, so that an editor shows the sentence of the field, and then their rule.
fn of_type(kinds: &Kinds, ty: &str) -> Value {
    match MetaTypeName::create(ty) {
        MetaTypeName::List(item) => json!({ "type": "array", "items": of_type(kinds, item) }),
        MetaTypeName::NonNull(inner) => of_type(kinds, inner),
        MetaTypeName::Named(name) => match kinds.input_types.types.get(name) {
            Some(scalar @ MetaType::Scalar { .. }) => definition(kinds, scalar),
            _ => json!({ "$ref": format!("#/definitions/{name}") }),
        },
    }
}

fn definition(kinds: &Kinds, ty: &MetaType) -> Value {
    let mut definition = match ty {
        MetaType::InputObject { input_fields, .. } => {
            let properties: Map<_, _> =
                input_fields.iter().map(|(name, field)| (name.clone(), property(kinds, field))).collect();
            let required: Vec<_> =
                input_fields.values().filter(|field| is_required(field)).map(|field| field.name.as_str()).collect();
            let mut object = json!({
                "type": "object", "properties": properties, "required": required, "additionalProperties": false
            });
            if input_fields.contains_key("low") && input_fields.contains_key("high") {
                object["anyOf"] = json!([{ "required": ["low"] }, { "required": ["high"] }]);
            }
            object
        }
        MetaType::Enum { enum_values, .. } => {
            let about = |value: &MetaEnumValue| value.description.clone().unwrap_or_default();
            let names: Vec<_> = enum_values.keys().collect();
            let about: Vec<_> = enum_values.values().map(about).collect();
            json!({ "enum": names, "markdownEnumDescriptions": about })
        }
        MetaType::Scalar { name, .. } => scalar(kinds, name),
        _ => json!({}),
    };
    let about = match ty {
        MetaType::InputObject { description, .. }
        | MetaType::Enum { description, .. }
        | MetaType::Scalar { description, .. } => description.clone(),
        _ => None,
    };
    if let (Some(definition), Some(about)) = (definition.as_object_mut(), about) {
        definition.insert("description".to_owned(), about.into());
    }
    definition
}

fn scalar(kinds: &Kinds, name: &str) -> Value {
    match name {
        "Int" => json!({ "type": "integer" }),
        "Float" => json!({ "type": "number" }),
        "Boolean" => json!({ "type": "boolean" }),
        "Slug" => json!({ "type": "string", "pattern": SLUG, "maxLength": 200 }),
        "Date" => json!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        "URL" => json!({ "type": "string", "format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?:" }),
        "Duration" => json!({ "type": "string", "pattern": "^P(?=[0-9])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?$" }),
        "Text" => json!({ "type": "string", "minLength": 1, "pattern": "^\\S([^\\n\\r]*\\S)?$" }),
        name if kinds.link_kind(name).is_some() => json!({ "type": "string", "pattern": SLUG, "maxLength": 200 }),
        _ => json!({ "type": "string" }),
    }
}

/// The definitions that a schema leads to.
fn used(of: &Value, all: &Map<String, Value>) -> Map<String, Value> {
    let (mut found, mut open) = (Map::new(), vec![of]);
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                    let name = name.rsplit('/').next().unwrap_or_default();
                    if !found.contains_key(name)
                        && let Some(definition) = all.get(name)
                    {
                        found.insert(name.to_owned(), definition.clone());
                        open.push(definition);
                    }
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}
