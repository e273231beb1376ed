//! Conditions on occupations by their exposure, and orders by it.
use async_graphql::{InputObject, OneofObject};
use datasets::version;
use kernel::{
    Number, Result,
    list::{Direction, FilterFields, OrderFields, OrderTerm, TableContext, all_given, enum_name},
};
use occupations::{BlsCodes, Occupation, occupation_bls, occupation_of_release as listed};
use sea_orm::sea_query::{DynIden, Expr, ExprTrait as _, Func, Query, SelectStatement, SimpleExpr};

use super::{
    eloundou::{self, EloundouScores},
    measure::ExposureMeasure,
    microsoft::MicrosoftScores,
    scores::occupation_exposure::{self, Column},
};

/// Conditions on the exposure of an occupation by one measure. All given operators must hold; an occupation without a value meets none.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct ExposureFilter {
    /// The measure.
    measure: ExposureMeasure,
    /// Value greater than this.
    gt: Option<Number>,
    /// Value equal to this, or greater.
    gte: Option<Number>,
    /// Value less than this.
    lt: Option<Number>,
    /// Value equal to this, or less.
    lte: Option<Number>,
    /// Percentile equal to this, or greater.
    percentile_gte: Option<Number>,
    /// Percentile equal to this, or less.
    percentile_lte: Option<Number>,
}

/// Order by the exposure of an occupation by one measure.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct ExposureOrder {
    /// The measure.
    measure: ExposureMeasure,
    /// Direction of the order.
    direction: Direction,
}

#[derive(InputObject)]
pub(crate) struct ExposureConditions {
    /// Conditions on the exposure to AI by one measure.
    exposure: Option<ExposureFilter>,
}

impl FilterFields for ExposureConditions {
    type Of = Occupation;

    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr> {
        Ok(all_given([self.exposure.map(|filter| meets(filter, rows))]))
    }
}

/// Tells whether an occupation has a value that meets the conditions.
fn meets(filter: ExposureFilter, rows: &TableContext<'_>) -> SimpleExpr {
    let codes = || {
        let Values { mut select, alias } = values(filter.measure, rows);
        let column = |column: Column| Expr::col((alias.clone(), column));
        select.expr(column(Column::Code)).and_where(filter.on(&column(Column::Value), &column(Column::Percentile)));
        select
    };
    if is_of_tasks(filter.measure) {
        return rows.expr(listed::Column::Code).in_subquery(codes());
    }
    let group = rows.fresh("g");
    let of_group = |column: occupation_bls::Column| Expr::col((group.clone(), column));
    let mut grouped = Query::select();
    grouped
        .expr(of_group(occupation_bls::Column::Code))
        .from_as(occupation_bls::Entity, group.clone())
        .and_where(of_group(occupation_bls::Column::Version).eq(version::<BlsCodes>(rows)))
        .and_where(of_group(occupation_bls::Column::Bls).in_subquery(codes()));
    let own = rows.expr(listed::Column::SocCode).in_subquery(codes());
    own.or(rows.expr(listed::Column::Code).in_subquery(grouped))
}

impl ExposureFilter {
    fn on(&self, value: &SimpleExpr, percentile: &SimpleExpr) -> SimpleExpr {
        let bound = |bound: Option<Number>, of: &SimpleExpr, holds: fn(SimpleExpr, f64) -> SimpleExpr| {
            bound.map(|bound| holds(of.clone(), bound.0))
        };
        all_given([
            bound(self.gt, value, SimpleExpr::gt),
            bound(self.gte, value, SimpleExpr::gte),
            bound(self.lt, value, SimpleExpr::lt),
            bound(self.lte, value, SimpleExpr::lte),
            bound(self.percentile_gte, percentile, SimpleExpr::gte),
            bound(self.percentile_lte, percentile, SimpleExpr::lte),
        ])
    }
}

/// Tells measures by O*NET-SOC code from those by SOC code, which may be that of a group.
fn is_of_tasks(measure: ExposureMeasure) -> bool {
    measure.facts().dataset == eloundou::DATASET
}

/// A statement over the values of a measure in the perspective of these rows, which selects nothing yet.
struct Values {
    select: SelectStatement,
    alias: DynIden,
}

fn values(measure: ExposureMeasure, rows: &TableContext<'_>) -> Values {
    let alias = rows.fresh("x");
    let column = |column: Column| Expr::col((alias.clone(), column));
    let version = if is_of_tasks(measure) { version::<EloundouScores>(rows) } else { version::<MicrosoftScores>(rows) };
    let mut select = Query::select();
    select
        .from_as(occupation_exposure::Entity, alias.clone())
        .and_where(column(Column::Version).eq(version))
        .and_where(column(Column::Measure).eq(enum_name(measure)));
    Values { select, alias }
}

/// The value of an occupation by a measure; SQL null where there is none.
fn value(measure: ExposureMeasure, rows: &TableContext<'_>) -> SimpleExpr {
    let by = |code: SimpleExpr| {
        let Values { mut select, alias } = values(measure, rows);
        let column = |column: Column| Expr::col((alias.clone(), column));
        select.expr(column(Column::Value)).and_where(column(Column::Code).eq(code));
        SimpleExpr::SubQuery(None, Box::new(select.into()))
    };
    if is_of_tasks(measure) {
        return by(rows.expr(listed::Column::Code));
    }
    let group = rows.fresh("g");
    let of_group = |column: occupation_bls::Column| Expr::col((group.clone(), column));
    let mut bls = Query::select();
    bls.expr(of_group(occupation_bls::Column::Bls))
        .from_as(occupation_bls::Entity, group.clone())
        .and_where(of_group(occupation_bls::Column::Version).eq(version::<BlsCodes>(rows)))
        .and_where(of_group(occupation_bls::Column::Code).eq(rows.expr(listed::Column::Code)));
    let grouped = by(SimpleExpr::SubQuery(None, Box::new(bls.into())));
    Func::coalesce([by(rows.expr(listed::Column::SocCode)), grouped]).into()
}

#[derive(OneofObject)]
pub(crate) enum ExposureOrders {
    /// By the exposure to AI by one measure.
    Exposure(ExposureOrder),
}

impl OrderFields for ExposureOrders {
    type Of = Occupation;

    fn term(&self) -> OrderTerm {
        let Self::Exposure(ExposureOrder { measure, direction }) = *self;
        let name = format!("exposure_{}", enum_name(measure).to_lowercase());
        OrderTerm::computed(&name, move |rows| value(measure, rows), direction)
    }
}
