//! Reads stored JSON by a plan.
use async_graphql::{Name, Value, indexmap::IndexMap};
use sonic_rs::{JsonNumberTrait as _, Object, Value as Json, ValueRef};

use super::plan::{Place, Selected, Shape};
use crate::{Entry, global_id};

/// What is selected of a section of the entry, by its JSON; `None` where that is not as planned.
pub(super) fn read(plan: &Selected, entry: &Entry, section: &Json) -> Option<IndexMap<Name, Value>> {
    match section.as_ref() {
        ValueRef::Object(section) => object(plan, entry, section),
        _ => None,
    }
}

fn object(plan: &Selected, entry: &Entry, stored: &Object) -> Option<IndexMap<Name, Value>> {
    let mut answer = plan.blank.clone();
    let mut found = 0;
    for (name, json) in stored {
        let Some(field) = plan.fields.iter().find(|field| *field.name == *name) else { continue };
        found += usize::from(field.is_required);
        for Place { index, shape, .. } in &field.places {
            answer[*index] = value(shape, entry, json)?;
        }
    }
    (found == plan.required).then_some(answer)
}

fn value(shape: &Shape, entry: &Entry, json: &Json) -> Option<Value> {
    Some(match (shape, json.as_ref()) {
        (Shape::Leaf | Shape::Link(_), ValueRef::String(text)) => Value::String(text.to_owned()),
        (Shape::Leaf, ValueRef::Number(number)) => Value::Number(match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(whole)) => whole.into(),
            (None, None) => serde_json::Number::from_f64(number.as_f64()?)?,
        }),
        (Shape::Leaf, ValueRef::Bool(truth)) => Value::Boolean(truth),
        (Shape::Id(object), ValueRef::String(key)) => {
            Value::String(global_id(object.clone().into(), &entry.part_key(key)).0)
        }
        (Shape::Prose(blank, places), ValueRef::String(text)) => {
            let mut prose = blank.clone();
            for place in places {
                prose[*place] = Value::String(text.to_owned());
            }
            Value::Object(prose)
        }
        (Shape::List(item), ValueRef::Array(items)) => {
            Value::List(items.iter().map(|json| value(item, entry, json)).collect::<Option<_>>()?)
        }
        (Shape::Object(plan), ValueRef::Object(stored)) => Value::Object(object(plan, entry, stored)?),
        _ => return None,
    })
}
