//! The scalar `Date`.
use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry,
};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, de::Visitor};

use super::scalar_type;

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Date(pub NaiveDate);

impl Date {
    const RULE: &str = "A calendar day as `YYYY-MM-DD`, such as `2026-05-10`.";

    /// The day that a text names.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let number = |digits: &[u8]| {
            digits
                .iter()
                .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
        };
        let (year, rest) = text.as_bytes().split_first_chunk::<4>()?;
        let &[b'-', ref month @ .., b'-', tens, ones] = rest else { return None };
        let month = <&[u8; 2]>::try_from(month).ok()?;
        let year = number(year)?.try_into().ok()?;
        NaiveDate::from_ymd_opt(year, number(month)?, number(&[tens, ones])?).map(Self)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Day;

        impl Visitor<'_> for Day {
            type Value = Date;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(Date::RULE)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Date, E> {
                Date::read(text).ok_or_else(|| E::custom(Date::RULE))
            }
        }

        deserializer.deserialize_str(Day)
    }
}

impl InputType for Date {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        scalar_type::<Self>(
            registry,
            Self::RULE,
            "https://scalars.graphql.org/andimarek/local-date.html",
            |value| matches!(value, Value::String(text) if Self::read(text).is_some()),
        )
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(text)) => Self::read(&text).ok_or_else(|| InputValueError::custom(Self::RULE)),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OutputType for Date {
    fn type_name() -> Cow<'static, str> {
        <Self as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Self as InputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(self.to_value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_iso_days() {
        assert!(Date::read("2026-05-10").is_some());
        for text in ["2026-5-10", "2026-02-30", "10.05.2026", "2026-05-10T00:00:00Z"] {
            assert!(Date::read(text).is_none(), "{text}");
        }
    }
}
