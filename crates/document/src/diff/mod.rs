//! Differences: what became of a document between two of its versions.
mod pairs;
mod sentence;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, iter};

use serde_json::{Map, Value};

use self::pairs::Pairs;
pub use self::sentence::summary;
use super::Path;

/// The fields by which people know an item, the best first.
const NAMES: [&str; 5] = ["title", "name", "question", "key", "slug"];

/// The fields of a range.
const ENDS: [&str; 2] = ["low", "high"];

/// Kind of difference at a place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum, serde::Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DifferenceKind {
    /// Something was added.
    Added,
    /// The value was removed.
    Removed,
    /// The value was replaced by another one.
    Changed,
    /// An item was moved among its siblings.
    Moved,
}

/// One difference between two versions of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Kind of the difference.
    pub kind: DifferenceKind,
    /// The place in the newer version; in the older one for what was removed.
    pub path: Path,
    /// The place in the older version: for what was moved, and for what changed where that is another one.
    pub from_path: Option<Path>,
    /// Value that stood there: for what was removed or changed.
    pub before: Option<Value>,
    /// Value that stands there: for what was added or changed.
    pub after: Option<Value>,
    /// Name of the item that was added, removed or moved, as people call it; otherwise that of the nearest item around the place. For
    /// what was moved and has no name, the beginning of what it says.
    pub name: Option<String>,
}

/// The differences, in the order of the newer document; what was removed comes where it is missed.
///
/// Items of lists are matched by `key` where each has one of its own, else by `slug`. Else those with the same link are
/// matched, then equal ones, then those of one name, then similar ones, then those that follow the same item. The fewest
/// moves are reported. What is matched and differs is reported by its parts; a range with other ends, as a whole.
///
/// The changes make `after` of `before` in this order: what was removed or moved is taken out of its older place, the last
/// first and parts before their whole; what was added or moved is put in at its newer place, as listed; then what changed
/// is replaced at its newer place.
pub fn diff(before: &Value, after: &Value) -> Vec<Difference> {
    let mut changes = Differences(Vec::new());
    changes.value(&Place::default(), before, after);
    changes.0
}

/// A place in both versions, and the name of the nearest item around it.
#[derive(Default)]
struct Place {
    older: Path,
    newer: Path,
    name: Option<String>,
}

impl Place {
    fn field(&self, field: &str) -> Self {
        Self { older: self.older.then(field), newer: self.newer.then(field), name: self.name.clone() }
    }

    fn item(&self, from: usize, to: usize, item: &Value) -> Self {
        let name = if item.is_object() { name(item).map(str::to_owned) } else { None };
        Self { older: self.older.then(from), newer: self.newer.then(to), name: name.or_else(|| self.name.clone()) }
    }

    fn added(self, after: &Value) -> Difference {
        let after = Some(after.clone());
        Difference {
            kind: DifferenceKind::Added,
            path: self.newer,
            from_path: None,
            before: None,
            after,
            name: self.name,
        }
    }

    fn removed(self, before: &Value) -> Difference {
        let before = Some(before.clone());
        Difference {
            kind: DifferenceKind::Removed,
            path: self.older,
            from_path: None,
            before,
            after: None,
            name: self.name,
        }
    }

    fn changed(&self, before: &Value, after: &Value) -> Difference {
        Difference {
            kind: DifferenceKind::Changed,
            path: self.newer.clone(),
            from_path: (self.older != self.newer).then(|| self.older.clone()),
            before: Some(before.clone()),
            after: Some(after.clone()),
            name: self.name.clone(),
        }
    }

    fn moved(&self, item: &Value) -> Difference {
        let name = name(item).map_or_else(|| sentence::brief(Some(item), sentence::SENTENCE_VALUE), str::to_owned);
        let (path, from_path) = (self.newer.clone(), Some(self.older.clone()));
        Difference { kind: DifferenceKind::Moved, path, from_path, before: None, after: None, name: Some(name) }
    }
}

/// Name that people call an item by: a text is its own name.
fn name(item: &Value) -> Option<&str> {
    item.as_str().or_else(|| NAMES.iter().find_map(|field| item.get(field)?.as_str()))
}

/// The differences found so far.
struct Differences(Vec<Difference>);

impl Differences {
    fn value(&mut self, place: &Place, before: &Value, after: &Value) {
        match (before, after) {
            _ if before == after => {}
            (Value::Object(before), Value::Object(after)) if !is_other_range(before, after) => {
                self.fields(place, before, after);
            }
            (Value::Array(before), Value::Array(after)) => self.items(place, before, after),
            _ => self.0.push(place.changed(before, after)),
        }
    }

    fn fields(&mut self, place: &Place, before: &Map<String, Value>, after: &Map<String, Value>) {
        for field in fields_of(before, after) {
            let place = place.field(field);
            match (before.get(field), after.get(field)) {
                (Some(before), Some(after)) => self.value(&place, before, after),
                (Some(before), None) => self.0.push(place.removed(before)),
                (None, Some(after)) => self.0.push(place.added(after)),
                (None, None) => {}
            }
        }
    }

    fn items(&mut self, place: &Place, before: &[Value], after: &[Value]) {
        let pairs = Pairs::of(before, after);
        let steady = pairs.steady();
        let mut missed = iter::zip(before, &pairs.newer).enumerate().filter(|(_, (_, to))| to.is_none()).peekable();
        let own = |index, item: &Value| Place { name: name(item).map(str::to_owned), ..place.item(index, index, item) };
        let removed = |(from, (item, _)): (usize, (&Value, _))| own(from, item).removed(item);
        for (to, (item, from)) in iter::zip(after, &pairs.older).enumerate() {
            let Some((from, older)) = from.and_then(|from| Some((from, before.get(from)?))) else {
                self.0.push(own(to, item).added(item));
                continue;
            };
            if steady.contains(&to) {
                self.0.extend(iter::from_fn(|| missed.next_if(|(index, _)| *index < from)).map(removed));
            } else {
                self.0.push(place.item(from, to, item).moved(item));
            }
            if older != item {
                self.value(&place.item(from, to, item), older, item);
            }
        }
        self.0.extend(missed.map(removed));
    }
}

fn fields_of<'a>(before: &'a Map<String, Value>, after: &'a Map<String, Value>) -> BTreeSet<&'a str> {
    before.keys().chain(after.keys()).map(String::as_str).collect()
}

fn is_container(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn is_range(fields: &Map<String, Value>) -> bool {
    ENDS.iter().any(|end| fields.contains_key(*end)) && !fields.values().any(is_container)
}

/// Tells whether both are ranges, with other ends.
fn is_other_range(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    is_range(before) && is_range(after) && ENDS.iter().any(|end| before.get(*end) != after.get(*end))
}
