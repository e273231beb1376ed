//! Filters and orders by the dates of entries, the same for every list of them.
use async_graphql::{InputObject, InputType as _, OneofObject, Value};
use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};
use store::PublicationPoint;

use super::{
    bad_input,
    filter::{FilterValues, TableContext, all_given},
    operators::FilterColumn,
    order::{Direction, OrderTerm},
};
use crate::{
    Result,
    moment::{ContentVersion, Moment},
};

/// Conditions on a moment. All given operators must hold.
#[derive(Debug, Default, InputObject)]
pub(crate) struct DateTimeFilter {
    /// Later than this moment.
    gt: Option<Moment>,
    /// At this moment, or later.
    gte: Option<Moment>,
    /// Earlier than this moment.
    lt: Option<Moment>,
    /// At this moment, or earlier.
    lte: Option<Moment>,
    /// True: there is no moment. False: there is one.
    is_null: Option<bool>,
}

impl DateTimeFilter {
    /// The condition on rows of entries, by the time of a publication.
    fn on(&self, rows: &TableContext<'_>, point: PublicationPoint) -> SimpleExpr {
        let Self { gt, gte, lt, lte, is_null } = self;
        let has_operator = gt.is_some() || gte.is_some() || lt.is_some() || lte.is_some();
        let compared = |time: &FilterColumn| {
            all_given([
                gt.map(|moment| time.gt(moment.0)),
                gte.map(|moment| time.gte(moment.0)),
                lt.map(|moment| time.lt(moment.0)),
                lte.map(|moment| time.lte(moment.0)),
            ])
        };
        let has_one = || rows.dated(point, |_, _| all_given([]));
        all_given([
            has_operator.then(|| rows.dated(point, |time, _| compared(time))),
            is_null.map(|yes| if yes { has_one().not() } else { has_one() }),
        ])
    }
}

/// Conditions on a content version. All given operators must hold.
#[derive(Debug, Default, InputObject)]
pub(crate) struct ContentVersionFilter {
    /// Later than this version.
    gt: Option<ContentVersion>,
    /// This version, or later.
    gte: Option<ContentVersion>,
    /// Earlier than this version.
    lt: Option<ContentVersion>,
    /// This version, or earlier.
    lte: Option<ContentVersion>,
}

impl ContentVersionFilter {
    /// The condition on rows of entries, by the number of a publication. Without an operator there is none.
    fn on(&self, rows: &TableContext<'_>, point: PublicationPoint) -> Option<SimpleExpr> {
        let Self { gt, gte, lt, lte } = *self;
        let has_operator = gt.is_some() || gte.is_some() || lt.is_some() || lte.is_some();
        let compared = |number: &FilterColumn| {
            all_given([
                gt.map(|version| number.gt(version.0)),
                gte.map(|version| number.gte(version.0)),
                lt.map(|version| number.lt(version.0)),
                lte.map(|version| number.lte(version.0)),
            ])
        };
        has_operator.then(|| rows.dated(point, |_, number| compared(number)))
    }
}

/// Conditions on the dates of an entry.
#[derive(Debug, Default, InputObject)]
pub(crate) struct DatesFilter {
    /// By the time of the first publication.
    first_published_at: Option<DateTimeFilter>,
    /// By the time since which it is published without a break.
    published_at: Option<DateTimeFilter>,
    /// By the time at which what is published last changed.
    updated_at: Option<DateTimeFilter>,
    /// By the content version that the last change made.
    version: Option<ContentVersionFilter>,
}

/// Orders by the dates of an entry. What was published together stands in the order of its publication: nothing ties.
#[derive(Debug, OneofObject)]
pub(crate) enum DatesOrder {
    /// By the time of the first publication; what was published together, in the order of that.
    FirstPublishedAt(Direction),
    /// By the time since which it is published without a break; what was published together, in the order of that.
    PublishedAt(Direction),
    /// By the time at which what is published last changed; what changed together, in the order of that.
    UpdatedAt(Direction),
    /// By the content version that the last change made.
    Version(Direction),
}

/// The condition of [`DatesFilter`] on rows of entries.
pub(crate) fn dates_condition(fields: &FilterValues, rows: &TableContext<'_>) -> Result<SimpleExpr> {
    let filter = DatesFilter::parse(Some(Value::Object(fields.clone()))).map_err(bad_input)?;
    let date = |filter: &Option<DateTimeFilter>, point| filter.as_ref().map(|filter| filter.on(rows, point));
    Ok(all_given([
        date(&filter.first_published_at, PublicationPoint::First),
        date(&filter.published_at, PublicationPoint::Since),
        date(&filter.updated_at, PublicationPoint::Last),
        filter.version.as_ref().and_then(|filter| filter.on(rows, PublicationPoint::Last)),
    ]))
}

/// The term of [`DatesOrder`]. Publications are numbered as time goes by, so that their numbers sort like their moments.
pub(crate) fn dates_term(value: Value) -> Result<OrderTerm> {
    let (point, name, direction) = match DatesOrder::parse(Some(value)).map_err(bad_input)? {
        DatesOrder::FirstPublishedAt(direction) => (PublicationPoint::First, "firstPublishedAt", direction),
        DatesOrder::PublishedAt(direction) => (PublicationPoint::Since, "publishedAt", direction),
        DatesOrder::UpdatedAt(direction) => (PublicationPoint::Last, "updatedAt", direction),
        DatesOrder::Version(direction) => (PublicationPoint::Last, "version", direction),
    };
    Ok(OrderTerm::publication(name, point, direction))
}
