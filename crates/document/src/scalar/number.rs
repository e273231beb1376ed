//! Numbers, which the graph calls `Float`.
use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A number of any size; `Float` in the graph. Whole numbers are written without a fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Number(pub f64);

impl Number {
    /// The JSON number: an integer where it is whole and exact.
    fn to_json(self) -> serde_json::Number {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if self.0.fract() == 0.0 && self.0.abs() < EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = self.0 as i64;
            whole.into()
        } else {
            serde_json::Number::from_f64(self.0).unwrap_or_else(|| 0.into())
        }
    }

    /// The number with a comma before each three digits: `47,500`.
    pub fn grouped(self) -> String {
        let text = self.to_string();
        let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
        let mut grouped = String::with_capacity(text.len() + 4);
        for (index, digit) in whole.char_indices() {
            if index > 0 && (whole.len() - index) % 3 == 0 && !grouped.ends_with('-') {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        fraction.map_or(grouped.clone(), |fraction| format!("{grouped}.{fraction}"))
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number.is_finite() { Ok(Self(number)) } else { Err(D::Error::custom("a number must be finite")) }
    }
}

impl InputType for Number {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <f64 as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <f64 as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        <f64 as InputType>::parse(value).map(Self).map_err(InputValueError::propagate)
    }

    fn to_value(&self) -> Value {
        Value::Number(self.to_json())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OutputType for Number {
    fn type_name() -> Cow<'static, str> {
        <f64 as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <f64 as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Number(self.to_json()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_written_without_a_fraction() {
        let json = |number| serde_json::to_string(&Number(number)).expect("a number is JSON");
        assert_eq!(json(48_640.0), "48640");
        assert_eq!(json(35_000_000_000.0), "35000000000");
        assert_eq!(json(23.38), "23.38");
        assert_eq!(json(-0.5), "-0.5");
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, expected) in [
            (5.0, "5"),
            (950.0, "950"),
            (47_500.0, "47,500"),
            (1_234_567.5, "1,234,567.5"),
            (-1_000.0, "-1,000"),
            (-100.0, "-100"),
        ] {
            assert_eq!(Number(number).grouped(), expected);
        }
    }
}
