//! Moments and content versions, as scalars of the graph.
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};

/// The version of all that is published: it grows with every publication and withdrawal. A string of digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContentVersion(pub(crate) i64);

/// A moment, as RFC 3339 in UTC, such as `2026-05-10T12:30:00.000Z`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(pub(crate) DateTime<Utc>);

/// The version of everything that is published: a whole number, as a string of digits. It grows with every publication and withdrawal.
#[Scalar(specified_by_url = "https://www.w3.org/TR/xmlschema11-2/#nonNegativeInteger")]
impl ScalarType for ContentVersion {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(digits) => number(digits).map(Self).ok_or_else(|| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A moment as RFC 3339 in UTC, such as `2026-05-10T12:30:00.000Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for Moment {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => match DateTime::parse_from_rfc3339(text) {
                // Beyond that, moments have more digits, and do not sort like their texts.
                Ok(moment) if (0..=9999).contains(&moment.to_utc().year()) => Ok(Self(moment.to_utc())),
                _ => Err(InputValueError::expected_type(value)),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A whole number that is written as it is printed: another way to write it would be another question for a cache.
pub(crate) fn number(digits: &str) -> Option<i64> {
    let number = digits.parse::<i64>().ok()?;
    (number >= 0 && number.to_string() == digits).then_some(number)
}
