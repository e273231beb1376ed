//! Reads stored JSON by a plan.
use std::fmt;

use async_graphql::{Value, indexmap::IndexMap};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::plan::{Selected, Shape, Stored};
use crate::{Entry, global_id};

/// The answer of the only field that is selected of the section with this JSON; `None` where the JSON is not as planned.
pub(super) fn read(plan: &Selected, entry: &Entry, body: &str) -> Option<Value> {
    let mut json = sonic_rs::Deserializer::from_str(body);
    let section = json.deserialize_map(Reading { plan, entry }).ok()?;
    match section {
        Value::Object(mut answer) => answer.pop().map(|(_, value)| value),
        _ => None,
    }
}

/// Reads a value of an entry's section by a plan.
struct Reading<'p, P> {
    plan: &'p P,
    entry: &'p Entry,
}

impl<'de> DeserializeSeed<'de> for Reading<'_, Shape> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Reading<'_, Shape> {
    fn leaf<E: Error>(&self, leaf: Value) -> Result<Value, E> {
        match self.plan {
            Shape::Leaf => Ok(leaf),
            _ => Err(unplanned()),
        }
    }
}

impl<'de> Visitor<'de> for Reading<'_, Shape> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("what was planned")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.leaf(Value::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.leaf(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.leaf(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.leaf(Value::Number(Number::from_f64(value).ok_or_else(unplanned)?))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.plan {
            Shape::Leaf | Shape::Link(_) => Ok(Value::String(text.to_owned())),
            Shape::Id(object) => Ok(id(object, self.entry, text)),
            Shape::Prose(blank, places) => {
                let mut prose = blank.clone();
                for place in places {
                    prose[*place] = Value::String(text.to_owned());
                }
                Ok(Value::Object(prose))
            }
            Shape::List(_) | Shape::Object(_) => Err(unplanned()),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let Shape::List(item) = self.plan else { return Err(unplanned()) };
        let mut answer = Vec::new();
        while let Some(value) = items.next_element_seed(Reading { plan: &**item, entry: self.entry })? {
            answer.push(value);
        }
        Ok(Value::List(answer))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Value, A::Error> {
        match self.plan {
            Shape::Object(plan) => Reading { plan, entry: self.entry }.visit_map(fields),
            _ => Err(unplanned()),
        }
    }
}

impl<'de> Visitor<'de> for Reading<'_, Selected> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("what was planned")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut answer = self.plan.blank.clone();
        let mut missing = self.plan.fields.iter().filter(|field| field.is_required).count();
        while let Some(name) = fields.next_key_seed(Known(self.plan))? {
            let Some(field) = name else {
                fields.next_value::<IgnoredAny>()?;
                continue;
            };
            missing -= usize::from(field.is_required);
            if let [place] = &field.places[..] {
                answer[place.index] = fields.next_value_seed(Reading { plan: &place.shape, entry: self.entry })?;
            } else {
                let value = fields.next_value_seed(Reading { plan: &Shape::Leaf, entry: self.entry })?;
                self.spread(field, &value, &mut answer);
            }
        }
        if missing == 0 { Ok(Value::Object(answer)) } else { Err(unplanned()) }
    }
}

impl Reading<'_, Selected> {
    /// Puts the value of a field into all its places.
    fn spread(&self, field: &Stored, value: &Value, answer: &mut IndexMap<async_graphql::Name, Value>) {
        for place in &field.places {
            answer[place.index] = match (&place.shape, value) {
                (Shape::Id(object), Value::String(key)) => id(object, self.entry, key),
                _ => value.clone(),
            };
        }
    }
}

/// Looks for the field of this name in a plan.
struct Known<'p>(&'p Selected);

impl<'de, 'p> DeserializeSeed<'de> for Known<'p> {
    type Value = Option<&'p Stored>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for Known<'p> {
    type Value = Option<&'p Stored>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.fields.iter().find(|field| field.name == name))
    }
}

fn id(object: &str, entry: &Entry, key: &str) -> Value {
    Value::String(global_id(object.to_owned().into(), &entry.part_key(key)).0)
}

fn unplanned<E: Error>() -> E {
    E::custom("the JSON is not what was planned")
}
