//! Open orders: `CareerOrder` takes its fields from the modules. Missing values come last, ties are broken by key in the direction of the last term.
use std::{borrow::Cow, fmt, marker::PhantomData, sync::Arc};

use async_graphql::{Enum, InputType, InputValueError, InputValueResult, Value, registry::Registry};
use sea_orm::sea_query::{Alias, CaseStatement, DynIden, Expr, ExprTrait as _, IntoIden, SelectStatement, SimpleExpr};
use serde::{Deserialize, Serialize};
use store::PublicationPoint;

use super::{
    bad_input,
    filter::{FilterValues, TableContext},
    page::Listed,
    parts::ListParts,
    spec::ListSpec,
};
use crate::{Error, Result, catalog::Catalog, open::open_input};

/// Ascending or descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[graphql(name = "OrderDirection")]
pub enum Direction {
    /// From the least to the greatest, from A to Z. Objects without a value come last.
    Asc,
    /// From the greatest to the least, from Z to A. Objects without a value come last.
    Desc,
}

/// One column that a list is sorted by.
#[derive(Clone, Debug)]
pub struct OrderTerm {
    pub(super) column: DynIden,
    /// The publication of the entry whose number is the value, in the place of a column.
    pub(super) publication: Option<PublicationPoint>,
    /// The value, where no column of the rows holds it.
    computed: Option<Computed>,
    /// The texts of the column in their order, where it is not that of the alphabet.
    ranks: &'static [&'static str],
    pub(super) is_text: bool,
    pub(super) nullable: bool,
    pub(super) direction: Direction,
}

/// Expression that reads the value of a row.
#[derive(Clone)]
struct Computed(Arc<dyn Fn(&TableContext<'_>) -> SimpleExpr + Send + Sync>);

impl fmt::Debug for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a computed value")
    }
}

impl OrderTerm {
    /// Sorts by a column that always has a text.
    pub fn text(column: impl IntoIden, direction: Direction) -> Self {
        Self {
            column: column.into_iden(),
            publication: None,
            computed: None,
            ranks: &[],
            is_text: true,
            nullable: false,
            direction,
        }
    }

    /// Sorts by a column that may have a text.
    pub fn nullable_text(column: impl IntoIden, direction: Direction) -> Self {
        Self { nullable: true, ..Self::text(column, direction) }
    }

    /// Sorts by a column that always has a number.
    pub fn number(column: impl IntoIden, direction: Direction) -> Self {
        Self { is_text: false, ..Self::text(column, direction) }
    }

    /// Sorts by a column that always has one of these texts, in the order of the texts: by the names of an enum, as it declares them.
    pub fn ranked(column: impl IntoIden, ranks: &'static [&'static str], direction: Direction) -> Self {
        Self { ranks, ..Self::number(column, direction) }
    }

    /// Sorts by the number of a publication of the entry, which grows with time. Cursors know it by the name.
    pub(super) fn publication(name: &'static str, point: PublicationPoint, direction: Direction) -> Self {
        Self { publication: Some(point), nullable: true, ..Self::number(name, direction) }
    }

    /// Sorts by a number that a row may have and no column of it holds. The name tells it apart from other values in cursors.
    pub fn computed(
        name: &str,
        value: impl Fn(&TableContext<'_>) -> SimpleExpr + Send + Sync + 'static,
        direction: Direction,
    ) -> Self {
        let computed = Some(Computed(Arc::new(value)));
        Self { computed, nullable: true, ..Self::number(Alias::new(name), direction) }
    }

    /// The same column, which may have no value.
    #[must_use]
    pub fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// The value to sort by, read from the column. Neither the texts nor the numbers come from a request.
    pub(super) fn expr(&self, rows: &TableContext<'_>) -> SimpleExpr {
        if let Some(point) = self.publication {
            return point.number(&held(point));
        }
        if let Some(Computed(value)) = &self.computed {
            return value(rows);
        }
        let column = rows.expr(self.column.clone());
        if self.ranks.is_empty() {
            return column;
        }
        let ranks = (0..).zip(self.ranks).fold(CaseStatement::new(), |case, (rank, text): (i32, _)| {
            case.case(column.clone().eq(Expr::cust(format!("'{text}'"))), Expr::cust(rank.to_string()))
        });
        SimpleExpr::Case(Box::new(ranks)).cast_as("double precision")
    }

    /// The same as it is selected: a number, or a text.
    pub(super) fn selected(&self, rows: &TableContext<'_>) -> SimpleExpr {
        let value = self.expr(rows);
        if self.publication.is_some() { value.cast_as("double precision") } else { value }
    }

    /// Joins what it reads beside the rows.
    pub(super) fn join(&self, rows: &TableContext<'_>, select: &mut SelectStatement) {
        if let Some(point) = self.publication {
            rows.join_publication(select, &held(point), point);
        }
    }

    /// Sorts by a column that may have a number.
    pub fn nullable_number(column: impl IntoIden, direction: Direction) -> Self {
        Self { nullable: true, ..Self::number(column, direction) }
    }
}

/// Alias of the publication whose number is sorted by.
fn held(point: PublicationPoint) -> DynIden {
    let alias = match point {
        PublicationPoint::First => "of_first",
        PublicationPoint::Since => "of_since",
        PublicationPoint::Last => "of_last",
    };
    Alias::new(alias).into_iden()
}

/// The order fields that one module adds for the nodes `Of`: an enum that derives `OneofObject`.
pub trait OrderFields: InputType + 'static {
    /// The nodes that are sorted.
    type Of: Listed;

    /// The column and the direction.
    fn term(&self) -> OrderTerm;
}

/// One module's part of an order.
pub(crate) struct OrderPart {
    pub(crate) fields: Vec<String>,
    pub(crate) term: fn(Value) -> Result<OrderTerm>,
}

/// A module's part of an order as a plain function.
pub(crate) fn term<P: OrderFields>(value: Value) -> Result<OrderTerm> {
    P::parse(Some(value)).map(|order| order.term()).map_err(bad_input)
}

/// One criterion by which nodes of type `T` are sorted; it has exactly one field.
#[derive(Debug)]
pub struct Order<T> {
    fields: FilterValues,
    of: PhantomData<fn() -> T>,
}

impl<T: Listed> InputType for Order<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Order", T::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let about = format!(
            "One criterion by which a list of objects of type `{}` is sorted: exactly one field. Further criteria follow in the list; the \
             last tie is broken by key, in the direction of the last object.",
            T::type_name()
        );
        open_input::<Self>(registry, &about, true, |_| Vec::new())
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::Object(fields)) if fields.len() == 1 => Ok(Self { fields, of: PhantomData }),
            Some(Value::Object(_)) => {
                Err(InputValueError::custom("give exactly one field; further criteria go into the list"))
            }
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::Object(self.fields.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The column and the direction of a criterion, which has one field.
pub(super) fn term_of(fields: &FilterValues, nodes: &ListSpec, catalog: &Catalog) -> Result<OrderTerm> {
    let parts = catalog.of::<ListParts>().orders.get(&nodes.node).into_iter().flatten();
    let unknown = || Error::caller("BAD_USER_INPUT", format!("`{}Order` has no such field", (nodes.type_name)()));
    let part = fields
        .keys()
        .find_map(|name| parts.clone().find(|part| part.fields.iter().any(|field| field == name.as_str())))
        .ok_or_else(unknown)?;
    (part.term)(Value::Object(fields.clone()))
}

impl<T> Clone for Order<T> {
    fn clone(&self) -> Self {
        Self { fields: self.fields.clone(), of: PhantomData }
    }
}
