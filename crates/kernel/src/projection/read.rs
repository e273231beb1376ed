//! Reads stored JSON by a plan, in one pass: what is not selected is passed over; what is selected is copied as it stands, or
//! becomes values where links in it are followed, or where the answer is not written as text.
use async_graphql::{Name, Value, indexmap::IndexMap};
use bytes::{BufMut as _, BytesMut};

use super::scan::{JsonParts, end, text};
use crate::{
    Entry, global_id,
    plan::{Prose, Selected, SelectionPlace, Shape},
};

/// Selected values of a section of the entry, in their order; `None` where its JSON is not as planned.
pub(super) fn read(plan: &Selected, entry: &Entry, section: &str, as_text: bool) -> Option<Vec<Value>> {
    // All values of the section share one piece of memory; as a rule, they are shorter than what they are made of.
    let answer = BytesMut::with_capacity(if as_text { section.len() } else { 0 });
    let mut write = Write { entry, json: section, places: Vec::new(), answer, stored: Vec::new() };
    fields(&mut write, plan, 0, as_text)
}

fn fields(write: &mut Write<'_>, plan: &Selected, at: usize, as_text: bool) -> Option<Vec<Value>> {
    let mut values: Vec<Option<Value>> = vec![None; plan.blank.len()];
    let (mut left, mut required) = (plan.fields.len(), plan.required);
    let mut parts = JsonParts::object(write.json, at)?;
    while parts.next()? {
        let name = parts.name()?;
        let Some(field) = plan.fields.iter().find(|field| *field.name == *name) else {
            parts.at = end(write.json, parts.at)?;
            continue;
        };
        let begin = parts.at;
        for SelectionPlace { index, shape, .. } in &field.places {
            let (value, end) = value(write, shape, begin, as_text)?;
            values[*index] = Some(value);
            parts.at = end;
        }
        left -= 1;
        required = required.checked_sub(usize::from(field.is_required))?;
        if left == 0 {
            break;
        }
    }
    let blanks = plan.blank.iter().zip(values);
    (required == 0).then(|| blanks.map(|((_, blank), value)| value.unwrap_or_else(|| blank.clone())).collect())
}

/// The value that begins here, and where it ends.
fn value(write: &mut Write<'_>, shape: &Shape, at: usize, as_text: bool) -> Option<(Value, usize)> {
    if as_text && !shape.has_links() {
        let end = write.value(shape, at)?;
        return Some((Value::Binary(write.answer.split().freeze()), end));
    }
    if let Shape::List(item) = shape {
        let (mut items, mut parts) = (Vec::new(), JsonParts::list(write.json, at)?);
        while parts.next()? {
            let (item, end) = value(write, item, parts.at, as_text)?;
            items.push(item);
            parts.at = end;
        }
        return Some((Value::List(items), parts.at));
    }
    let end = end(write.json, at)?;
    let json = write.json.get(at..end)?;
    let value = match shape {
        Shape::Leaf if is_scalar(json) => sonic_rs::from_str(json).ok()?,
        Shape::Link(_) if text(json).is_some() => Value::String(sonic_rs::from_str(json).ok()?),
        Shape::Id(object) => Value::String(id(object, write.entry, json)?),
        Shape::Prose(Prose { blank, places, .. }) if text(json).is_some() => {
            let mut prose: IndexMap<Name, Value> = blank.iter().cloned().collect();
            let text: String = sonic_rs::from_str(json).ok()?;
            for place in places {
                prose[*place] = Value::String(text.clone());
            }
            Value::Object(prose)
        }
        Shape::Object(plan) => {
            let values = fields(write, plan, at, as_text)?;
            Value::Object(plan.blank.iter().map(|(name, _)| name.clone()).zip(values).collect())
        }
        _ => return None,
    };
    Some((value, end))
}

/// Writes answers of stored values that have no links.
struct Write<'a> {
    entry: &'a Entry,
    json: &'a str,
    /// Positions in the answer of the fields of the objects around: a stack.
    places: Vec<Option<(usize, usize)>>,
    answer: BytesMut,
    /// Buffer for values that are brought in order: used again by each object.
    stored: Vec<u8>,
}

impl Write<'_> {
    /// Writes the answer of the value that begins here; where the value ends.
    fn value(&mut self, shape: &Shape, at: usize) -> Option<usize> {
        match shape {
            Shape::List(item) => {
                self.answer.put_u8(b'[');
                let (mut parts, mut is_first) = (JsonParts::list(self.json, at)?, true);
                while parts.next()? {
                    if !std::mem::take(&mut is_first) {
                        self.answer.put_u8(b',');
                    }
                    parts.at = self.value(item, parts.at)?;
                }
                self.answer.put_u8(b']');
                return Some(parts.at);
            }
            Shape::Object(plan) => return self.object(plan, at),
            Shape::Leaf | Shape::Id(_) | Shape::Prose(_) | Shape::Link(_) => {}
        }
        let end = end(self.json, at)?;
        let json = self.json.get(at..end)?;
        match shape {
            Shape::Leaf if is_scalar(json) => self.answer.extend_from_slice(json.as_bytes()),
            Shape::Id(object) => {
                self.answer.put_u8(b'"');
                self.answer.extend_from_slice(id(object, self.entry, json)?.as_bytes());
                self.answer.put_u8(b'"');
            }
            Shape::Prose(Prose { places, texts, .. }) if text(json).is_some() => {
                for index in 0..texts.len() {
                    self.answer.extend_from_slice(texts.before(index));
                    let value = if places.contains(&index) { json.as_bytes() } else { texts.blank(index) };
                    self.answer.extend_from_slice(value);
                }
                self.answer.put_u8(b'}');
            }
            _ => return None,
        }
        Some(end)
    }

    /// Fields are written in the order in which they are stored, and brought in that of the answer where it is another.
    fn object(&mut self, plan: &Selected, at: usize) -> Option<usize> {
        let (begin, first) = (self.answer.len(), self.places.len());
        self.places.resize(first + plan.texts.len(), None);
        let (mut required, mut in_order) = (plan.required, 0);
        let mut parts = JsonParts::object(self.json, at)?;
        while parts.next()? {
            let name = parts.name()?;
            let Some(field) = plan.fields.iter().find(|field| *field.name == *name) else {
                parts.at = end(self.json, parts.at)?;
                continue;
            };
            let value = parts.at;
            for SelectionPlace { index, shape, .. } in &field.places {
                let from = self.answer.len();
                self.answer.extend_from_slice(plan.texts.before(*index));
                parts.at = self.value(shape, value)?;
                self.places[first + index] = Some((from, self.answer.len()));
                in_order = if in_order == *index { index + 1 } else { usize::MAX };
            }
            required = required.checked_sub(usize::from(field.is_required))?;
        }
        if in_order != plan.texts.len() {
            let mut stored = std::mem::take(&mut self.stored);
            stored.clear();
            stored.extend_from_slice(&self.answer[begin..]);
            self.answer.truncate(begin);
            for (index, place) in self.places[first..].iter().enumerate() {
                if let Some((from, to)) = place {
                    self.answer.extend_from_slice(&stored[from - begin..to - begin]);
                } else {
                    self.answer.extend_from_slice(plan.texts.before(index));
                    self.answer.extend_from_slice(plan.texts.blank(index));
                }
            }
            self.stored = stored;
        }
        self.places.truncate(first);
        self.answer.put_u8(b'}');
        (required == 0).then_some(parts.at)
    }
}

/// Tells whether it is a text, a number or a truth value.
fn is_scalar(json: &str) -> bool {
    !json.starts_with(['{', '[', 'n'])
}

/// The global id of the part with this key, a slug.
fn id(object: &str, entry: &Entry, json: &str) -> Option<String> {
    let key = text(json)?;
    (!key.contains('\\')).then(|| global_id(object.to_owned().into(), &entry.part_key(key)).0)
}
