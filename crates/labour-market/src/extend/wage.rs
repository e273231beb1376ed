//! Conditions on a published wage, and orders by it.
use async_graphql::{Enum, InputObject};
use kernel::{
    Number,
    list::{Direction, FilterColumn, NumberFilter, OrderTerm, TableContext},
};
use places::PlaceKey;
use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};

use crate::figures::Figures;

/// Statistic of a distribution of wages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum WageStatistic {
    /// The mean.
    Mean,
    /// The 10th percentile.
    #[graphql(name = "P10")]
    P10,
    /// The 25th percentile.
    #[graphql(name = "P25")]
    P25,
    /// The median.
    Median,
    /// The 75th percentile.
    #[graphql(name = "P75")]
    P75,
    /// The 90th percentile.
    #[graphql(name = "P90")]
    P90,
}

/// Unit of a published wage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum WageUnit {
    /// US dollars per hour.
    Hour,
    /// US dollars per year.
    Year,
}

/// Conditions on a wage that is published for exactly this place, in one unit: an occupation whose wages are published by the hour only has
/// none by the year, and the other way round. A wage that is given as a bound counts as the bound. All given operators must hold.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct WageFilter {
    /// The code of the place; the nation if omitted. There is no way round to a wider place.
    place: Option<PlaceKey>,
    /// The statistic; `MEDIAN` if omitted.
    statistic: Option<WageStatistic>,
    /// The unit.
    unit: WageUnit,
    /// Greater than this wage.
    gt: Option<Number>,
    /// Equal to this wage, or greater.
    gte: Option<Number>,
    /// Less than this wage.
    lt: Option<Number>,
    /// Equal to this wage, or less.
    lte: Option<Number>,
    /// True: there is no such wage. False: there is one.
    is_null: Option<bool>,
}

/// Order by a wage that is published for exactly this place, in one unit. Occupations without it come last.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct WageOrder {
    /// The code of the place; the nation if omitted. There is no way round to a wider place.
    place: Option<PlaceKey>,
    /// The statistic; `MEDIAN` if omitted.
    statistic: Option<WageStatistic>,
    /// The unit.
    unit: WageUnit,
    /// Ascending or descending.
    direction: Direction,
}

/// Tells whether there is a figure that meets a condition.
pub(super) type Has<'a> = dyn Fn(&Figures, &dyn Fn(&FilterColumn) -> SimpleExpr) -> SimpleExpr + 'a;

impl WageFilter {
    /// The condition, by what tells whether there is a figure.
    pub(super) fn on(&self, has: &Has<'_>) -> SimpleExpr {
        let figures = figures(self.place.as_ref(), self.statistic, self.unit);
        let Self { gt, gte, lt, lte, is_null, .. } = self;
        let bounds = NumberFilter { gt: *gt, gte: *gte, lt: *lt, lte: *lte, ..NumberFilter::default() };
        let is_bounded = [gt, gte, lt, lte].iter().any(|bound| bound.is_some());
        let any = || has(&figures, &|column| column.is_null(false));
        let conditions = [
            is_bounded.then(|| has(&figures, &|column| bounds.on(column))),
            is_null.map(|is_null| if is_null { any().not() } else { any() }),
        ];
        kernel::list::all_given(conditions)
    }
}

impl WageOrder {
    /// The term, by the wage of a row.
    pub(super) fn term(&self, value: fn(&Figures, &TableContext<'_>) -> SimpleExpr) -> OrderTerm {
        let (place, statistic) = (self.place.as_deref().unwrap_or("US"), self.statistic.unwrap_or(WageStatistic::Median));
        let name = format!("wage {place} {statistic:?} {:?}", self.unit);
        let figures = figures(self.place.as_ref(), self.statistic, self.unit);
        OrderTerm::computed(&name, move |rows| value(&figures, rows), self.direction)
    }
}

fn figures(place: Option<&PlaceKey>, statistic: Option<WageStatistic>, unit: WageUnit) -> Figures {
    let measure = match (statistic.unwrap_or(WageStatistic::Median), unit) {
        (WageStatistic::Mean, WageUnit::Hour) => "h_mean",
        (WageStatistic::Mean, WageUnit::Year) => "a_mean",
        (WageStatistic::P10, WageUnit::Hour) => "h_pct10",
        (WageStatistic::P10, WageUnit::Year) => "a_pct10",
        (WageStatistic::P25, WageUnit::Hour) => "h_pct25",
        (WageStatistic::P25, WageUnit::Year) => "a_pct25",
        (WageStatistic::Median, WageUnit::Hour) => "h_median",
        (WageStatistic::Median, WageUnit::Year) => "a_median",
        (WageStatistic::P75, WageUnit::Hour) => "h_pct75",
        (WageStatistic::P75, WageUnit::Year) => "a_pct75",
        (WageStatistic::P90, WageUnit::Hour) => "h_pct90",
        (WageStatistic::P90, WageUnit::Year) => "a_pct90",
    };
    Figures::of_wages(place.map_or("US", |place| place), measure)
}
