//! The scalar `JSON`.
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// A value of any shape.
#[derive(Clone, Debug)]
pub(super) struct AnyJson(pub(super) serde_json::Value);

/// A scalar that can represent any JSON value.
#[Scalar(name = "JSON", specified_by_url = "https://scalars.graphql.org/chillicream/json.html")]
impl ScalarType for AnyJson {
    fn parse(value: Value) -> InputValueResult<Self> {
        value.into_json().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        // Every JSON value is a value of the language.
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}
