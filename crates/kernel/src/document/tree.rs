//! YAML with the place of every value, duplicate keys kept: what the check needs and a plain value has lost.
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

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
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location();
        let message = error.without_snippet().to_string().lines().next().unwrap_or_default().to_owned();
        let finding = Finding { severity: Severity::Error, rule: "yaml", path: Path::default(), message };
        (finding, place.map_or(1, |at| at.line()), place.map_or(1, |at| at.column()))
    })
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
        let spanned = Spanned::<TreeValue>::deserialize(deserializer)?;
        Ok(Self { line: spanned.referenced.line(), column: spanned.referenced.column(), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for TreeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
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
        TreeValue::deserialize(deserializer)
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TreeValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(TreeValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<TreeValue, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = entries.next_key::<Spanned<String>>()? {
            let name = Name { text: name.value, line: name.referenced.line(), column: name.referenced.column() };
            fields.push((name, entries.next_value()?));
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
    fn what_is_no_yaml_has_a_place() {
        let (finding, line, _) = parse("a: 1\nb: [1\nc: 2\n").expect_err("the list is not closed");
        assert_eq!(finding.rule, "yaml");
        assert!(line >= 2, "{line}");
    }
}
