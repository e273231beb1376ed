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
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    characters::{Layout, flaw, is_private, named},
    content::{Content, DocumentField},
    rich_text,
    scalar::{Duration, is_slug},
};

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

    /// Rule `broken-link`: what to say where its entry has another slug now. The old one leads on, but lists would not find the link.
    pub(crate) fn renamed(&self, now: &str) -> Finding {
        let Self { kind, slug, path } = self;
        let message = format!("the {kind} `{slug}` was renamed to `{now}`; link to that");
        Finding { severity: Severity::Error, rule: "broken-link", path: path.clone(), message }
    }
}

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

/// Where the walk is: made into a [`Path`] only where there is something to say, because most values are right.
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
    /// Where a stand-in took the place of a wrong value.
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
                let message = format!("`{}` stands twice{}; keep one of them", name.text, places(first, name));
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
        for field in allowed.values().map(Allowed::shape).filter(|field| required(field)) {
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

    /// What to say of an end of a range where a single figure stands: where ranges of such figures do.
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
        Some(format!("it is one figure, not a range. Ranges with `low` and `high` stand in {places}"))
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
                if !is_valid.as_ref().is_none_or(|is_valid| is_valid(&graph)) {
                    if !is_text {
                        self.stand_ins.push(path.path());
                        return self.stand_in(name);
                    }
                    let message = Self::scalar_message(name, description.as_deref(), value);
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
                let message = format!("`low` is {low} and above `high`, which is {high}; swap or mend them");
                self.findings.error("low-above-high", At::Field(path, "low").path(), message);
            }
            _ => {}
        }
    }

    fn scalar_message(name: &str, description: Option<&str>, value: &TreeValue) -> String {
        if let (TreeValue::Text(text), "Float" | "Int") = (value, name)
            && let Some(number) = number_in(text)
        {
            return format!("takes a number, not the text {}; write {number} without quotes", quoted(value));
        }
        if let (TreeValue::Text(text), "Slug") = (value, name)
            && let Some(slug) = slug_for(text)
        {
            let rule = expected(description);
            return format!("{} is not a valid `Slug`; write `{slug}`: {rule}", quoted(value));
        }
        let hint = match (name, value) {
            ("String" | "Text" | "Markdown" | "Slug", TreeValue::Int(_) | TreeValue::Float(_) | TreeValue::Bool(_)) => {
                format!("; put it in quotes, `'{}'`", quoted(value).trim_matches('`'))
            }
            _ => String::new(),
        };
        match name {
            "String" => format!("takes text, not {}{hint}", noun(value)),
            "Int" => format!("takes a whole number, not {}", quoted(value)),
            "Float" => format!("takes a number, not {}", quoted(value)),
            "Boolean" => format!("takes true or false, not {}", quoted(value)),
            _ => {
                let rule = expected(description);
                format!("{} is not a valid `{name}`{hint}: {rule}", quoted(value))
            }
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
            "{} has no meaning outside of one font; write the character that readers are to see",
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

/// How text of a scalar is laid out.
fn layout(scalar: &str) -> Layout {
    if scalar == "Markdown" { Layout::Prose } else { Layout::Line }
}

fn required(field: &MetaInputValue) -> bool {
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

/// Where a field stands twice: nothing where that is not known.
fn places(first: &Name, again: &Name) -> String {
    match (first.line, again.line) {
        (0, _) => String::new(),
        (line, other) if line == other => format!(", in columns {} and {}", first.column, again.column),
        (line, other) => format!(", in lines {line} and {other}"),
    }
}

/// The number that a text was meant to be: `48000`, `48,000` and `$48,000`.
fn number_in(text: &str) -> Option<String> {
    let digits: String =
        text.trim().trim_start_matches('$').chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '-') && digits.parse::<f64>().is_ok();
    is_number.then_some(digits)
}

/// The slug that a name was meant to be. Signs that tell names apart are written out: C, C++ and C# are three.
fn slug_for(text: &str) -> Option<String> {
    let mut words = String::new();
    for character in text.nfd() {
        match character {
            '+' => words.push_str("-plus-"),
            '#' => words.push_str("-sharp-"),
            '&' => words.push_str("-and-"),
            '%' => words.push_str("-percent-"),
            '@' => words.push_str("-at-"),
            '.' => words.push_str("-dot-"),
            '\'' | '\u{2019}' | '\u{300}'..='\u{36f}' => {}
            character if character.is_alphanumeric() => words.extend(character.to_lowercase()),
            _ => words.push('-'),
        }
    }
    let slug = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    is_slug(&slug).then_some(slug)
}

/// A value as a message tells it: the beginning of a text, and of what has parts only what it is.
pub(super) fn quoted(value: &TreeValue) -> String {
    /// Maximum number of characters of a text that are told.
    const SHOWN: usize = 60;
    match value {
        TreeValue::Text(text) if text.is_empty() => "empty text".to_owned(),
        TreeValue::Text(text) => {
            let short: String = text.chars().take(SHOWN).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("`{}{more}`", short.replace('\n', " "))
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

/// The rule of a scalar as the end of a sentence.
fn expected(description: Option<&str>) -> String {
    let rule = description.unwrap_or_default().trim_end_matches('.');
    let mut characters = rule.chars();
    let first = characters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("expected {first}{}", characters.as_str())
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// The name that was probably meant.
pub(super) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (lower, length) = (name.to_lowercase(), name.chars().count());
    known
        // What is much longer is not meant, and comparing it would take long.
        .filter(|candidate| length.abs_diff(candidate.len()) <= 1 + candidate.len() / 4)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(name.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_a_sign_have_slugs_that_differ() {
        let slugs = ["C", "C++", "C#", ".NET", "R&D", "Café"].map(|name| slug_for(name).unwrap_or_default());
        assert_eq!(slugs, ["c", "c-plus-plus", "c-sharp", "dot-net", "r-and-d", "cafe"]);
        assert_eq!(slug_for("看護師"), None);
        assert_eq!(number_in("$48,000").as_deref(), Some("48000"));
        assert_eq!(number_in("about 5"), None);
    }

    #[test]
    fn a_misspelt_name_finds_the_name_that_was_meant() {
        let known = || ["title", "summary", "roles"].into_iter();
        assert_eq!(similar("titel", known()), Some("title"));
        assert_eq!(similar("role", known()), Some("roles"));
        assert_eq!(similar("Summary", known()), Some("summary"));
        assert_eq!(similar("pay", known()), None);
    }
}
