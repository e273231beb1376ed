//! `Occupation.wage` and `Occupation.wages`: the figures of an occupation in a place.
use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use datasets::{DataFigure, Dataset, FigureUnit, MissingReason, block};
use kernel::{
    Entry, Kind as _, Result,
    list::{PageEnd, Values, values},
    request,
};
use occupations::Occupation;
use places::{Place, PlaceKey};

use crate::{
    WageRow,
    load::{WageIn, WagesOf},
    oews::{
        published::{OccupationLevel, PublishedTable},
        wages::TOP_CODED,
    },
};

/// Employment and wages of an occupation in a place.
#[derive(Clone, Debug)]
pub struct Wage {
    pub(crate) dataset: Entry,
    pub(crate) row: Arc<WageRow>,
    /// The SOC code and the place that were asked for.
    pub(crate) asked: (Arc<str>, Arc<str>),
    /// Tells that the occupation of O*NET that was asked for is only a part of the one of the SOC code.
    pub(crate) is_of_part: bool,
}

/// The mean and the percentiles of a wage.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct WageDistribution {
    /// The mean.
    mean: DataFigure,
    /// The 10th percentile: a tenth of the people earn less.
    p10: DataFigure,
    /// The 25th percentile.
    p25: DataFigure,
    /// The median: half of the people earn less.
    median: DataFigure,
    /// The 75th percentile.
    p75: DataFigure,
    /// The 90th percentile.
    p90: DataFigure,
}

/// Occupation and place that a row of figures was published for: not always those that were asked for.
#[derive(Clone, Debug)]
pub(crate) struct PublishedFor {
    dataset: Entry,
    code: Arc<str>,
    place: Arc<str>,
    is_of_group: bool,
    is_exact: bool,
}

/// Occupation and place that figures were published for: maybe a group of occupations, or a wider place than was asked for.
#[Object]
impl PublishedFor {
    /// The code of the occupation, or of a group of occupations that are published together.
    async fn code(&self) -> &str {
        &self.code
    }

    /// The title of the occupation, or of the group.
    async fn title(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let found = block::<PublishedTable>(request(ctx), &self.code).await?;
        Ok(found.and_then(|found| found.rows.first().map(|row| row.title.clone())))
    }

    /// The level of the occupation, or of the group.
    async fn level(&self) -> OccupationLevel {
        match OccupationLevel::of(&self.code) {
            OccupationLevel::Detailed if self.is_of_group => OccupationLevel::Broad,
            level => level,
        }
    }

    /// The place.
    async fn place(&self, ctx: &Context<'_>) -> Result<Option<Place>> {
        places::by_code(request(ctx), &self.place).await
    }

    /// True if this is the occupation and the place that were asked for. False if either is wider: a group of occupations, the SOC occupation of
    /// which the occupation of O*NET is a part (`13-1199` for `13-1199.04`), a state, or the nation.
    async fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// The data set.
    async fn dataset(&self) -> Dataset {
        Dataset::new(self.dataset.clone())
    }
}

/// Employment and wages of an occupation in a place. Employment counts jobs, without self-employed people.
#[Object]
impl Wage {
    /// The occupation and the place that the figures were published for.
    async fn published_for(&self) -> PublishedFor {
        let (soc, place) = &self.asked;
        PublishedFor {
            dataset: self.dataset.clone(),
            code: self.row.code.as_str().into(),
            place: self.row.place.as_str().into(),
            is_of_group: self.row.code != **soc,
            is_exact: self.row.code == **soc && self.row.place == **place && !self.is_of_part,
        }
    }

    /// Wages by the hour.
    async fn hourly(&self) -> WageDistribution {
        self.row.distribution([2, 5, 6, 7, 8, 9], FigureUnit::UsdPerHour)
    }

    /// Wages by the year. Where wages are paid by the hour, the publisher counts 2,080 hours.
    async fn annual(&self) -> WageDistribution {
        self.row.distribution([3, 10, 11, 12, 13, 14], FigureUnit::UsdPerYear)
    }

    /// The relative standard error of the mean wage: the smaller, the more reliable.
    async fn mean_error(&self) -> DataFigure {
        self.row.figure_at(4, FigureUnit::Percent)
    }

    /// Number of jobs.
    async fn employment(&self) -> DataFigure {
        self.row.figure_at(0, FigureUnit::Jobs)
    }

    /// The relative standard error of the number of jobs: the smaller, the more reliable.
    async fn employment_error(&self) -> DataFigure {
        self.row.figure_at(1, FigureUnit::Percent)
    }

    /// Jobs of the occupation among 1,000 jobs of the place.
    async fn jobs_per_thousand(&self) -> DataFigure {
        self.row.figure_at(15, FigureUnit::PerThousandJobs)
    }

    /// The share of the occupation in the jobs of the place, as a ratio to its share in the nation: 2 means twice as many.
    async fn location_quotient(&self) -> DataFigure {
        self.row.figure_at(16, FigureUnit::Ratio)
    }

    /// The data set.
    async fn dataset(&self) -> Dataset {
        Dataset::new(self.dataset.clone())
    }
}

impl WageRow {
    fn distribution(&self, [mean, p10, p25, median, p75, p90]: [usize; 6], unit: FigureUnit) -> WageDistribution {
        let at = |index| self.figure_at(index, unit);
        WageDistribution { mean: at(mean), p10: at(p10), p25: at(p25), median: at(median), p75: at(p75), p90: at(p90) }
    }

    /// A percentile by the hour or by the year; none where the publisher has no such percentile.
    pub(crate) fn percentile(&self, percentile: i64, is_hourly: bool) -> Option<DataFigure> {
        let of_hour = match percentile {
            10 => 5,
            25 => 6,
            50 => 7,
            75 => 8,
            90 => 9,
            _ => return None,
        };
        Some(if is_hourly {
            self.figure_at(of_hour, FigureUnit::UsdPerHour)
        } else {
            self.figure_at(of_hour + 5, FigureUnit::UsdPerYear)
        })
    }

    /// A measure, or the reason why there is none.
    fn figure_at(&self, index: usize, unit: FigureUnit) -> DataFigure {
        let note = self.notes.as_ref().and_then(|notes| notes.as_bytes().get(index)).copied().unwrap_or(b'.');
        match (self.measures[index], note) {
            (Some(value), TOP_CODED) => DataFigure::bound(value, unit),
            (Some(value), _) => DataFigure::of(value, unit),
            (None, b'4') if unit == FigureUnit::UsdPerHour => DataFigure::none(MissingReason::AnnualOnly, unit),
            (None, b'4') => DataFigure::none(MissingReason::HourlyOnly, unit),
            (None, b'.') => DataFigure::none(MissingReason::NotApplicable, unit),
            (None, _) => DataFigure::none(MissingReason::NotReleased, unit),
        }
    }

    /// Tells whether there is any wage, so that nobody has to look into a wider place.
    pub(crate) fn has_wage(&self) -> bool {
        self.measures[2..4].iter().chain(&self.measures[5..15]).any(Option::is_some)
    }
}

/// Wages of an occupation.
pub(crate) struct OccupationWages {
    soc: Arc<str>,
    is_part: bool,
}

impl From<&Occupation> for OccupationWages {
    fn from(occupation: &Occupation) -> Self {
        Self { soc: occupation.soc().into(), is_part: !occupation.is_whole() }
    }
}

#[Object]
impl OccupationWages {
    /// Employment and wages of the nearest place in which the occupation has a wage; `publishedFor` says which: the place itself, a state in which
    /// it lies, or the nation. Of several states, the one that the area's name has first is the nearest: of Cincinnati, OH-KY-IN, that is Ohio.
    /// Where none of them has a wage, it is the nearest that has any figure. All figures are of that one place: where no wage is released for a
    /// place, its employment is answered by `wages(places:)` only. Where no row is published for the occupation, in whichever of these places,
    /// those of the group that it is published with. Null if there are none at all, or the data set `bls-oews` is not synced.
    async fn wage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code of the place; the nation if omitted.")] place: Option<PlaceKey>,
    ) -> Result<Option<Wage>> {
        let place: Arc<str> = place.as_deref().unwrap_or("US").into();
        let wage = request(ctx).load(WageIn { soc: self.soc.clone(), place }).await?;
        Ok(wage.map(|wage| Wage { is_of_part: self.is_part, ..wage }))
    }

    /// Employment and wages in all places, or in some, as they are published: the nation, states, metropolitan areas, nonmetropolitan areas,
    /// each by name. What is not released has its reason.
    async fn wages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these places.")] places: Option<Vec<PlaceKey>>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only wages after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only wages before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<Wage>> {
        let asked = Asked { soc: self.soc.clone(), is_part: self.is_part, places };
        page(ctx, asked, (first, after), (last, before)).await
    }
}

/// A SOC code whose wages are asked for in these places; in all where none are named.
pub(crate) struct Asked {
    pub(crate) soc: Arc<str>,
    /// Tells that they are asked for as those of a part of the SOC occupation.
    pub(crate) is_part: bool,
    pub(crate) places: Option<Vec<PlaceKey>>,
}

/// A page of the wages of a SOC code.
pub(crate) async fn page(
    ctx: &Context<'_>,
    Asked { soc, is_part, places }: Asked,
    from_start: PageEnd,
    from_end: PageEnd,
) -> Result<Values<Wage>> {
    let places = places.map(|places| places.iter().map(|place| Arc::from(&**place)).collect());
    let found = request(ctx).load(WagesOf { soc, places }).await?.unwrap_or_default();
    let wages = found.iter().map(|wage| Wage { is_of_part: is_part, ..wage.clone() });
    values(ctx, wages, from_start, from_end)
}
