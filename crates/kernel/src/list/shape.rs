//! Schema of lists: their arguments, pages and edges.
use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContextSelectionSet, InputType, ObjectType, OutputType, Positioned, ServerResult, Value,
    parser::types::Field as SelectedField,
    registry::{MetaField, MetaInputValue, MetaType, Registry},
};

use super::{
    filter::Filter,
    keyset::Log,
    order::Order,
    page::{Connection, Listed, Total},
};

/// A field that is a list of nodes of type `T`, with its arguments.
pub(super) fn connection_field<T: Listed>(registry: &mut Registry, name: &str, about: &str) -> MetaField {
    let mut field = MetaField::new(name, Connection::<T>::create_type_info(registry));
    describe::<T>(registry);
    field.description = Some(about.to_owned());
    let filter = Option::<Filter<T>>::create_type_info(registry);
    let order = Option::<Vec<Order<T>>>::create_type_info(registry);
    let arguments = [
        ("filter", filter.as_str(), "Only the objects that meet these conditions."),
        (
            "orderBy",
            order.as_str(),
            "The criteria by which the list is sorted, the most important first. Missing values come last; ties are broken by key, in the direction of the last criterion.",
        ),
        (
            "first",
            "Int",
            "The size of the page, taken from the start (or after `after`): 0 to 100 unless the server is set up otherwise; 20 if neither `first` nor `last` is given.",
        ),
        ("after", "String", "Only objects after this cursor: `endCursor` of the previous page."),
        (
            "last",
            "Int",
            "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise.",
        ),
        ("before", "String", "Only objects before this cursor: `startCursor` of the next page."),
    ];
    for (name, ty, about) in arguments {
        let mut argument = MetaInputValue::new(name, ty);
        argument.description = Some(about.to_owned());
        field.args.insert(name.to_owned(), argument);
    }
    field
}

/// Registering it as an output type describes the pages of logs of `T`.
pub(crate) struct LogOf<T, Page = Log<T>>(PhantomData<fn() -> (T, Page)>);

impl<T: ObjectType, Page: OutputType> OutputType for LogOf<T, Page> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Page::create_type_info(registry);
        describe::<T>(registry);
        T::qualified_type_name()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<SelectedField>) -> ServerResult<Value> {
        unreachable!("{} is a registration, not a value", std::any::type_name::<Self>())
    }
}

/// Says what the library's types are here, and takes away those that are only pieces of them.
fn describe<T: OutputType>(registry: &mut Registry) {
    registry.types.remove("EmptyFields");
    registry.types.remove(&*Total::type_name());
    let name = T::type_name();
    let types = [
        (format!("{name}Connection"), format!("A page of a list of objects of type `{name}`, as Relay defines it.")),
        (format!("{name}Edge"), format!("An object of type `{name}` and its place in a list.")),
        ("PageInfo".to_owned(), "Start and end of a page, and whether there are more, as Relay defines it.".to_owned()),
    ];
    let fields = [
        ("edges", "The objects of the page with their cursors."),
        ("nodes", "The objects of the page."),
        ("pageInfo", "Start and end of the page, and whether there are more."),
        ("cursor", "The place of the object in the list, for `after` and `before`."),
        ("node", "The object."),
        ("hasPreviousPage", "True if the list goes on before this page."),
        ("hasNextPage", "True if the list goes on after this page."),
        ("startCursor", "The cursor of the first object of the page; null for an empty page."),
        ("endCursor", "The cursor of the last object of the page; null for an empty page."),
    ];
    for (name, about) in types {
        let Some(MetaType::Object { description, fields: known, .. }) = registry.types.get_mut(&name) else { continue };
        *description = Some(about);
        for (field, about) in fields {
            if let Some(field) = known.get_mut(field) {
                field.description = Some(about.to_owned());
            }
        }
    }
}
