//! Figures of data sets: a value, a bound, or the reason why there is none.
use async_graphql::{Enum, SimpleObject};
use kernel::Number;
use serde::{Deserialize, Serialize};

/// A figure as its publisher released it: `value`, or `atLeast` where the publisher gives a bound only, or neither and the reason.
#[derive(Clone, Copy, Debug, PartialEq, SimpleObject)]
pub struct DataFigure {
    /// The value; null where there is none, or only a bound.
    pub value: Option<Number>,
    /// The bound that the value reaches or exceeds, where the publisher does not release the value itself.
    pub at_least: Option<Number>,
    /// The unit of the value and of the bound.
    pub unit: FigureUnit,
    /// The reason why there is neither a value nor a bound; null where there is one.
    pub missing: Option<MissingReason>,
}

/// Unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
pub enum FigureUnit {
    /// US dollars per hour.
    UsdPerHour,
    /// US dollars per year.
    UsdPerYear,
    /// A number of jobs.
    Jobs,
    /// A number of jobs per year.
    JobsPerYear,
    /// Percent: 8 means 8 %.
    Percent,
    /// Jobs of each 1,000 jobs.
    PerThousandJobs,
    /// A ratio: 1 means as much as in the whole.
    Ratio,
    /// A score on the scale that stands beside it.
    Score,
}

/// Reason why a figure has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
pub enum MissingReason {
    /// The publisher does not give the figure: it has none, or does not release it.
    NotReleased,
    /// There is no such figure: it makes no sense here.
    NotApplicable,
    /// The publisher gives the wages of this occupation by the hour only.
    HourlyOnly,
    /// The publisher gives the wages of this occupation by the year only.
    AnnualOnly,
}

impl DataFigure {
    /// A value.
    pub fn of(value: f64, unit: FigureUnit) -> Self {
        Self { value: Some(Number(value)), at_least: None, unit, missing: None }
    }

    /// A bound.
    pub fn bound(bound: f64, unit: FigureUnit) -> Self {
        Self { value: None, at_least: Some(Number(bound)), unit, missing: None }
    }

    /// No value.
    pub fn none(reason: MissingReason, unit: FigureUnit) -> Self {
        Self { value: None, at_least: None, unit, missing: Some(reason) }
    }
}
