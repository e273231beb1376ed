//! The open enum `EntryKind`: modules register their kinds, nobody lists them.
use std::{any::type_name, borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType, Positioned, ServerResult,
    Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{EnumBuilder, MetaEnumValue, MetaType, MetaTypeId, Registry},
};

use crate::Kind;

/// A kind of document, by its value in the graph: `CAREER` for `career`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntryKind(Name);

impl EntryKind {
    /// The value for the kind of this name.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Name::new(kind.to_uppercase().replace('-', "_")))
    }
}

fn register(registry: &mut Registry) {
    registry.create_output_type::<EntryKind, _>(MetaTypeId::Enum, |_| {
        EnumBuilder::new("EntryKind", IndexMap::new())
            .description(Some("A kind of document that is published as a whole. Each module adds its own.".to_owned()))
            .rust_typename(type_name::<EntryKind>())
            .build()
    });
}

impl InputType for EntryKind {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        "EntryKind".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register(registry);
        <Self as InputType>::qualified_type_name()
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            // The library has looked for it among the values.
            Some(Value::Enum(name)) => Ok(Self(name)),
            Some(Value::String(name)) => Ok(Self(Name::new(name))),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::Enum(self.0.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OutputType for EntryKind {
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

/// Registering it as an output type adds the value for the kind `K`.
pub(crate) struct AddKind<K>(PhantomData<fn() -> K>);

impl<K: Kind> OutputType for AddKind<K> {
    fn type_name() -> Cow<'static, str> {
        <EntryKind as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register(registry);
        let mut value = MetaEnumValue::new(EntryKind::of(K::NAME).0.as_str());
        value.description = Some(format!("An object of type `{}`.", <K as OutputType>::type_name()));
        if let Some(MetaType::Enum { enum_values, .. }) = registry.types.get_mut("EntryKind") {
            enum_values.insert(value.name.clone(), value);
        }
        <EntryKind as InputType>::qualified_type_name()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        unreachable!("{} is a registration, not a value", type_name::<Self>())
    }
}
