//! Additions of the data sets of exposure to `Occupation`.
use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use careers::document::CodeScheme;
use datasets::{Block, DataFigure, DataTable, Dataset, FigureUnit, MissingReason, block};
use futures_util::future::{try_join, try_join_all};
use kernel::{
    Loaders, Number, Result,
    list::{Values, values},
    request,
};
use occupations::{BlsCodes, Occupation};

use super::{
    activity::ActivityExposure,
    eloundou::EloundouScores,
    measure::{ExposureMeasure, SCALE},
    microsoft::{
        MicrosoftScores,
        activities::{ActivityLinks, ActivityMetricsTable},
    },
    scores::{Score, ScoreRow},
    task::{TaskExposure, TaskLabels},
};

/// Exposure of an occupation to AI by one measure.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationExposure {
    /// The measure.
    measure: ExposureMeasureFacts,
    /// The value on the scale of the measure.
    value: DataFigure,
    /// Share of the occupations of the data set whose value by this measure is lower than this one or equal to it, in percent to two decimals:
    /// 100 for the highest. Occupations without a value do not count; those that share a code count once. Null if there is no value.
    percentile: Option<Number>,
    /// The occupation that the value was published for.
    published_for: ExposedOccupation,
    /// The data set.
    dataset: Dataset,
}

/// A measure of exposure, described.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExposureMeasureFacts(ExposureMeasure);

/// A measure of exposure: what its values say.
#[Object(name = "ExposureMeasureInfo")]
impl ExposureMeasureFacts {
    /// The measure, as arguments name it.
    async fn id(&self) -> ExposureMeasure {
        self.0
    }

    /// The name.
    async fn name(&self) -> &str {
        self.0.facts().name
    }

    /// Description of what the value counts.
    async fn description(&self) -> &str {
        self.0.facts().about
    }

    /// The column of the authors' files that has the values.
    async fn column(&self) -> &str {
        self.0.facts().column
    }

    /// The scale that the definition allows; the values of a release may span less of it.
    async fn scale(&self) -> ExposureScale {
        let (minimum, maximum) = SCALE;
        ExposureScale { minimum: Number(minimum), maximum: Number(maximum) }
    }
}

/// Scale of a measure of exposure.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(crate) struct ExposureScale {
    /// The least value.
    minimum: Number,
    /// The greatest value.
    maximum: Number,
}

/// An occupation as the authors of a measure name it.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ExposedOccupation {
    /// Classification of the code. A SOC code stands for all occupations of O*NET under it; some codes are those of groups that the U.S. Bureau
    /// of Labor Statistics publishes together.
    scheme: CodeScheme,
    /// The code.
    code: String,
    /// The title, as the data set has it.
    title: String,
    /// True if this is the occupation that was asked for. False if it is a group of occupations, or the SOC occupation of which the occupation of
    /// O*NET is a part: `13-1199` for `13-1199.04`.
    is_exact: bool,
}

/// The exposures of the rows, whose code is exactly that of the occupation if it is this one.
fn exposures(scheme: CodeScheme, exact: Option<&str>, found: Option<Block<ScoreRow>>) -> Vec<OccupationExposure> {
    let Some(Block { dataset, rows }) = found else { return Vec::new() };
    let of = |row: &ScoreRow| {
        let (code, is_exact) = (row.code.clone(), exact == Some(&row.code));
        let published_for = ExposedOccupation { scheme, code, title: row.title.clone(), is_exact };
        let dataset = dataset.clone();
        let exposure = move |Score { measure, value, percentile }: &Score| OccupationExposure {
            measure: ExposureMeasureFacts(*measure),
            value: value.map_or(DataFigure::none(MissingReason::NotReleased, FigureUnit::Score), |value| {
                DataFigure::of(value, FigureUnit::Score)
            }),
            percentile: percentile.map(Number),
            published_for: published_for.clone(),
            dataset: dataset.clone(),
        };
        row.scores.iter().map(exposure).collect::<Vec<_>>()
    };
    rows.iter().flat_map(of).collect()
}

/// Exposure of an occupation.
pub(crate) struct OccupationExposures {
    code: Arc<str>,
    soc: Arc<str>,
    is_whole: bool,
}

impl From<&Occupation> for OccupationExposures {
    fn from(occupation: &Occupation) -> Self {
        Self { code: occupation.code().into(), soc: occupation.soc().into(), is_whole: occupation.is_whole() }
    }
}

impl OccupationExposures {
    /// The block of the SOC code; where it has no rows, that of the group with which the U.S. Bureau of Labor Statistics publishes it.
    async fn usage<T: DataTable>(&self, loaders: &Loaders) -> Result<Option<Block<T::Row>>> {
        let (own, group) = try_join(block::<T>(loaders, &self.soc), block::<BlsCodes>(loaders, &self.code)).await?;
        if own.as_ref().is_none_or(|own| !own.rows.is_empty()) {
            return Ok(own);
        }
        match group.as_ref().and_then(|group| group.rows.first()).filter(|group| *group.bls != *self.soc) {
            Some(group) => block::<T>(loaders, &group.bls).await,
            None => Ok(own),
        }
    }
}

#[Object]
impl OccupationExposures {
    /// Exposure to AI by each measure, side by side: no score sums them up. Empty if no data set of exposure has the occupation, or is synced.
    async fn exposure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these measures; all if omitted.")] measures: Option<Vec<ExposureMeasure>>,
    ) -> Result<Vec<OccupationExposure>> {
        let loaders = request(ctx);
        let labels = block::<EloundouScores>(loaders, &self.code);
        let (labels, usage) = try_join(labels, self.usage::<MicrosoftScores>(loaders)).await?;
        let mut found = exposures(CodeScheme::OnetSoc, Some(&self.code), labels);
        found.extend(exposures(CodeScheme::Soc, self.is_whole.then_some(&*self.soc), usage));
        if let Some(measures) = measures {
            found.retain(|exposure| measures.contains(&exposure.measure.0));
        }
        Ok(found)
    }

    /// Labels of the exposure of the occupation's tasks, by people and by GPT-4, in the order of the task ids. They were made of O*NET 27.2:
    /// newer tasks have none, and labelled tasks may be gone.
    async fn task_exposure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only tasks after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only tasks before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<TaskExposure>> {
        let mut tasks: Vec<TaskExposure> = Vec::new();
        if let Some(Block { dataset, rows }) = block::<TaskLabels>(request(ctx), &self.code).await? {
            let mut rows: Vec<_> = rows.iter().collect();
            rows.sort_by_key(|row| row.task());
            tasks.extend(rows.into_iter().map(|row| TaskExposure::new(&dataset, row)));
        }
        values(ctx, tasks.into_iter(), (first, after), (last, before))
    }

    /// Intermediate work activities of the occupation, and how conversations with an assistant serve each, in the order of their ids.
    async fn activity_exposure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only activities after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only activities before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<ActivityExposure>> {
        let loaders = request(ctx);
        let found = self.usage::<ActivityLinks>(loaders).await?.map(|block| block.rows).unwrap_or_default();
        let mut ids: Vec<_> = found.iter().map(|row| row.activity.as_str()).collect();
        ids.sort_unstable();
        let metrics = try_join_all(ids.into_iter().map(|id| block::<ActivityMetricsTable>(loaders, id))).await?;
        let metrics = metrics
            .into_iter()
            .flatten()
            .filter_map(|Block { dataset, rows }| rows.first().map(|row| ActivityExposure::new(&dataset, row)));
        values(ctx, metrics.collect::<Vec<_>>().into_iter(), (first, after), (last, before))
    }
}
