//! Open filters: `CareerFilter` takes its fields from every module that has something to ask of a career.
use std::{any::TypeId, borrow::Cow, marker::PhantomData};

use async_graphql::{
    InputType, InputValueError, InputValueResult, Name, Value,
    indexmap::IndexMap,
    registry::{MetaInputValue, Registry},
};
use sea_orm::sea_query::{Alias, DynIden, Expr, ExprTrait, IntoIden, Query, SelectStatement, SimpleExpr};
use store::PublicationPoint;

use super::{
    bad_input,
    operators::{FilterColumn, all, any},
    page::Listed,
    parts::ListParts,
    relation_path::RelationPath,
    spec::ListSpec,
    statement::{Required, Statement},
};
use crate::{Error, Kind, Perspective, Result, catalog::Catalog, open::open_input};

/// Maximum depth to which filters reach into relations and groups.
const MAX_DEPTH: usize = 10;

/// The raw fields of an input object.
pub(crate) type FilterValues = IndexMap<Name, Value>;

/// One module's part of a filter: its fields of the raw value as a condition on the rows.
pub(crate) type FilterPart = fn(&FilterValues, &TableContext<'_>) -> Result<SimpleExpr>;

/// The filter fields that one module adds for the nodes `Of`.
pub trait FilterFields: InputType + 'static {
    /// The nodes that are filtered.
    type Of: Listed;

    /// The rows of `Of` that all given fields admit.
    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr>;
}

/// A filter over nodes of type `T`: `and`, `or`, `not`, and the fields of the modules. All given fields must hold.
#[derive(Debug)]
pub struct Filter<T> {
    fields: FilterValues,
    of: PhantomData<fn() -> T>,
}

impl<T: Listed> InputType for Filter<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Filter", T::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let about = format!(
            "Conditions on objects of type `{}`. All given fields must hold; a field or operator that is null counts as omitted.",
            T::type_name()
        );
        open_input::<Self>(registry, &about, false, |_| {
            let name = Self::type_name();
            let field = |field: &str, ty: String, about: &str| {
                let mut value = MetaInputValue::new(field, ty);
                value.description = Some(about.to_owned());
                value
            };
            vec![
                field("and", format!("[{name}!]"), "All of these hold; true for an empty list."),
                field("or", format!("[{name}!]"), "At least one of these holds; false for an empty list."),
                field("not", name.to_string(), "This does not hold."),
            ]
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::Object(fields)) => Ok(Self { fields, of: PhantomData }),
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

impl<T: Listed> Filter<T> {
    /// The rows from which one of the related nodes, reached by `through`, meets this filter.
    pub fn on(&self, rows: &TableContext<'_>, through: &RelationPath) -> Result<SimpleExpr> {
        related(&self.fields, &ListSpec::of::<T>(), rows, through, |condition| condition)
    }
}

/// The rows from which one of the related nodes meets what is made of the condition of a filter.
fn related(
    filter: &FilterValues,
    nodes: &ListSpec,
    rows: &TableContext<'_>,
    through: &RelationPath,
    meets: fn(SimpleExpr) -> SimpleExpr,
) -> Result<SimpleExpr> {
    let (mut related, inner) = rows.related(nodes, through)?;
    related.and_where(meets(condition(nodes.node, filter, &inner)?));
    Ok(Expr::exists(related))
}

/// The condition of a filter over nodes of a type on `rows`, which are rows of these nodes.
pub(super) fn condition(node: TypeId, fields: &FilterValues, rows: &TableContext<'_>) -> Result<SimpleExpr> {
    let rows = rows.deeper()?;
    let group = |value: &Value| match value {
        Value::Object(fields) => condition(node, fields, &rows),
        _ => Ok(all([])),
    };
    let groups = |value: &Value| match value {
        Value::List(items) => items.iter().map(group).collect::<Result<Vec<_>>>(),
        single => Ok(vec![group(single)?]),
    };
    let mut conditions = Vec::new();
    for (name, value) in fields.iter().filter(|(_, value)| **value != Value::Null) {
        match name.as_str() {
            "and" => conditions.push(all(groups(value)?)),
            "or" => conditions.push(any(groups(value)?)),
            "not" => conditions.push(group(value)?.not()),
            _ => {}
        }
    }
    for part in rows.catalog.of::<ListParts>().filters.get(&node).into_iter().flatten() {
        conditions.push(part(fields, &rows)?);
    }
    Ok(all(conditions))
}

/// A module's part of a filter as a plain function.
pub(crate) fn part<P: FilterFields>(fields: &FilterValues, rows: &TableContext<'_>) -> Result<SimpleExpr> {
    P::parse(Some(Value::Object(fields.clone()))).map_err(bad_input)?.condition(rows)
}

/// Conditions on the related nodes of type `T`.
#[derive(Clone, Debug)]
pub struct Relation<T> {
    some: Option<Filter<T>>,
    none: Option<Filter<T>>,
    every: Option<Filter<T>>,
}

impl<T: Listed> InputType for Relation<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Relation", T::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let about =
            format!("Conditions on the related objects of type `{}`. All given fields must hold.", T::type_name());
        open_input::<Self>(registry, &about, false, |registry| {
            let filter = Filter::<T>::create_type_info(registry);
            let filter = filter.trim_end_matches('!');
            [
                ("some", "At least one of them meets this."),
                ("none", "None of them meets this."),
                ("every", "All of them meet this, or there are none."),
            ]
            .map(|(name, about)| {
                let mut value = MetaInputValue::new(name, filter);
                value.description = Some(about.to_owned());
                value
            })
            .into()
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(mut fields)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        let mut filter = |name: &str| {
            let value = fields.swap_remove(name).filter(|value| *value != Value::Null);
            value.map(|value| Filter::parse(Some(value))).transpose().map_err(InputValueError::propagate)
        };
        Ok(Self { some: filter("some")?, none: filter("none")?, every: filter("every")? })
    }

    fn to_value(&self) -> Value {
        let fields = [("some", &self.some), ("none", &self.none), ("every", &self.every)];
        let given =
            fields.into_iter().filter_map(|(name, filter)| Some((Name::new(name), filter.as_ref()?.to_value())));
        Value::Object(given.collect())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<T: Listed> Relation<T> {
    /// The rows from which the related nodes, reached by `through`, meet the conditions.
    pub fn on(&self, rows: &TableContext<'_>, through: &RelationPath) -> Result<SimpleExpr> {
        let nodes = ListSpec::of::<T>();
        let counterexample = |filter: &Filter<T>| related(&filter.fields, &nodes, rows, through, ExprTrait::not);
        let some = self.some.as_ref().map(|filter| filter.on(rows, through)).transpose()?;
        let none = self.none.as_ref().map(|filter| filter.on(rows, through)).transpose()?;
        let every = self.every.as_ref().map(counterexample).transpose()?;
        Ok(all_given([some, none.map(ExprTrait::not), every.map(ExprTrait::not)]))
    }
}

/// All of the conditions hold; those that are not given do not count.
pub fn all_given(conditions: impl IntoIterator<Item = Option<SimpleExpr>>) -> SimpleExpr {
    all(conditions.into_iter().flatten())
}

/// The rows that a condition speaks about: a table under an alias, in a perspective.
pub struct TableContext<'a> {
    catalog: &'a Catalog,
    perspective: Perspective,
    alias: DynIden,
    statement: &'a Statement,
    depth: usize,
}

impl<'a> TableContext<'a> {
    /// The rows of a new statement.
    pub(super) fn new(
        nodes: &ListSpec,
        catalog: &'a Catalog,
        perspective: Perspective,
        statement: &'a Statement,
    ) -> Self {
        statement.reads(nodes.kind);
        let perspective = perspective.of_lists();
        Self { catalog, perspective, alias: statement.fresh("t"), statement, depth: 0 }
    }

    /// The alias of these rows' table.
    pub(crate) fn alias(&self) -> &DynIden {
        &self.alias
    }

    /// A new alias for a joined table.
    pub fn fresh(&self, prefix: &str) -> DynIden {
        self.statement.fresh(prefix)
    }

    /// A column that always has a value.
    pub fn column(&self, column: impl IntoIden) -> FilterColumn {
        FilterColumn::required(self.expr(column))
    }

    /// A column that may be null.
    pub fn nullable(&self, column: impl IntoIden) -> FilterColumn {
        FilterColumn::nullable(self.expr(column))
    }

    /// A value of another table that is always there.
    pub fn of(&self, value: SimpleExpr) -> FilterColumn {
        FilterColumn::required(value)
    }

    /// A value of another table that may be missing.
    pub fn nullable_of(&self, value: SimpleExpr) -> FilterColumn {
        FilterColumn::nullable(value)
    }

    /// Tells whether the publication of these rows' entry meets a condition on its time and its number.
    pub(super) fn dated(
        &self,
        point: PublicationPoint,
        condition: impl FnOnce(&FilterColumn, &FilterColumn) -> SimpleExpr,
    ) -> SimpleExpr {
        let condition = |time, number| condition(&FilterColumn::required(time), &FilterColumn::required(number));
        self.expr("entry_id").in_subquery(self.perspective.of_lists().dated(point, condition))
    }

    /// Joins the publication of these rows' entry that holds.
    pub(super) fn join_publication(&self, select: &mut SelectStatement, held: &DynIden, point: PublicationPoint) {
        self.perspective.of_lists().join_publication(select, held, self.expr("entry_id"), point);
    }

    /// The column as an expression.
    pub fn expr(&self, column: impl IntoIden) -> SimpleExpr {
        Expr::col((self.alias.clone(), column.into_iden()))
    }

    /// The rows whose document has, in this table with `revision_id`, a row whose column meets the condition.
    pub fn has(
        &self,
        table: impl IntoIden,
        column: impl IntoIden,
        condition: impl FnOnce(&FilterColumn) -> SimpleExpr,
    ) -> SimpleExpr {
        let alias = self.fresh("v");
        let value = Expr::col((alias.clone(), column.into_iden()));
        let mut select = Query::select();
        select
            .expr(Expr::cust("1"))
            .from_as(table.into_iden(), alias.clone())
            .and_where(Expr::col((alias, Alias::new("revision_id"))).eq(self.expr("revision_id")))
            .and_where(condition(&FilterColumn::required(value)));
        Expr::exists(select)
    }

    /// A statement over the rows of visible entries of a kind in this table, which has `entry_id` and `revision_id`, and the alias of the
    /// table in it. It selects nothing yet.
    pub fn visible_of<K: Kind>(&self, table: impl IntoIden) -> (SelectStatement, DynIden) {
        self.statement.reads(K::NAME);
        let (alias, entries) = (self.fresh("d"), self.fresh("e"));
        let column = |column: &str| Expr::col((alias.clone(), Alias::new(column)));
        let mut select = Query::select();
        select.from_as(table.into_iden(), alias.clone());
        self.perspective.join_visible(&mut select, &entries, column("entry_id"), column("revision_id"));
        (select, alias)
    }

    /// Ends the list with an error where it would be made of rows that are not stored: where this statement finds something. Asked where the
    /// list finds nothing, and of all that is not published now. Tables are told apart by two names.
    pub fn requires(&self, table: (&'static str, &'static str), absent: SelectStatement, error: fn() -> Error) {
        self.statement.requires(table, Required { absent, error });
    }

    fn deeper(&self) -> Result<Self> {
        if self.depth == MAX_DEPTH {
            let message = format!("The filter is nested more than {MAX_DEPTH} levels deep. Ask for less at once.");
            return Err(Error::caller("FILTER_TOO_DEEP", message));
        }
        Ok(Self { alias: self.alias.clone(), depth: self.depth + 1, ..*self })
    }

    /// Joins the entry that these rows belong to, so that only visible rows remain.
    pub(crate) fn join_visible(&self, select: &mut SelectStatement) {
        let (entries, entry, revision) = (self.fresh("e"), self.expr("entry_id"), self.expr("revision_id"));
        self.perspective.join_visible(select, &entries, entry, revision);
    }

    /// A statement over the rows of nodes that are related to these rows.
    fn related(&self, nodes: &ListSpec, through: &RelationPath) -> Result<(SelectStatement, Self)> {
        let inner = Self { alias: self.fresh("t"), ..self.deeper()? };
        self.statement.reads(nodes.kind);
        let table = (nodes.table)();
        let mut select = Query::select();
        select.expr(Expr::cust("1"));
        match through {
            RelationPath::SameDocument => {
                select.from_as(table, inner.alias.clone());
                select.and_where(inner.expr("revision_id").eq(self.expr("revision_id")));
            }
            RelationPath::LinksTo(links, column) => {
                let (link, entries) = (self.fresh("l"), self.fresh("e"));
                select.from_as(links.clone(), link.clone());
                let slug = Expr::col((link.clone(), column.clone()));
                let is_visible = self.perspective.join_linked(&mut select, &entries, slug, nodes.kind);
                let is_visible = is_visible(inner.expr("entry_id"), inner.expr("revision_id"));
                select
                    .join_as(sea_orm::JoinType::InnerJoin, table, inner.alias.clone(), is_visible)
                    .and_where(Expr::col((link, Alias::new("revision_id"))).eq(self.expr("revision_id")));
            }
            RelationPath::LinkedFrom(links, column) => {
                let link = self.fresh("l");
                let same = inner.expr("revision_id").eq(Expr::col((link.clone(), Alias::new("revision_id"))));
                select.from_as(links.clone(), link.clone()).join_as(
                    sea_orm::JoinType::InnerJoin,
                    table,
                    inner.alias.clone(),
                    same,
                );
                inner.join_visible(&mut select);
                select.and_where(Expr::col((link, column.clone())).eq(self.expr("node_key")));
            }
        }
        Ok((select, inner))
    }
}

impl<T> Clone for Filter<T> {
    fn clone(&self) -> Self {
        Self { fields: self.fields.clone(), of: PhantomData }
    }
}
