//! Conditions on occupations by their exposure, and orders by it.
use async_graphql::{InputObject, OneofObject};
use datasets::version;
use kernel::{
    Number, Result,
    list::{Direction, FilterFields, OrderFields, OrderTerm, TableContext, all_given, enum_name},
};
use occupations::{Occupation, occupation_of_release as listed};
use sea_orm::sea_query::{DynIden, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};

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
    let ExposureFilter { measure, gt, gte, lt, lte, percentile_gte, percentile_lte } = filter;
    let Values { mut select, alias } = values(measure, rows);
    let [code, value, percentile] =
        [Column::Code, Column::Value, Column::Percentile].map(|column| Expr::col((alias.clone(), column)));
    let conditions = [
        gt.map(|bound| value.clone().gt(bound.0)),
        gte.map(|bound| value.clone().gte(bound.0)),
        lt.map(|bound| value.clone().lt(bound.0)),
        lte.map(|bound| value.lte(bound.0)),
        percentile_gte.map(|bound| percentile.clone().gte(bound.0)),
        percentile_lte.map(|bound| percentile.lte(bound.0)),
    ];
    select.expr(code).and_where(all_given(conditions));
    rows.expr(joined_by(measure)).in_subquery(select)
}

/// The column by which an occupation finds its value: measures are published by O*NET-SOC or by SOC code.
fn joined_by(measure: ExposureMeasure) -> listed::Column {
    if measure.facts().dataset == eloundou::DATASET { listed::Column::Code } else { listed::Column::SocCode }
}

/// A statement over the values of a measure in the perspective of these rows, which selects nothing yet.
struct Values {
    select: SelectStatement,
    alias: DynIden,
}

fn values(measure: ExposureMeasure, rows: &TableContext<'_>) -> Values {
    let alias = rows.fresh("x");
    let column = |column: Column| Expr::col((alias.clone(), column));
    let version = if measure.facts().dataset == eloundou::DATASET {
        version::<EloundouScores>(rows)
    } else {
        version::<MicrosoftScores>(rows)
    };
    let mut select = Query::select();
    select
        .from_as(occupation_exposure::Entity, alias.clone())
        .and_where(column(Column::Version).eq(version))
        .and_where(column(Column::Measure).eq(enum_name(measure)));
    Values { select, alias }
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
        let value = move |rows: &TableContext<'_>| {
            let Values { mut select, alias } = values(measure, rows);
            let column = |column: Column| Expr::col((alias.clone(), column));
            select.expr(column(Column::Value)).and_where(column(Column::Code).eq(rows.expr(joined_by(measure))));
            SimpleExpr::SubQuery(None, Box::new(select.into()))
        };
        OrderTerm::computed(&name, value, direction)
    }
}
