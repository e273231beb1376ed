//! Lists: filters, orders, cursors and Relay connections, all answered by SQL. Written once, used by every module.
mod back_links;
mod cursor;
mod dates;
mod field;
mod filter;
mod keyset;
mod operators;
mod order;
mod page;
mod parts;
mod relation_path;
mod shape;
mod size;
mod spec;
mod statement;
mod value;
mod values;

pub use back_links::BackLinks;
pub(crate) use back_links::{BackLinksField, back_links};
pub(crate) use dates::{DatesFilter, DatesOrder, dates_condition, dates_term};
pub(crate) use field::{EntriesOf, entries};
pub use filter::{Filter, FilterFields, Relation, TableContext, all_given};
pub(crate) use filter::{FilterPart, part};
pub(crate) use keyset::{Log, LogArguments, log_cursor};
pub use operators::{DateFilter, FilterColumn, KeyFilter, NumberFilter, TextFilter, enum_name, enum_names, fold};
pub use order::{Direction, Order, OrderFields, OrderTerm};
pub(crate) use order::{OrderPart, term};
pub(crate) use page::size as page_size;
pub use page::{Listed, Total};
pub(crate) use parts::ListParts;
pub use relation_path::RelationPath;
pub(crate) use shape::LogOf;
pub use value::ListValue;
pub use values::{PageEnd, Values, values};

/// An argument that the library let pass but the module's own type does not take.
fn bad_input<T: async_graphql::InputType>(error: async_graphql::InputValueError<T>) -> crate::Error {
    let message = error.into_server_error(async_graphql::Pos::default()).message;
    // The types that it was read into are no types of the schema.
    let message = message.split(" (occurred while parsing").next().unwrap_or_default();
    crate::Error::caller("BAD_USER_INPUT", message)
}
