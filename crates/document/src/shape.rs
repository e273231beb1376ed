//! The check of a document's shape against the input types of the schema: fields, types, enums, scalars, links.
//!
//! It reports every problem of a document at once: where a value is wrong, a stand-in of the right type takes its place, so
//! that the rest of the document can still be checked. What later rules say about a stand-in is dropped.
use std::borrow::Borrow;

use async_graphql::{
    Value as GraphValue,
    indexmap::IndexMap,
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use serde_json::{Map, Value};

use super::{
    Findings, LinkTo, Path, Tree, TreeValue,
    tree::Name,
    wording::{first_sentence, listed, noun, places, quoted, scalar_message, similar},
};
use crate::{
    DocumentField,
    characters::{Layout, flaw, is_private, named},
    rich_text,
    scalar::Duration,
};

/// A field that a mapping may have.
pub(super) trait Allowed {
    /// Its type and description.
    fn shape(&self) -> &MetaInputValue;
}

impl Allowed for MetaInputValue {
    fn shape(&self) -> &MetaInputValue {
        self
    }
}

impl Allowed for DocumentField {
    fn shape(&self) -> &MetaInputValue {
        &self.shape
    }
}

/// Position of the walk: made into a [`Path`] only where there is something to say, because most values are right.
#[derive(Clone, Copy)]
pub(super) enum At<'a> {
    /// The document itself.
    Document,
    /// A field of a mapping.
    Field(&'a At<'a>, &'a str),
    /// An item of a list.
    Item(&'a At<'a>, usize),
}

impl At<'_> {
    fn path(self) -> Path {
        match self {
            Self::Document => Path::default(),
            Self::Field(parent, name) => parent.path().then(name),
            Self::Item(parent, index) => parent.path().then(index),
        }
    }
}

/// Walks a document along its type.
pub(super) struct Shape<'a> {
    pub(super) types: &'a Registry,
    /// The kind that a scalar links to: `CareerSlug` to `career`.
    pub(super) link_kind: &'a dyn Fn(&str) -> Option<&'static str>,
    pub(super) findings: &'a mut Findings,
    pub(super) links: Vec<LinkTo>,
    /// Places where a stand-in took the place of a wrong value.
    pub(super) stand_ins: Vec<Path>,
}

impl Shape<'_> {
    /// The fields of a mapping that may have `allowed` fields, as JSON without nulls.
    pub(super) fn fields<F: Borrow<(Name, Tree)>, A: Allowed>(
        &mut self,
        fields: &[F],
        allowed: &IndexMap<String, A>,
        path: &At<'_>,
        whose: &str,
    ) -> Map<String, Value> {
        let mut values = Map::new();
        let named = |fields: &[F], name: &str| fields.iter().position(|field| field.borrow().0.text == name);
        for (index, field) in fields.iter().enumerate() {
            let (name, value) = field.borrow();
            let at = At::Field(path, &name.text);
            if let Some(first) = named(&fields[..index], &name.text) {
                let first = &fields[first].borrow().0;
                let message = format!("`{}` appears twice{}; keep one of them", name.text, places(first, name));
                self.findings.error("duplicate-field", at.path(), message);
                continue;
            }
            let Some(field) = allowed.get(&name.text) else {
                self.unknown(&name.text, allowed.keys().map(String::as_str), at.path(), whose);
                continue;
            };
            let checked = self.value(&field.shape().ty, value, &at);
            if !checked.is_null() {
                values.insert(name.text.clone(), checked);
            }
        }
        for field in allowed.values().map(Allowed::shape).filter(|field| is_required(field)) {
            if values.contains_key(&field.name) {
                continue;
            }
            let at = At::Field(path, &field.name).path();
            if named(fields, &field.name).is_none() {
                let about = field.description.as_deref().map(first_sentence).unwrap_or_default();
                self.findings.error("missing-field", at.clone(), format!("`{whose}` needs `{}`: {about}", field.name));
            }
            values.insert(field.name.clone(), self.stand_in(&field.ty));
            self.stand_ins.push(at);
        }
        values
    }

    fn unknown<'a>(&mut self, name: &str, allowed: impl Iterator<Item = &'a str> + Clone, at: Path, whose: &str) {
        if let Some(hint) = self.range_hint(name, whose) {
            return self.findings.error("unknown-field", at, format!("`{whose}` has no field `{name}`: {hint}"));
        }
        let hint = match similar(name, allowed.clone()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("it has {}", listed(allowed)),
        };
        self.findings.error("unknown-field", at, format!("`{whose}` has no field `{name}`; {hint}"));
    }

    /// Hint for an end of a range where a single figure stands: where ranges of such figures do.
    fn range_hint(&self, name: &str, whose: &str) -> Option<String> {
        let range = format!("{whose}RangeInput");
        if !["low", "high"].contains(&name) || !self.types.types.contains_key(&range) {
            return None;
        }
        let mut places = Vec::new();
        for (owner, ty) in &self.types.types {
            let MetaType::InputObject { input_fields, .. } = ty else { continue };
            let fields = input_fields.values().filter(|field| field.ty.trim_end_matches('!') == range);
            let owner = owner.strip_suffix("Input").unwrap_or(owner);
            places.extend(fields.map(|field| format!("{owner}.{}", field.name)));
        }
        let places = listed(places.iter().map(String::as_str));
        Some(format!("it is one figure, not a range. Ranges with `low` and `high` belong in {places}"))
    }

    fn value(&mut self, ty: &str, tree: &Tree, path: &At<'_>) -> Value {
        if let TreeValue::Null = tree.value {
            if MetaTypeName::create(ty).is_non_null() {
                return self.wrong(ty, "needs a value; it is empty here".into(), path);
            }
            return Value::Null;
        }
        match MetaTypeName::create(ty) {
            MetaTypeName::NonNull(inner) => self.value(inner, tree, path),
            MetaTypeName::List(item) => match &tree.value {
                TreeValue::List(items) => items
                    .iter()
                    .enumerate()
                    .map(|(index, value)| self.value(item, value, &At::Item(path, index)))
                    .collect::<Vec<_>>()
                    .into(),
                other => self.wrong(ty, format!("takes a list, not {}", noun(other)), path),
            },
            MetaTypeName::Named(name) => self.named(name, tree, path),
        }
    }

    fn named(&mut self, name: &str, tree: &Tree, path: &At<'_>) -> Value {
        match (self.types.types.get(name), &tree.value) {
            (Some(MetaType::InputObject { input_fields, .. }), TreeValue::Map(fields)) => {
                let whose = name.strip_suffix("Input").unwrap_or(name);
                let values = self.fields(fields, input_fields, path, whose);
                self.range(&values, input_fields, path);
                values.into()
            }
            (Some(MetaType::InputObject { .. }), other) => {
                self.wrong(name, format!("takes a mapping of fields, not {}", noun(other)), path)
            }
            (Some(MetaType::Enum { enum_values, .. }), TreeValue::Text(text)) if enum_values.contains_key(text) => {
                text.clone().into()
            }
            (Some(MetaType::Enum { enum_values, .. }), other) => {
                let values = listed(enum_values.keys().map(String::as_str));
                let close = match other {
                    TreeValue::Text(text) => similar(text, enum_values.keys().map(String::as_str)),
                    _ => None,
                };
                let hint = close.map(|close| format!("; did you mean `{close}`?")).unwrap_or_default();
                self.unknown_value(name, format!("takes {values}, not {}{hint}", quoted(other)), path)
            }
            (Some(MetaType::Scalar { is_valid, description, .. }), value) => {
                let Some(graph) = plain(value) else {
                    return self.wrong(name, format!("takes a single value, not {}", noun(value)), path);
                };
                let is_text = self.characters(name, value, path);
                // GraphQL has no larger ones.
                let fits = !matches!((name, value), ("Int", TreeValue::Int(number)) if i32::try_from(*number).is_err());
                if !fits || !is_valid.as_ref().is_none_or(|is_valid| is_valid(&graph)) {
                    if !is_text {
                        self.stand_ins.push(path.path());
                        return self.stand_in(name);
                    }
                    let message = scalar_message(name, description.as_deref(), value);
                    return self.wrong(name, message, path);
                }
                if let ("Markdown", TreeValue::Text(text)) = (name, value)
                    && let Some(excess) = rich_text::excess(text)
                {
                    self.findings.error("oversized-prose", path.path(), format!("the text {excess}"));
                }
                let json = graph.into_json().unwrap_or_default();
                self.private(&json, path);
                if let (Some(kind), Value::String(slug)) = ((self.link_kind)(name), &json) {
                    self.links.push(LinkTo { kind, slug: slug.clone(), path: path.path() });
                }
                json
            }
            _ => unreachable!("`{name}` is an input type and registered"),
        }
    }

    /// Ranges are `{low, high}` everywhere: `low-above-high`, and `empty-range` where neither end is given.
    fn range(&mut self, values: &Map<String, Value>, fields: &IndexMap<String, MetaInputValue>, path: &At<'_>) {
        if !(fields.contains_key("low") && fields.contains_key("high")) {
            return;
        }
        let is_stand_in = |end| !self.stand_ins.is_empty() && self.stand_ins.contains(&At::Field(path, end).path());
        if is_stand_in("low") || is_stand_in("high") {
            return;
        }
        let length = |end: &Value| match end {
            Value::String(text) => Duration::parse(text).map(|duration| duration.months()),
            number => number.as_f64(),
        };
        match (values.get("low"), values.get("high")) {
            (None, None) => self.findings.error("empty-range", path.path(), "give `low`, `high` or both"),
            (Some(low), Some(high)) if length(low) > length(high) => {
                let message = format!("`low` is {low}, above `high`, which is {high}; swap or correct them");
                self.findings.error("low-above-high", At::Field(path, "low").path(), message);
            }
            _ => {}
        }
    }

    fn wrong(&mut self, ty: &str, message: String, path: &At<'_>) -> Value {
        self.findings.error("wrong-type", path.path(), message);
        self.stand_ins.push(path.path());
        self.stand_in(ty)
    }

    /// Rule `character`: a text holds what a reader, a database or a terminal cannot do with. The text stays as it is: it may be stored
    /// already. False where there is something to say.
    fn characters(&mut self, ty: &str, value: &TreeValue, path: &At<'_>) -> bool {
        let TreeValue::Text(text) = value else { return true };
        let Some(flaw) = flaw(text, layout(ty)) else { return true };
        self.findings.error("character", path.path(), format!("the text {flaw}"));
        false
    }

    /// Rule `private-character`: characters that have a meaning in one font only, such as the bullets of a word processor.
    fn private(&mut self, value: &Value, path: &At<'_>) {
        let Some(character) = value.as_str().and_then(|text| text.chars().find(|character| is_private(*character)))
        else {
            return;
        };
        let message = format!(
            "{} has no meaning outside of one font; write the character that readers should see",
            named(character)
        );
        self.findings.warning("private-character", path.path(), message);
    }

    fn unknown_value(&mut self, ty: &str, message: String, path: &At<'_>) -> Value {
        self.findings.error("unknown-value", path.path(), message);
        self.stand_ins.push(path.path());
        self.stand_in(ty)
    }

    /// The smallest valid value of a type.
    fn stand_in(&self, ty: &str) -> Value {
        const CANDIDATES: [&str; 7] = ["x", "2000-01-01", "P1Y", "https://example.org", "US", "0", ""];
        match MetaTypeName::create(ty) {
            MetaTypeName::NonNull(inner) => self.stand_in(inner),
            MetaTypeName::List(_) => Value::Array(Vec::new()),
            MetaTypeName::Named(name) => match self.types.types.get(name) {
                Some(MetaType::InputObject { input_fields, .. }) => input_fields
                    .values()
                    .filter(|field| is_required(field))
                    .map(|field| (field.name.clone(), self.stand_in(&field.ty)))
                    .collect::<Map<_, _>>()
                    .into(),
                Some(MetaType::Enum { enum_values, .. }) => enum_values.keys().next().cloned().into(),
                Some(MetaType::Scalar { is_valid: Some(is_valid), .. }) => CANDIDATES
                    .iter()
                    .map(|text| Value::from(*text))
                    .chain([Value::from(0), Value::from(false)])
                    .find(|value| is_valid(&GraphValue::from_json(value.clone()).unwrap_or_default()))
                    .unwrap_or_default(),
                _ => Value::Null,
            },
        }
    }
}

/// Layout of the text of a scalar.
fn layout(scalar: &str) -> Layout {
    if scalar == "Markdown" { Layout::Prose } else { Layout::Line }
}

/// Tells whether a mapping must have the field.
pub(super) fn is_required(field: &MetaInputValue) -> bool {
    field.ty.ends_with('!') && field.default_value.is_none()
}

/// A scalar value as the schema's types see it.
fn plain(value: &TreeValue) -> Option<GraphValue> {
    Some(match value {
        TreeValue::Bool(value) => (*value).into(),
        TreeValue::Int(value) => (*value).into(),
        TreeValue::Float(value) => (*value).into(),
        TreeValue::Text(value) => value.as_str().into(),
        TreeValue::Null | TreeValue::List(_) | TreeValue::Map(_) => return None,
    })
}
