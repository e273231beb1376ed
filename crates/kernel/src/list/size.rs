//! Limits of one filter and one order: each condition becomes SQL, and a database has limits of its own.
use async_graphql::Value;

use crate::{Error, Result};

/// Maximum number of conditions of a filter.
const MAX_CONDITIONS: usize = 200;
/// Maximum number of values of the lists in a filter, all together.
const MAX_VALUES: usize = 1_000;
/// Maximum size of a text in a filter, in bytes.
const MAX_TEXT: usize = 1_000;
/// Maximum number of criteria that a list is sorted by.
const MAX_TERMS: usize = 5;

#[derive(Default)]
struct Size {
    conditions: usize,
    values: usize,
}

/// Holds a filter against the limits, before any SQL is made of it.
pub(super) fn check_filter(filter: &Value) -> Result<()> {
    let mut size = Size::default();
    size.add(filter)?;
    let too_large = |what: &str, value: usize, limit: usize| {
        let message = format!("The filter has {value} {what}; the limit is {limit}. Ask for less at once.");
        Err(Error::caller("FILTER_TOO_LARGE", message))
    };
    match size {
        Size { conditions, .. } if conditions > MAX_CONDITIONS => too_large("conditions", conditions, MAX_CONDITIONS),
        Size { values, .. } if values > MAX_VALUES => too_large("values in its lists", values, MAX_VALUES),
        _ => Ok(()),
    }
}

/// Holds the number of criteria against the limit.
pub(super) fn check_order(terms: usize) -> Result<()> {
    if terms <= MAX_TERMS {
        return Ok(());
    }
    let message = format!("`orderBy` has {terms} criteria; the limit is {MAX_TERMS}.");
    Err(Error::caller("ORDER_TOO_LONG", message))
}

impl Size {
    fn add(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Object(fields) => fields.values().try_for_each(|value| {
                self.conditions += 1;
                self.add(value)
            }),
            Value::List(items) => items.iter().try_for_each(|item| {
                match item {
                    Value::Object(_) => {}
                    _ => self.values += 1,
                }
                self.add(item)
            }),
            Value::String(text) if text.len() > MAX_TEXT => {
                let message = format!("A text in the filter has {} bytes; the limit is {MAX_TEXT}.", text.len());
                Err(Error::caller("FILTER_TOO_LARGE", message))
            }
            // Postgres has no such text.
            Value::String(text) if text.contains('\0') => Err(Error::caller(
                "BAD_USER_INPUT",
                "A text in the filter contains the character U+0000, which no text can contain.",
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn code(filter: &Value) -> Option<&'static str> {
        check_filter(filter).err().map(|error| error.code())
    }

    #[test]
    fn a_filter_has_a_size() {
        let conditions = |number: usize| value!({ "or": (vec![value!({ "title": "x" }); number]) });
        assert_eq!(code(&conditions(MAX_CONDITIONS - 1)), None);
        assert_eq!(code(&conditions(MAX_CONDITIONS)), Some("FILTER_TOO_LARGE"));
        assert_eq!(code(&value!({ "in": (vec![value!("x"); MAX_VALUES]) })), None);
        assert_eq!(code(&value!({ "in": (vec![value!("x"); MAX_VALUES + 1]) })), Some("FILTER_TOO_LARGE"));
        assert_eq!(code(&value!({ "contains": ("x".repeat(MAX_TEXT + 1)) })), Some("FILTER_TOO_LARGE"));
        assert_eq!(code(&value!({ "contains": "a\u{0}b" })), Some("BAD_USER_INPUT"));
    }
}
