//! YAML with the place of every value, duplicate keys kept: what the check needs and a plain value has lost. JSON is read
//! without places, which is much faster; being YAML, it can be read again with them.
use std::marker::PhantomData;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{DuplicateKeyPolicy, Error, Spanned, UserMessageFormatter};

use super::{Finding, Path, Severity, Step};

/// A value of a YAML file and its place.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The value.
    pub value: TreeValue,
    /// The line it starts on, from 1.
    pub line: u64,
    /// The column it starts in, from 1.
    pub column: u64,
}

/// A YAML value.
#[derive(Clone, Debug)]
pub enum TreeValue {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// Fields in the order of the file, duplicates included.
    Map(Vec<(Name, Tree)>),
}

/// The name of a field and its place.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Its line, from 1.
    pub line: u64,
    /// Its column, from 1.
    pub column: u64,
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), line: 0, column: 0 }
    }
}

/// Reads one YAML document. What is no YAML comes back as a finding of the rule `yaml` with its line and column.
pub fn parse(text: &str) -> Result<Tree, (Finding, u64, u64)> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        // Words are text and codes keep their zeros, as in YAML 1.2: `y`, `no`, `0113`, `1_000`.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location();
        let message = in_words(text, error.without_snippet());
        let finding = Finding { severity: Severity::Error, rule: "yaml", path: Path::default(), message };
        (finding, place.map_or(1, |at| at.line()), place.map_or(1, |at| at.column()))
    })
}

/// Message for a document that grows without end.
const TOO_LARGE: &str =
    "the document is too large or too deep once its aliases (`*name`) are followed; write out what they stand for";

/// Problem of a text that is no YAML, in the words of somebody who writes it.
fn in_words(text: &str, error: &Error) -> String {
    let line = error.location().and_then(|at| text.lines().nth(usize::try_from(at.line()).ok()?.checked_sub(1)?));
    if line.is_some_and(|line| line.trim_start_matches(' ').starts_with('\t')) {
        return "the indentation contains a tab; indent with spaces".to_owned();
    }
    match error {
        Error::MultipleDocuments { .. } => {
            "a second document begins here, and a file may hold only one: delete a `---` that nothing follows, move the document to a file of its \
             own, or write one document in each line of a .jsonl file"
                .to_owned()
        }
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            TOO_LARGE.to_owned()
        }
        Error::UnknownAnchor { .. } => {
            "an alias (`*name`) has no anchor (`&name`) before it; put a text that begins with `*` in quotes".to_owned()
        }
        error => {
            let message = error.render_with_formatter(&UserMessageFormatter);
            let message = message.lines().next().unwrap_or_default();
            // A budget that was spent within an alias comes as text.
            if message.contains("limits breached") {
                return TOO_LARGE.to_owned();
            }
            format!("it is not valid YAML: {}", message.split(" at line ").next().unwrap_or_default())
        }
    }
}

impl Tree {
    /// The value of a field of a mapping.
    pub fn get(&self, field: &str) -> Option<&Self> {
        match &self.value {
            TreeValue::Map(fields) => fields.iter().find(|(name, _)| name.text == field).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The line and column of a path: of the field's name, of the item, or of the nearest parent that the file has.
    pub fn locate(&self, path: &Path) -> (u64, u64) {
        let mut tree = self;
        let mut place = (self.line, self.column);
        for step in &path.0 {
            match (step, &tree.value) {
                (Step::Field(field), TreeValue::Map(fields)) => {
                    let Some((name, value)) = fields.iter().find(|(name, _)| name.text == *field) else { break };
                    place = (name.line, name.column);
                    tree = value;
                }
                (Step::Item(index), TreeValue::List(items)) => {
                    let Some(item) = items.get(*index) else { break };
                    place = (item.line, item.column);
                    tree = item;
                }
                _ => break,
            }
        }
        place
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        WithPlaces::tree(deserializer)
    }
}

impl From<async_graphql::Value> for Tree {
    fn from(value: async_graphql::Value) -> Self {
        use async_graphql::Value;

        let value = match value {
            // No scalar of a document takes bytes.
            Value::Null | Value::Binary(_) => TreeValue::Null,
            Value::Boolean(value) => TreeValue::Bool(value),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => TreeValue::Int(whole),
                None => TreeValue::Float(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => TreeValue::Text(text),
            Value::Enum(name) => TreeValue::Text(name.to_string()),
            Value::List(items) => TreeValue::List(items.into_iter().map(Self::from).collect()),
            Value::Object(fields) => {
                let field =
                    |(name, value): (async_graphql::Name, Value)| (Name::from(name.as_str()), Self::from(value));
                TreeValue::Map(fields.into_iter().map(field).collect())
            }
        };
        Self { value, line: 0, column: 0 }
    }
}

impl From<serde_json::Value> for Tree {
    /// A tree without places.
    fn from(value: serde_json::Value) -> Self {
        let value = match value {
            serde_json::Value::Null => TreeValue::Null,
            serde_json::Value::Bool(value) => TreeValue::Bool(value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(whole) => TreeValue::Int(whole),
                None => TreeValue::Float(number.as_f64().unwrap_or_default()),
            },
            serde_json::Value::String(text) => TreeValue::Text(text),
            serde_json::Value::Array(items) => TreeValue::List(items.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(fields) => TreeValue::Map(
                fields.into_iter().map(|(name, value)| (Name::from(&*name), Self::from(value))).collect(),
            ),
        };
        Self { value, line: 0, column: 0 }
    }
}

impl From<Tree> for serde_json::Value {
    fn from(tree: Tree) -> Self {
        match tree.value {
            TreeValue::Null => Self::Null,
            TreeValue::Bool(value) => value.into(),
            TreeValue::Int(number) => number.into(),
            TreeValue::Float(number) => number.into(),
            TreeValue::Text(text) => text.into(),
            TreeValue::List(items) => items.into_iter().map(Self::from).collect(),
            TreeValue::Map(fields) => fields.into_iter().map(|(name, value)| (name.text, Self::from(value))).collect(),
        }
    }
}

/// Reads one JSON document, without the places of its values: all are 0. What is no JSON comes back as a finding of the
/// rule `json` with its line and column.
pub fn parse_json(text: &str) -> Result<Tree, (Finding, u64, u64)> {
    serde_json::from_str::<Of<WithoutPlaces>>(text).map(|tree| tree.0).map_err(|error| {
        let message = error.to_string();
        let message = format!("it is not valid JSON: {}", message.split(" at line ").next().unwrap_or_default());
        let finding = Finding { severity: Severity::Error, rule: "json", path: Path::default(), message };
        (finding, u64::try_from(error.line()).unwrap_or(1).max(1), u64::try_from(error.column()).unwrap_or(1).max(1))
    })
}

/// Format, with or without the positions of its values.
trait Places: Sized {
    fn tree<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error>;
    fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error>;
}

struct WithPlaces;

impl Places for WithPlaces {
    fn tree<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        let spanned = Spanned::<Value<Self>>::deserialize(deserializer)?;
        Ok(Tree { line: spanned.referenced.line(), column: spanned.referenced.column(), value: spanned.value.0 })
    }

    fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        let name = Spanned::<String>::deserialize(deserializer)?;
        Ok(Name { text: name.value, line: name.referenced.line(), column: name.referenced.column() })
    }
}

struct WithoutPlaces;

impl Places for WithoutPlaces {
    fn tree<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        Ok(Tree { line: 0, column: 0, value: Value::<Self>::deserialize(deserializer)?.0 })
    }

    fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        Ok(Name { text: String::deserialize(deserializer)?, line: 0, column: 0 })
    }
}

/// A tree read with or without places.
struct Of<P>(Tree, PhantomData<P>);

impl<'de, P: Places> Deserialize<'de> for Of<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(P::tree(deserializer)?, PhantomData))
    }
}

/// A name read with or without its place.
struct NameOf<P>(Name, PhantomData<P>);

impl<'de, P: Places> Deserialize<'de> for NameOf<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(P::name(deserializer)?, PhantomData))
    }
}

/// A value whose parts are read with or without places.
struct Value<P>(TreeValue, PhantomData<P>);

impl<'de, P: Places> Deserialize<'de> for Value<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor::<P>(PhantomData)).map(|value| Self(value, PhantomData))
    }
}

struct TreeVisitor<P>(PhantomData<P>);

impl<'de, P: Places> Visitor<'de> for TreeVisitor<P> {
    type Value = TreeValue;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<TreeValue, E> {
        Ok(TreeValue::Null)
    }

    fn visit_none<E>(self) -> Result<TreeValue, E> {
        Ok(TreeValue::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<TreeValue, D::Error> {
        Value::<P>::deserialize(deserializer).map(|value| value.0)
    }

    fn visit_bool<E>(self, value: bool) -> Result<TreeValue, E> {
        Ok(TreeValue::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<TreeValue, E> {
        Ok(TreeValue::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<TreeValue, E> {
        #[expect(clippy::cast_precision_loss, reason = "beyond i64 a YAML number is as good as a float")]
        Ok(i64::try_from(value).map_or(TreeValue::Float(value as f64), TreeValue::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<TreeValue, E> {
        Ok(TreeValue::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<TreeValue, E> {
        Ok(TreeValue::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<TreeValue, E> {
        Ok(TreeValue::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TreeValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Of<P>>()? {
            list.push(item.0);
        }
        Ok(TreeValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<TreeValue, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = entries.next_key::<NameOf<P>>()? {
            fields.push((name.0, entries.next_value::<Of<P>>()?.0));
        }
        Ok(TreeValue::Map(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    #[test]
    fn values_keep_their_places() {
        let tree = parse("a: 1\nb:\n  - x: [true, 2.5]\n  - ~\n").expect("it is YAML");
        assert_eq!(tree.locate(&path!["a"]), (1, 1));
        assert_eq!(tree.locate(&path!["b", 0, "x"]), (3, 5));
        assert_eq!(tree.locate(&path!["b", 0, "x", 1]), (3, 15));
        assert_eq!(tree.locate(&path!["b", 1]), (4, 5));
        assert_eq!(tree.locate(&path!["b", 0, "missing"]), (3, 5), "the nearest parent");
    }

    #[test]
    fn duplicate_keys_are_kept() {
        let tree = parse("a: 1\na: 2\n").expect("it is YAML");
        let TreeValue::Map(fields) = tree.value else { panic!("a mapping") };
        assert_eq!(fields.iter().map(|(name, _)| name.line).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn json_is_read_alike_without_places() {
        let text = r#"{"a": 1, "b": [true, 2.5, null], "a": "\u00e9"}"#;
        let (json, yaml) = (parse_json(text).expect("it is JSON"), parse(text).expect("it is YAML"));
        assert_eq!(values(&json), values(&yaml));
        assert_eq!((json.line, json.column), (0, 0));
        let (finding, line, column) = parse_json("{\"a\": [1 2]}").expect_err("a comma is missing");
        assert_eq!((finding.rule, line, column), ("json", 1, 10));
        assert_eq!(finding.message, "it is not valid JSON: expected `,` or `]`");
    }

    fn values(tree: &Tree) -> String {
        match &tree.value {
            TreeValue::List(items) => items.iter().map(values).collect::<Vec<_>>().join(", "),
            TreeValue::Map(fields) => {
                let fields = fields.iter().map(|(name, value)| format!("{}: {}", name.text, values(value)));
                fields.collect::<Vec<_>>().join(", ")
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_is_no_yaml_has_a_place() {
        let (finding, line, _) = parse("a: 1\nb: [1\nc: 2\n").expect_err("the list is not closed");
        assert_eq!(finding.rule, "yaml");
        assert!(line >= 2, "{line}");
    }
}
