//! Open inputs: input objects whose fields are contributed by modules. The value keeps its raw map, which the library has
//! validated against the composed type; each module parses its own fields.
use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    InputType, InputValueError, InputValueResult, Value,
    registry::{InputObjectBuilder, MetaInputValue, MetaType, MetaTypeId, Registry},
};

use super::input_fields;

/// Registers the open input `I` with the fields it has before any module adds one.
pub(crate) fn open_input<I: InputType>(
    registry: &mut Registry,
    description: &str,
    oneof: bool,
    fields: impl Fn(&mut Registry) -> Vec<MetaInputValue>,
) -> String {
    registry.create_input_type::<I, _>(MetaTypeId::InputObject, |registry| {
        let fields = fields(registry).into_iter().map(|field| (field.name.clone(), field)).collect();
        InputObjectBuilder::new(I::type_name(), fields).description(Some(description.to_owned())).oneof(oneof).build()
    })
}

/// Registering it as an input type moves the fields of the input object `P` onto the open input `I`.
pub(crate) struct Extend<I, P>(PhantomData<fn() -> (I, P)>);

impl<I: InputType, P: InputType> InputType for Extend<I, P> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        I::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        I::create_type_info(registry);
        let added = input_fields::<P>(registry);
        registry.types.remove(&*P::type_name());
        let Some(MetaType::InputObject { input_fields, .. }) = registry.types.get_mut(&*I::type_name()) else {
            unreachable!("{} is an input object and was just registered", I::type_name())
        };
        input_fields.extend(added);
        I::qualified_type_name()
    }

    fn parse(_: Option<Value>) -> InputValueResult<Self> {
        Err(InputValueError::custom("a registration, not a value"))
    }

    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}
