//! Values by which lists are filtered and sorted: the column that holds one, its conditions, and its order.
use async_graphql::InputType;
use document::{Date, Number, RichText, Slug, Text};
use sea_orm::sea_query::{IntoIden, SimpleExpr, Value};

use super::{
    filter::TableContext,
    operators::{DateFilter, FilterColumn, KeyFilter, NumberFilter, TextFilter, fold},
    order::{Direction, OrderTerm},
};
/// A value of a document that a column holds, to filter and sort by.
#[diagnostic::on_unimplemented(
    message = "lists are not filtered and sorted by `{Self}`",
    note = "a column is a Text, RichText, Slug, Number, Date, i32, Link, `#[enumeration]` with a filter, or an Option of one; make one of it: \
            `#[column(name: Type = function)]`"
)]
pub trait ListValue {
    /// The type in the table.
    type Stored: Into<Value>;
    /// The conditions on it.
    type Filter: InputType;

    /// True where there may be no value.
    const NULLABLE: bool = false;

    /// The value as the table holds it.
    fn stored(&self) -> Self::Stored;

    /// Its conditions on a column.
    fn condition(filter: &Self::Filter, column: &FilterColumn) -> SimpleExpr;

    /// The order by a column.
    fn term(column: impl IntoIden, direction: Direction) -> OrderTerm;
}

macro_rules! list_value {
    ($($value:ty as $stored:ty, $filter:ty, $term:ident, |$given:ident| $make:expr;)*) => {$(
        impl ListValue for $value {
            type Stored = $stored;
            type Filter = $filter;

            fn stored(&self) -> $stored {
                let $given = self;
                $make
            }

            fn condition(filter: &$filter, column: &FilterColumn) -> SimpleExpr {
                filter.on(column)
            }

            fn term(column: impl IntoIden, direction: Direction) -> OrderTerm {
                OrderTerm::$term(column, direction)
            }
        }
    )*};
}

list_value! {
    Text as String, TextFilter, text, |text| fold(text);
    RichText as String, TextFilter, text, |text| fold(text.plain());
    Slug as String, KeyFilter, text, |slug| slug.to_string();
    String as String, KeyFilter, text, |key| key.clone();
    Date as String, DateFilter, text, |day| day.to_string();
    Number as f64, NumberFilter, number, |number| number.0;
    i32 as f64, NumberFilter, number, |number| f64::from(*number);
}

impl<V: ListValue> ListValue for Option<V>
where
    Option<V::Stored>: Into<Value>,
{
    type Stored = Option<V::Stored>;
    type Filter = V::Filter;

    const NULLABLE: bool = true;

    fn stored(&self) -> Self::Stored {
        self.as_ref().map(V::stored)
    }

    fn condition(filter: &V::Filter, column: &FilterColumn) -> SimpleExpr {
        V::condition(filter, column)
    }

    fn term(column: impl IntoIden, direction: Direction) -> OrderTerm {
        V::term(column, direction).nullable()
    }
}

impl TableContext<'_> {
    /// A column that holds a value of this type.
    pub fn value<V: ListValue>(&self, column: impl IntoIden) -> FilterColumn {
        if V::NULLABLE { self.nullable(column) } else { self.column(column) }
    }
}
