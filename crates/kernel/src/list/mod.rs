//! Lists: filters, orders, cursors and Relay connections, all answered by SQL. Written once, used by every module.
mod cursor;
mod field;
mod filter;
mod operators;
mod order;
mod page;

pub use field::{BackLinks, BackLinksField, EntriesOf, back_links, entries};
pub(crate) use filter::part;
pub use filter::{Filter, FilterFields, FilterPart, Relation, RowsOf, Through, all_given};
pub use operators::{Compare, DateFilter, KeyFilter, NumberFilter, TextFilter, enum_name, fold};
pub(crate) use order::term;
pub use order::{Direction, Order, OrderFields, OrderPart, OrderTerm};
pub use page::{Connection, Listed, PageArguments, Total};

/// An argument that the library let pass but the module's own type does not take.
fn bad_input<T: async_graphql::InputType>(error: async_graphql::InputValueError<T>) -> crate::Error {
    crate::Error::caller("BAD_USER_INPUT", error.into_server_error(async_graphql::Pos::default()).message)
}
