//! Which fields are stored as they are answered: the types of what is stored, those of the input, beside the types of the answer.
use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Value,
    indexmap::IndexMap,
    registry::{MetaField, MetaInputValue, MetaType, Registry},
};

use crate::{Content, request::Map};

/// The objects that sections are made of. They may hold each other, so they are named by number.
#[derive(Default)]
pub(crate) struct StoredTypes(Vec<StoredObject>);

/// An object, and those of its fields that are stored as they are answered.
pub(super) struct StoredObject {
    /// The name of its type in the answer.
    pub(super) name: String,
    /// The fields, by their names in the answer.
    pub(super) fields: Map<String, StoredField>,
}

/// A field that is stored as it is answered.
pub(crate) struct StoredField {
    /// Its name in the JSON.
    pub(super) name: Arc<str>,
    /// The answer where it is not stored; none where it always is.
    pub(super) missing: Option<Value>,
    /// How many lists its value stands in.
    pub(super) lists: usize,
    /// What its value is.
    pub(super) value: StoredValue,
}

/// A stored value.
#[derive(Clone, Copy)]
pub(super) enum StoredValue {
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
    pub(super) fn object(&self, number: usize) -> &StoredObject {
        &self.0[number]
    }
}

/// Finds out which fields of all sections are stored as they are answered; `answered` has the types of the answer.
pub(crate) fn find_stored(content: &mut Content, answered: &Registry) {
    let mut finder = Finder { content, answered, objects: Vec::new(), known: HashMap::new() };
    let mut found = HashMap::new();
    for (kind, spec) in &content.kinds {
        for (name, field) in &spec.fields {
            let stored = field.answered.as_ref().and_then(|answered| finder.field(answered, &field.shape));
            found.insert((*kind, name.clone()), stored);
        }
    }
    content.stored = StoredTypes(finder.objects);
    for (kind, spec) in &mut content.kinds {
        for (name, field) in &mut spec.fields {
            field.stored = found.remove(&(*kind, name.clone())).flatten();
        }
    }
}

struct Finder<'a> {
    content: &'a Content,
    answered: &'a Registry,
    objects: Vec<StoredObject>,
    /// The numbers of objects, by their types in the answer and in the input.
    known: HashMap<(&'a str, &'a str), usize>,
}

impl<'a> Finder<'a> {
    fn field(&mut self, answered: &'a str, stored: &'a MetaInputValue) -> Option<StoredField> {
        let missing = match stored.default_value.as_deref() {
            Some("[]") => Some(Value::List(Vec::new())),
            None if !answered.ends_with('!') => Some(Value::Null),
            _ => None,
        };
        let (mut lists, mut answered, mut input) = (0, named(answered), named(&stored.ty));
        while let (Some(answered_item), Some(input_item)) = (item(answered), item(input)) {
            (lists, answered, input) = (lists + 1, answered_item, input_item);
        }
        let value = self.value(answered, input)?;
        Some(StoredField { name: stored.name.as_str().into(), missing, lists, value })
    }

    fn value(&mut self, answered: &'a str, stored: &'a str) -> Option<StoredValue> {
        let is_scalar = matches!(self.content.input_types.types.get(stored)?, MetaType::Scalar { .. });
        match self.answered.types.get(answered)? {
            MetaType::Scalar { .. } => {
                let is_same = is_scalar && (answered == stored || answered == "String") && answered != "ID";
                is_same.then_some(StoredValue::Leaf)
            }
            MetaType::Enum { .. } => (answered == stored).then_some(StoredValue::Leaf),
            MetaType::Object { .. } if stored == "Markdown" => (answered == "RichText").then_some(StoredValue::Prose),
            MetaType::Object { .. } if is_scalar => {
                let kind = self.content.kind(self.content.link_kind(stored)?)?;
                (kind.object == answered).then_some(StoredValue::Link(kind.name))
            }
            MetaType::Object { .. } => self.object(answered, stored).map(StoredValue::Object),
            _ => None,
        }
    }

    fn object(&mut self, answered: &'a str, stored: &'a str) -> Option<usize> {
        if let Some(known) = self.known.get(&(answered, stored)) {
            return Some(*known);
        }
        let (content, types) = (self.content, self.answered);
        let MetaType::InputObject { input_fields, .. } = content.input_types.types.get(stored)? else { return None };
        let number = self.objects.len();
        self.known.insert((answered, stored), number);
        self.objects.push(StoredObject { name: answered.to_owned(), fields: Map::default() });
        let mut fields = Map::default();
        for field in types.types.get(answered)?.fields()?.values() {
            let stored = input_fields.get(&field.name).and_then(|stored| self.field(&field.ty, stored));
            let stored = stored.or_else(|| self.slug(field, input_fields));
            fields.extend(stored.map(|stored| (field.name.clone(), stored)));
        }
        // Parts that are found by their keys have ids that are made of them.
        if let (Some(node), Some(key)) = (content.nodes.get(answered), input_fields.get("key"))
            && key.ty == "Slug!"
        {
            let value = StoredValue::Key(node.kind);
            fields.insert("id".to_owned(), StoredField { name: "key".into(), missing: None, lists: 0, value });
        }
        self.objects[number].fields = fields;
        Some(number)
    }

    /// The slug of a link: `careerSlug` beside `career`.
    fn slug(&self, answered: &MetaField, stored: &'a IndexMap<String, MetaInputValue>) -> Option<StoredField> {
        let link = stored.get(answered.name.strip_suffix("Slug")?)?;
        let is_slug = named(&answered.ty) == "String" && self.content.link_kind(named(&link.ty)).is_some();
        let missing = (!link.ty.ends_with('!')).then_some(Value::Null);
        is_slug.then(|| StoredField { name: link.name.as_str().into(), missing, lists: 0, value: StoredValue::Leaf })
    }
}

/// The type without saying whether it may be null.
fn named(qualified: &str) -> &str {
    qualified.trim_end_matches('!')
}

/// The type of the items, where it is the type of a list.
fn item(list: &str) -> Option<&str> {
    list.strip_prefix('[')?.strip_suffix(']').map(named)
}
