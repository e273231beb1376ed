//! `Occupation.projection`: the employment of an occupation now and in ten years.
use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use datasets::{Block, DataFigure, Dataset, FigureUnit, block};
use futures_util::future::try_join;
use kernel::{Loaders, Result, request};
use occupations::{BlsCodes, Occupation};

use crate::projections::{
    kinds::{EntryEducation, OnTheJobTraining, RelatedExperience},
    table::{ProjectionRow, Projections, group_of},
};

/// Employment of an occupation in a base year and, as it is projected, in a target year.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    dataset: Dataset,
    row: Arc<ProjectionRow>,
    is_exact: bool,
}

/// The occupation that a projection was published for, which may be a group of occupations.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ProjectedOccupation {
    /// The code of the occupation, or of a group of occupations that are projected together.
    code: String,
    /// The title of the occupation, or of the group.
    title: String,
    /// Other titles that the publisher names.
    other_titles: Vec<String>,
    /// True if this is the occupation that was asked for. False if it is a group of occupations, or the SOC occupation of which the occupation of
    /// O*NET is a part: `13-1199` for `13-1199.04`.
    is_exact: bool,
}

/// Employment of an occupation in a base year and, as it is projected, in a target year. It counts jobs, those of self-employed people as well.
#[Object]
impl Projection {
    /// The occupation that the figures were published for.
    async fn published_for(&self) -> ProjectedOccupation {
        ProjectedOccupation {
            code: self.row.code.clone(),
            title: self.row.title.clone(),
            other_titles: self.row.titles.clone(),
            is_exact: self.is_exact,
        }
    }

    /// The base year.
    async fn base_year(&self) -> i32 {
        self.row.base_year
    }

    /// The target year.
    async fn target_year(&self) -> i32 {
        self.row.target_year
    }

    /// Number of jobs in the base year.
    async fn base_employment(&self) -> DataFigure {
        self.row.base.in_unit(FigureUnit::Jobs)
    }

    /// Number of jobs in the target year.
    async fn target_employment(&self) -> DataFigure {
        self.row.target.in_unit(FigureUnit::Jobs)
    }

    /// Change of the number of jobs between the two years; negative where it falls.
    async fn change(&self) -> DataFigure {
        self.row.change.in_unit(FigureUnit::Jobs)
    }

    /// Change of the number of jobs between the two years, in percent.
    async fn percent_change(&self) -> DataFigure {
        self.row.percent.in_unit(FigureUnit::Percent)
    }

    /// Openings per year, on average: new jobs, and those of people who leave the occupation.
    async fn openings(&self) -> DataFigure {
        self.row.openings.in_unit(FigureUnit::JobsPerYear)
    }

    /// The median annual wage that the publisher shows beside the projection. `Occupation.wage` has more.
    async fn median_annual_wage(&self) -> DataFigure {
        self.row.wage.in_unit(FigureUnit::UsdPerYear)
    }

    /// The year of the median annual wage.
    async fn wage_year(&self) -> i32 {
        self.row.wage_year
    }

    /// Education that people typically need to enter the occupation; null if the publisher assigns none.
    async fn entry_education(&self) -> Option<EntryEducation> {
        self.row.education
    }

    /// Work experience in a related occupation that employers commonly ask for; null if the publisher assigns none.
    async fn related_experience(&self) -> Option<RelatedExperience> {
        self.row.experience
    }

    /// Training on the job that people typically need to become competent; null if the publisher assigns none.
    async fn on_the_job_training(&self) -> Option<OnTheJobTraining> {
        self.row.training
    }

    /// The data set.
    async fn dataset(&self) -> Dataset {
        self.dataset.clone()
    }
}

/// The projection of an occupation.
pub(crate) struct OccupationProjection {
    code: Arc<str>,
    soc: Arc<str>,
    is_whole: bool,
}

impl From<&Occupation> for OccupationProjection {
    fn from(occupation: &Occupation) -> Self {
        Self { code: occupation.code().into(), soc: occupation.soc().into(), is_whole: occupation.is_whole() }
    }
}

#[Object]
impl OccupationProjection {
    /// Projected employment, openings, and what the occupation asks of those who begin in it. Where none is published for the occupation, that of
    /// the group that it is projected with; `publishedFor` says which. Null if there is none at all, or the data set `bls-projections` is not
    /// synced.
    async fn projection(&self, ctx: &Context<'_>) -> Result<Option<Projection>> {
        let found = find(request(ctx), &self.code, &self.soc).await?;
        Ok(found.map(|found| Projection { is_exact: found.is_exact && self.is_whole, ..found }))
    }
}

/// The projection of an occupation, by its SOC code or by the code that the crosswalk has for it. Both are loaded at once.
async fn find(loaders: &Loaders, code: &str, soc: &str) -> Result<Option<Projection>> {
    let (near, known) =
        try_join(block::<Projections>(loaders, group_of(soc)), block::<BlsCodes>(loaders, code)).await?;
    let Some(near) = near else { return Ok(None) };
    let exact = of_code(&near, soc).map(|row| (near.dataset.clone(), row, true));
    let found = match (exact, known.and_then(|known| known.rows.first().map(|row| row.bls.clone()))) {
        (Some(exact), _) => Some(exact),
        (None, None) => None,
        (None, Some(other)) => {
            // The group has the same beginning as a rule, and is here already.
            let of = if group_of(&other) == group_of(soc) {
                Some(near)
            } else {
                block::<Projections>(loaders, group_of(&other)).await?
            };
            of.and_then(|of| Some((of.dataset.clone(), of_code(&of, &other)?, false)))
        }
    };
    Ok(found.map(|(dataset, row, is_exact)| Projection { dataset, row, is_exact }))
}

fn of_code(block: &Block<ProjectionRow>, code: &str) -> Option<Arc<ProjectionRow>> {
    block.rows.iter().find(|row| row.code == code).map(|row| Arc::new(row.clone()))
}
