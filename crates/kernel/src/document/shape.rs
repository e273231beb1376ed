//! The check of a document's shape against the input types of the schema: fields, types, enums, scalars, links.
//!
//! It reports every problem of a document at once: where a value is wrong, a stand-in of the right type takes its place, so
//! that the rest of the document can still be checked. What later rules say about a stand-in is dropped.
use async_graphql::{
    Value as GraphValue,
    indexmap::IndexMap,
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use serde_json::{Map, Value};

use crate::{content::Content, scalar::Duration};

use super::{Finding, Findings, Path, Severity, Tree, TreeValue, tree::Name};

/// A link to an entry, found in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTo {
    /// The kind of the entry.
    pub kind: &'static str,
    /// Its slug.
    pub slug: String,
    /// Where the link stands.
    pub path: Path,
}

impl LinkTo {
    /// Rule `broken-link`: what to say where it leads to nothing.
    pub(crate) fn broken(&self, content: &Content) -> Option<Finding> {
        let Self { slug, path, .. } = self;
        let kind = content.kind(self.kind)?;
        let (name, folder) = (kind.name, kind.folder);
        let message = match kind.broken_link {
            Severity::Error => format!("there is no {name} `{slug}`; add it to the folder {folder}"),
            Severity::Warning => format!("there is no {name} `{slug}` yet; the link is null until it is loaded"),
        };
        Some(Finding { severity: kind.broken_link, rule: "broken-link", path: path.clone(), message })
    }
}

/// Walks a document along its type.
pub(super) struct Shape<'a> {
    pub(super) types: &'a Registry,
    /// The kind that a scalar links to: `CareerSlug` to `career`.
    pub(super) link_kind: &'a dyn Fn(&str) -> Option<&'static str>,
    pub(super) findings: &'a mut Findings,
    pub(super) links: Vec<LinkTo>,
    /// Where a stand-in took the place of a wrong value.
    pub(super) stand_ins: Vec<Path>,
}

impl Shape<'_> {
    /// The fields of a mapping that may have `allowed` fields, as JSON without nulls.
    pub(super) fn fields(
        &mut self,
        fields: &[(Name, Tree)],
        allowed: &IndexMap<String, MetaInputValue>,
        path: &Path,
        whose: &str,
    ) -> Map<String, Value> {
        let mut values = Map::new();
        for (index, (name, value)) in fields.iter().enumerate() {
            let at = path.then(name.text.as_str());
            if let Some((first, _)) = fields[..index].iter().find(|(earlier, _)| earlier.text == name.text) {
                let message = format!(
                    "`{}` stands twice, in lines {} and {}; keep one of them",
                    name.text, first.line, name.line
                );
                self.findings.error("duplicate-field", at, message);
                continue;
            }
            let Some(field) = allowed.get(&name.text) else {
                self.unknown(&name.text, allowed, at, whose);
                continue;
            };
            let checked = self.value(&field.ty, value, &at);
            if !checked.is_null() {
                values.insert(name.text.clone(), checked);
            }
        }
        for field in allowed.values().filter(|field| required(field)) {
            if values.contains_key(&field.name) {
                continue;
            }
            let at = path.then(field.name.as_str());
            if fields.iter().all(|(name, _)| name.text != field.name) {
                let about = field.description.as_deref().map(first_sentence).unwrap_or_default();
                self.findings.error("missing-field", at.clone(), format!("{whose} needs `{}`: {about}", field.name));
            }
            values.insert(field.name.clone(), self.stand_in(&field.ty));
            self.stand_ins.push(at);
        }
        values
    }

    fn unknown(&mut self, name: &str, allowed: &IndexMap<String, MetaInputValue>, at: Path, whose: &str) {
        let hint = match similar(name, allowed.keys().map(String::as_str)) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("it has {}", listed(allowed.keys().map(String::as_str))),
        };
        self.findings.error("unknown-field", at, format!("{whose} has no field `{name}`; {hint}"));
    }

    fn value(&mut self, ty: &str, tree: &Tree, path: &Path) -> Value {
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
                    .map(|(index, value)| self.value(item, value, &path.then(index)))
                    .collect::<Vec<_>>()
                    .into(),
                other => self.wrong(ty, format!("takes a list, not {}", noun(other)), path),
            },
            MetaTypeName::Named(name) => self.named(name, tree, path),
        }
    }

    fn named(&mut self, name: &str, tree: &Tree, path: &Path) -> Value {
        match (self.types.types.get(name), &tree.value) {
            (Some(MetaType::InputObject { input_fields, .. }), TreeValue::Map(fields)) => {
                let whose = format!("`{}`", name.strip_suffix("Input").unwrap_or(name));
                let values = self.fields(fields, input_fields, path, &whose);
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
                self.unknown_value(name, format!("takes {values}, not {}", quoted(other)), path)
            }
            (Some(MetaType::Scalar { is_valid, description, .. }), value) => {
                let Some(json) = plain(value) else {
                    return self.wrong(name, format!("takes a single value, not {}", noun(value)), path);
                };
                let graph = GraphValue::from_json(json.clone()).unwrap_or_default();
                if !is_valid.as_ref().is_none_or(|is_valid| is_valid(&graph)) {
                    let message = Self::scalar_message(name, description.as_deref(), value);
                    return self.wrong(name, message, path);
                }
                if let (Some(kind), Value::String(slug)) = ((self.link_kind)(name), &json) {
                    self.links.push(LinkTo { kind, slug: slug.clone(), path: path.clone() });
                }
                json
            }
            _ => unreachable!("`{name}` is an input type and registered"),
        }
    }

    /// Ranges are `{low, high}` everywhere: `low-above-high`, and `empty-range` where neither end is given.
    fn range(&mut self, values: &Map<String, Value>, fields: &IndexMap<String, MetaInputValue>, path: &Path) {
        if !(fields.contains_key("low") && fields.contains_key("high")) {
            return;
        }
        let is_stand_in = |end: &str| self.stand_ins.contains(&path.then(end));
        if is_stand_in("low") || is_stand_in("high") {
            return;
        }
        let length = |end: &Value| match end {
            Value::String(text) => Duration::parse(text).map(|duration| duration.months()),
            number => number.as_f64(),
        };
        match (values.get("low"), values.get("high")) {
            (None, None) => self.findings.error("empty-range", path.clone(), "give `low`, `high` or both"),
            (Some(low), Some(high)) if length(low) > length(high) => {
                let message = format!("`low` is {low} and above `high`, which is {high}; swap or mend them");
                self.findings.error("low-above-high", path.then("low"), message);
            }
            _ => {}
        }
    }

    fn scalar_message(name: &str, description: Option<&str>, value: &TreeValue) -> String {
        let hint = match (name, value) {
            ("String" | "Text" | "Markdown" | "Slug", TreeValue::Text(_)) | ("Float", _) => "",
            ("String" | "Text" | "Markdown" | "Slug", _) => "; put it in quotes",
            _ => "",
        };
        match name {
            "String" => format!("takes text, not {}{hint}", noun(value)),
            "Int" => format!("takes a whole number, not {}", quoted(value)),
            "Float" => format!("takes a number, not {}", quoted(value)),
            "Boolean" => format!("takes true or false, not {}", quoted(value)),
            _ => {
                let rule = description.unwrap_or_default().trim_end_matches('.');
                format!("{} is no `{name}`{hint}: {rule}", quoted(value))
            }
        }
    }

    fn wrong(&mut self, ty: &str, message: String, path: &Path) -> Value {
        self.findings.error("wrong-type", path.clone(), message);
        self.stand_ins.push(path.clone());
        self.stand_in(ty)
    }

    fn unknown_value(&mut self, ty: &str, message: String, path: &Path) -> Value {
        self.findings.error("unknown-value", path.clone(), message);
        self.stand_ins.push(path.clone());
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
                    .filter(|field| required(field))
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

fn required(field: &MetaInputValue) -> bool {
    field.ty.ends_with('!') && field.default_value.is_none()
}

/// A scalar value as JSON.
fn plain(value: &TreeValue) -> Option<Value> {
    Some(match value {
        TreeValue::Bool(value) => (*value).into(),
        TreeValue::Int(value) => (*value).into(),
        TreeValue::Float(value) => (*value).into(),
        TreeValue::Text(value) => value.as_str().into(),
        TreeValue::Null | TreeValue::List(_) | TreeValue::Map(_) => return None,
    })
}

fn noun(value: &TreeValue) -> &'static str {
    match value {
        TreeValue::Null => "nothing",
        TreeValue::Bool(_) => "true or false",
        TreeValue::Int(_) | TreeValue::Float(_) => "a number",
        TreeValue::Text(_) => "text",
        TreeValue::List(_) => "a list",
        TreeValue::Map(_) => "a mapping",
    }
}

fn quoted(value: &TreeValue) -> String {
    match value {
        TreeValue::Text(text) => {
            let short: String = text.chars().take(60).collect();
            format!("`{}`", short.replace('\n', " "))
        }
        TreeValue::Int(number) => format!("`{number}`"),
        TreeValue::Float(number) => format!("`{number}`"),
        TreeValue::Bool(value) => format!("`{value}`"),
        other => noun(other).to_owned(),
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// The name that was probably meant.
pub(super) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(name.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_the_name_that_was_meant() {
        let known = || ["title", "summary", "roles"].into_iter();
        assert_eq!(similar("titel", known()), Some("title"));
        assert_eq!(similar("role", known()), Some("roles"));
        assert_eq!(similar("Summary", known()), Some("summary"));
        assert_eq!(similar("pay", known()), None);
    }
}
