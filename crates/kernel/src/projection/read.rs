//! Reads stored JSON by a plan. What is not selected is skipped; what is selected is copied as it stands, or becomes values where
//! links in it are followed, or where the answer is not written as text.
use super::{
    plan::{Place, Prose, Selected, Shape},
    scan,
};
use crate::{Entry, global_id};
use async_graphql::{Name, Value, indexmap::IndexMap};

/// What is selected of a section of the entry, in its order; `None` where its JSON is not as planned.
pub(super) fn read(plan: &Selected, entry: &Entry, section: &str, as_text: bool) -> Option<Vec<Value>> {
    Read { entry, as_text }.fields(plan, section)
}

struct Read<'a> {
    entry: &'a Entry,
    /// Whether values may be texts: [`Value::Binary`], the JSON of the answer.
    as_text: bool,
}

/// The JSON of what is selected of an object, by place.
type Found<'p, 'j> = Vec<Option<(&'p Shape, &'j str)>>;

impl Read<'_> {
    fn fields(&self, plan: &Selected, object: &str) -> Option<Vec<Value>> {
        let mut found = Found::new();
        find(plan, object, &mut found)?;
        let blanks = plan.blank.values().zip(found);
        blanks
            .map(|(blank, found)| found.map_or(Some(blank.clone()), |(shape, json)| self.value(shape, json)))
            .collect()
    }

    fn value(&self, shape: &Shape, json: &str) -> Option<Value> {
        if self.as_text && !shape.has_links() {
            let mut text = Vec::with_capacity(json.len() + json.len() / 4);
            write(shape, self.entry, json, &mut Found::new(), &mut text)?;
            return Some(Value::Binary(text.into()));
        }
        Some(match shape {
            Shape::Leaf if is_scalar(json) => sonic_rs::from_str(json).ok()?,
            Shape::Link(_) if is_text(json) => Value::String(sonic_rs::from_str(json).ok()?),
            Shape::Id(object) => Value::String(id(object, self.entry, json)?),
            Shape::Prose(Prose { blank, places, .. }) if is_text(json) => {
                let mut prose: IndexMap<Name, Value> = blank.clone();
                let text: String = sonic_rs::from_str(json).ok()?;
                for place in places {
                    prose[*place] = Value::String(text.clone());
                }
                Value::Object(prose)
            }
            Shape::List(item) => {
                Value::List(scan::items(json).map(|json| self.value(item, json?)).collect::<Option<_>>()?)
            }
            Shape::Object(plan) => {
                let values = self.fields(plan, json)?;
                Value::Object(plan.blank.keys().cloned().zip(values).collect())
            }
            _ => return None,
        })
    }
}

/// Adds where in the object's JSON the planned fields stand; `None` where one that must be there is not.
fn find<'p, 'j>(plan: &'p Selected, object: &'j str, found: &mut Found<'p, 'j>) -> Option<()> {
    let first = found.len();
    found.resize(first + plan.blank.len(), None);
    let (mut left, mut required) = (plan.fields.len(), plan.required);
    for field in scan::fields(object) {
        let (name, json) = field?;
        let Some(field) = plan.fields.iter().find(|field| *field.name == *name) else { continue };
        for Place { index, shape, .. } in &field.places {
            found[first + index] = Some((shape, json));
        }
        left -= 1;
        required -= usize::from(field.is_required);
        if left == 0 {
            break;
        }
    }
    (required == 0).then_some(())
}

/// Writes the answer of a stored value that has no links. `found` is a stack for the objects around it.
fn write<'p, 'j>(
    shape: &'p Shape,
    entry: &Entry,
    json: &'j str,
    found: &mut Found<'p, 'j>,
    answer: &mut Vec<u8>,
) -> Option<()> {
    match shape {
        Shape::Leaf if is_scalar(json) => answer.extend(json.as_bytes()),
        Shape::Id(object) => {
            answer.push(b'"');
            answer.extend(id(object, entry, json)?.as_bytes());
            answer.push(b'"');
        }
        Shape::Prose(Prose { places, texts, .. }) if is_text(json) => {
            for (index, text) in texts.iter().enumerate() {
                answer.extend(text.before.as_bytes());
                answer.extend(if places.contains(&index) { json } else { &*text.blank }.as_bytes());
            }
            answer.push(b'}');
        }
        Shape::List(item) => {
            answer.push(b'[');
            for (index, json) in scan::items(json).enumerate() {
                if index > 0 {
                    answer.push(b',');
                }
                write(item, entry, json?, found, answer)?;
            }
            answer.push(b']');
        }
        Shape::Object(plan) => {
            let first = found.len();
            find(plan, json, found)?;
            for (index, text) in plan.texts.iter().enumerate() {
                answer.extend(text.before.as_bytes());
                match found[first + index] {
                    Some((shape, json)) => write(shape, entry, json, found, answer)?,
                    None => answer.extend(text.blank.as_bytes()),
                }
            }
            found.truncate(first);
            answer.push(b'}');
        }
        _ => return None,
    }
    Some(())
}

/// Whether it is a text, a number or a truth value.
fn is_scalar(json: &str) -> bool {
    !json.starts_with(['{', '[', 'n'])
}

fn is_text(json: &str) -> bool {
    json.starts_with('"')
}

/// The global id of the part with this key, a slug.
fn id(object: &str, entry: &Entry, json: &str) -> Option<String> {
    let key = json.strip_prefix('"')?.strip_suffix('"')?;
    (!key.contains('\\')).then(|| global_id(object.to_owned().into(), &entry.part_key(key)).0)
}
