//! Lists without the type of their nodes, so that everything but their schema and their nodes is compiled once, in this crate.
use std::{any::TypeId, borrow::Cow};

use async_graphql::{InputType, InputValueError, InputValueResult, Value, registry::Registry};
use sea_orm::{EntityName as _, sea_query::TableRef};

use super::{
    filter::{FilterValues, TableContext},
    order::OrderTerm,
    page::Listed,
};
use crate::Kind;

/// The list of all nodes of a type: its table, and functions of the type.
#[derive(Clone, Copy)]
pub(crate) struct ListSpec {
    /// The type of the nodes.
    pub(super) node: TypeId,
    pub(super) type_name: fn() -> Cow<'static, str>,
    /// The kind of the documents that the nodes stand in.
    pub(super) kind: &'static str,
    /// The root field that lists them.
    pub(super) name: &'static str,
    pub(super) table: fn() -> TableRef,
    pub(super) require: fn(&TableContext<'_>),
    pub(super) default_order: fn() -> Vec<OrderTerm>,
}

impl ListSpec {
    pub(super) fn of<T: Listed>() -> Self {
        Self {
            node: TypeId::of::<T>(),
            type_name: T::type_name,
            kind: <T::Of as Kind>::NAME,
            name: T::LIST,
            table: || T::Table::default().table_ref(),
            require: T::require,
            default_order: T::default_order,
        }
    }
}

/// An argument that is an input object of any type. What its fields are was checked when the variables were coerced.
pub(super) struct RawObject(pub(super) FilterValues);

impl InputType for RawObject {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        "input object".into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        unreachable!("it stands for input objects that are registered by their own types")
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::Object(fields)) => Ok(Self(fields)),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}
