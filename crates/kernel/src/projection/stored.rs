//! Which fields are stored as they are answered: the types of what is stored, those of the input, beside the types of the answer.
use std::collections::HashMap;

use async_graphql::{
    Value,
    indexmap::IndexMap,
    registry::{MetaField, MetaInputValue, MetaType, Registry},
};

use crate::{
    catalog::Catalog,
    map::Map,
    open::Nodes,
    plan::{Projected, StoredField, StoredObject, StoredTypes, StoredValue},
};

/// Finds out which fields of all sections are stored as they are answered, among those whose types in the answer are known, by kind
/// and name; `answered` has the types of the answer.
pub(crate) fn find_stored(
    catalog: &mut Catalog,
    fields: &HashMap<(&'static str, String), String>,
    answered: &Registry,
) {
    let mut finder = Finder { catalog: &*catalog, answered, objects: Vec::new(), known: HashMap::new() };
    let mut found: HashMap<&'static str, HashMap<String, StoredField>> = HashMap::new();
    for kind in catalog.kinds() {
        for (name, field) in &kind.fields {
            let answered = fields.get(&(kind.name, name.clone()));
            let stored = answered.and_then(|answered| finder.field(answered, &field.shape));
            found.entry(kind.name).or_default().extend(stored.map(|stored| (name.clone(), stored)));
        }
    }
    let types = StoredTypes(finder.objects);
    let projected = catalog.of_mut::<Projected>();
    (projected.types, projected.fields) = (types, found);
}

struct Finder<'a> {
    catalog: &'a Catalog,
    answered: &'a Registry,
    objects: Vec<StoredObject>,
    /// The numbers of objects, by their types in the answer and in the input.
    known: HashMap<(&'a str, &'a str), usize>,
}

impl<'a> Finder<'a> {
    fn field(&mut self, answered: &'a str, stored: &'a MetaInputValue) -> Option<StoredField> {
        let missing = match stored.default_value.as_deref() {
            Some("[]") => Some(Value::List(Vec::new())),
            Some("false") => Some(Value::Boolean(false)),
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
        let is_scalar = matches!(self.catalog.input_types.types.get(stored)?, MetaType::Scalar { .. });
        match self.answered.types.get(answered)? {
            MetaType::Scalar { .. } => {
                let is_same = is_scalar && (answered == stored || answered == "String") && answered != "ID";
                is_same.then_some(StoredValue::Leaf)
            }
            MetaType::Enum { .. } => (answered == stored).then_some(StoredValue::Leaf),
            MetaType::Object { .. } if stored == "Markdown" => (answered == "RichText").then_some(StoredValue::Prose),
            MetaType::Object { .. } if is_scalar => {
                let kind = self.catalog.kind(self.catalog.link_kind(stored)?)?;
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
        let (catalog, types) = (self.catalog, self.answered);
        let MetaType::InputObject { input_fields, .. } = catalog.input_types.types.get(stored)? else { return None };
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
        if let (Some(node), Some(key)) = (catalog.of::<Nodes>().0.get(answered), input_fields.get("key"))
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
        let is_slug = named(&answered.ty) == "String" && self.catalog.link_kind(named(&link.ty)).is_some();
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
