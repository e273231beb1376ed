//! Open objects: an owner declares the type, other modules add fields to it.
use std::{any::type_name, borrow::Cow, marker::PhantomData};

use async_graphql::{
    Context, ContextSelectionSet, InputType, ObjectType, OutputType, Positioned, ServerResult, Value,
    futures_util::future::BoxFuture,
    indexmap::IndexMap,
    parser::types::Field as SelectedField,
    registry::{MetaField, MetaInputValue, MetaType, Registry},
};

use crate::{map::Map, request::request};

/// Answers one field of `T`.
pub(crate) type Resolve<T> =
    Box<dyn for<'a> Fn(&'a T, &'a Context<'a>) -> BoxFuture<'a, ServerResult<Option<Value>>> + Send + Sync>;

/// A plain function that answers one field of `T`.
pub(crate) type ResolveFn<T> = for<'a> fn(&'a T, &'a Context<'a>) -> BoxFuture<'a, ServerResult<Option<Value>>>;

/// Resolver of one added field, and its module.
pub(crate) struct AddedField<T> {
    /// The module that added the field.
    pub(crate) module: &'static str,
    /// True where a failure becomes null and leaves its siblings alone.
    pub(crate) nullable: bool,
    /// The index of the resolver in [`AddedFields`]: fields added together share one.
    pub(crate) resolver: usize,
    _owner: PhantomData<fn() -> T>,
}

/// The fields that modules added to the object `T`; lives in the schema's data.
pub(crate) struct AddedFields<T> {
    fields: Map<String, AddedField<T>>,
    resolvers: Vec<Resolve<T>>,
}

impl<T> Default for AddedFields<T> {
    fn default() -> Self {
        Self { fields: Map::default(), resolvers: Vec::new() }
    }
}

impl<T> AddedFields<T> {
    /// Adds fields that are answered by one resolver. Returns the fields that another module had added before, each with
    /// that module's name.
    pub(crate) fn add(
        &mut self,
        module: &'static str,
        fields: impl IntoIterator<Item = MetaField>,
        resolve: Resolve<T>,
    ) -> Vec<(String, &'static str)> {
        let resolver = self.resolvers.len();
        self.resolvers.push(resolve);
        let mut twice = Vec::new();
        for field in fields {
            let nullable = !field.ty.ends_with('!');
            let part = AddedField { module, nullable, resolver, _owner: PhantomData };
            if let Some(first) = self.fields.insert(field.name.clone(), part) {
                twice.push((field.name, first.module));
            }
        }
        twice
    }
}

/// Answers the field in `ctx` through the part that added it; `None` where no part did.
pub async fn resolve_part<T: Send + Sync + 'static>(value: &T, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
    let Some(parts) = ctx.data_opt::<AddedFields<T>>() else { return Ok(None) };
    let Some(part) = parts.fields.get(ctx.item.node.name.node.as_str()) else { return Ok(None) };
    request(ctx).pause_if_due().await;
    match (parts.resolvers[part.resolver])(value, ctx).await {
        Err(error) if part.nullable => {
            ctx.add_error(error);
            Ok(Some(Value::Null))
        }
        answer => answer,
    }
}

/// Makes a `#[graphql(complex)]` object open: its further fields come from the modules that extend it.
#[macro_export]
macro_rules! open {
    ($object:ty) => {
        impl $crate::async_graphql::ComplexObject for $object {
            fn fields(
                _: &mut $crate::async_graphql::registry::Registry,
            ) -> Vec<(String, $crate::async_graphql::registry::MetaField)> {
                Vec::new()
            }

            async fn resolve_field(
                &self,
                ctx: &$crate::async_graphql::Context<'_>,
            ) -> $crate::async_graphql::ServerResult<Option<$crate::async_graphql::Value>> {
                $crate::open::resolve_part(self, ctx).await
            }
        }
    };
}

/// Makes a unit struct an open root: an object that has only the fields that modules add.
#[macro_export]
macro_rules! open_root {
    ($root:ty, $name:literal, $description:literal) => {
        impl $crate::async_graphql::OutputType for $root {
            fn type_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn create_type_info(registry: &mut $crate::async_graphql::registry::Registry) -> String {
                registry.create_output_type::<Self, _>($crate::async_graphql::registry::MetaTypeId::Object, |_| {
                    $crate::async_graphql::registry::ObjectBuilder::new($name, Default::default())
                        .description(Some($description.to_owned()))
                        .rust_typename(std::any::type_name::<Self>())
                        .build()
                })
            }

            async fn resolve(
                &self,
                ctx: &$crate::async_graphql::ContextSelectionSet<'_>,
                _: &$crate::async_graphql::Positioned<$crate::async_graphql::parser::types::Field>,
            ) -> $crate::async_graphql::ServerResult<$crate::async_graphql::Value> {
                $crate::async_graphql::resolver_utils::resolve_container(ctx, self).await
            }
        }

        impl $crate::async_graphql::resolver_utils::ContainerType for $root {
            async fn resolve_field(
                &self,
                ctx: &$crate::async_graphql::Context<'_>,
            ) -> $crate::async_graphql::ServerResult<Option<$crate::async_graphql::Value>> {
                $crate::open::resolve_part(self, ctx).await
            }
        }

        impl $crate::async_graphql::ObjectType for $root {}
    };
}

/// Registering it as an output type moves the fields of the object `P` onto the object `T`.
pub(crate) struct ExtendObject<T, P>(PhantomData<fn() -> (T, P)>);

impl<T: ObjectType, P: ObjectType> OutputType for ExtendObject<T, P> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry);
        let fields = object_fields::<P>(registry);
        registry.types.remove(&*P::type_name());
        add_fields::<T>(registry, fields);
        T::qualified_type_name()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<SelectedField>) -> ServerResult<Value> {
        unreachable!("{} is a registration, not a value", type_name::<Self>())
    }
}

/// A field whose shape is made by code, for fields that are alike in many modules.
pub(crate) trait Field: Send + Sync + 'static {
    /// The object that gets the field.
    type On: ObjectType;

    /// The shape of the field. Registers the types it mentions.
    fn shape(registry: &mut Registry) -> MetaField;
}

/// Registering it as an output type adds the field `F` to its object.
pub(crate) struct ListField<F>(PhantomData<fn() -> F>);

impl<F: Field> OutputType for ListField<F> {
    fn type_name() -> Cow<'static, str> {
        F::On::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        F::On::create_type_info(registry);
        let field = F::shape(registry);
        add_fields::<F::On>(registry, [field]);
        F::On::qualified_type_name()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<SelectedField>) -> ServerResult<Value> {
        unreachable!("{} is a registration, not a value", type_name::<Self>())
    }
}

fn add_fields<T: ObjectType>(registry: &mut Registry, added: impl IntoIterator<Item = MetaField>) {
    let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(&*T::type_name()) else {
        unreachable!("{} is an object and was just registered", T::type_name())
    };
    fields.extend(added.into_iter().map(|field| (field.name.clone(), field)));
}

/// The fields of an object, in their order.
pub(crate) fn object_fields<P: ObjectType>(registry: &mut Registry) -> Vec<MetaField> {
    match registry.create_fake_output_type::<P>() {
        MetaType::Object { fields, .. } => fields.into_values().collect(),
        _ => unreachable!("{} is an object type", P::type_name()),
    }
}

/// The fields of an input object, in their order.
///
/// # Panics
/// Where `I` is no input object: a mistake of the module that registers it.
pub(crate) fn input_fields<I: InputType>(registry: &mut Registry) -> IndexMap<String, MetaInputValue> {
    match registry.create_fake_input_type::<I>() {
        MetaType::InputObject { input_fields, .. } => input_fields,
        _ => panic!("{} is not an input object", I::type_name()),
    }
}
