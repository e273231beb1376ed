//! Additions of the surveys to `Occupation`: education, and preparation.
use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use datasets::{Block, DataFigure, Dataset, FigureUnit, MissingReason, block};
use futures_util::future::try_join;
use kernel::{Number, Result, request};
use occupations::Occupation;

use super::{
    categories::{self, CategoryRow, EducationCategories},
    preparation::{self, JobZoneRow, JobZones, PreparationRow, Preparations},
    shares::{EducationShares, ShareRow},
};

/// Answers of people in an occupation to a question about education, experience or training.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct EducationSurvey {
    /// The id of the question in the content model of O*NET, such as `2.D.1` for the required level of education.
    element_id: String,
    /// The question; null if the release does not name it.
    element_name: Option<String>,
    /// The scale of the answers, such as `RL`. The same question may be answered by several scales, whose shares do not add up.
    scale_id: String,
    /// The name of the scale; null if the release does not name it.
    scale_name: Option<String>,
    /// Shares of the categories of the scale, in their order; empty for a scale without categories.
    categories: Vec<EducationEstimate>,
    /// The rating on a scale without categories; null for one with categories.
    rating: Option<EducationEstimate>,
    /// The data set.
    dataset: Dataset,
}

/// A share of the people who gave an answer, or their mean rating, with its error.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct EducationEstimate {
    /// The number of the category on its scale; null for a rating.
    category: Option<i32>,
    /// The words of the category; null for a rating, or if the release has none.
    label: Option<String>,
    /// The share in percent, or the rating.
    value: DataFigure,
    /// Number of the people who answered.
    sample_size: Option<i32>,
    /// The standard error.
    standard_error: Option<Number>,
    /// The lower bound of the 95 % confidence interval.
    lower_bound: Option<Number>,
    /// The upper bound of the 95 % confidence interval.
    upper_bound: Option<Number>,
    /// True if O*NET advises against the use of the figure, as its precision is low; null if O*NET does not say.
    recommend_suppress: Option<bool>,
    /// The month in which it was collected, such as `2023-08`.
    date: Option<String>,
    /// Source of the figure, such as `Incumbent` for people in the occupation.
    source: Option<String>,
}

impl EducationEstimate {
    fn new(row: &ShareRow, label: Option<String>) -> Self {
        let unit = if row.category.is_some() { FigureUnit::Percent } else { FigureUnit::Score };
        Self {
            category: row.category,
            label,
            value: row
                .value
                .map_or(DataFigure::none(MissingReason::NotReleased, unit), |value| DataFigure::of(value, unit)),
            sample_size: row.sample,
            standard_error: row.error.map(Number),
            lower_bound: row.lower.map(Number),
            upper_bound: row.upper.map(Number),
            recommend_suppress: row.suppress,
            date: row.month.clone(),
            source: row.source.clone(),
        }
    }
}

fn surveys(dataset: &Dataset, rows: &[ShareRow], names: &[CategoryRow]) -> Vec<EducationSurvey> {
    let mut by_question: BTreeMap<(&str, &str), Vec<&ShareRow>> = BTreeMap::new();
    for row in rows {
        by_question.entry((&row.element, &row.scale)).or_default().push(row);
    }
    let survey = |((element, scale), mut answers): ((&str, &str), Vec<&ShareRow>)| {
        answers.sort_by_key(|row| row.category);
        let of: Vec<_> = names.iter().filter(|row| row.is_of(element, scale)).collect();
        let estimate = |row: &&ShareRow| {
            let category = of.iter().find(|known| known.category.is_some() && known.category == row.category);
            EducationEstimate::new(row, category.and_then(|category| category.label.clone()))
        };
        EducationSurvey {
            element_id: element.to_owned(),
            element_name: of.first().map(|row| row.name.clone()),
            scale_id: scale.to_owned(),
            scale_name: of.first().and_then(|row| row.scale_name.clone()),
            categories: answers.iter().filter(|row| row.category.is_some()).map(estimate).collect(),
            rating: answers.iter().find(|row| row.category.is_none()).map(estimate),
            dataset: dataset.clone(),
        }
    };
    by_question.into_iter().map(survey).collect()
}

/// Preparation that people usually need for an occupation, by its job zone.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Preparation {
    /// The job zone: the higher, the more preparation. From release 30.2 on, 2 stands for 1 and 2.
    job_zone: i32,
    /// The name of the job zone; null if the release does not describe the zone.
    name: Option<String>,
    /// Experience that is usually needed.
    experience: Option<String>,
    /// Education that is usually needed.
    education: Option<String>,
    /// Training on the job that is usual.
    job_training: Option<String>,
    /// Examples of occupations in the zone.
    examples: Option<String>,
    /// The range of specific vocational preparation, such as `(6.0 to < 7.0)`.
    svp_range: Option<String>,
    /// The month in which the zone was assigned, such as `2023-08`.
    date: Option<String>,
    /// Source of the assignment, such as `Analyst`.
    source: Option<String>,
    /// The data set.
    dataset: Dataset,
}

impl Preparation {
    fn new(dataset: Dataset, row: &PreparationRow, zone: Option<&JobZoneRow>) -> Self {
        let text = |of: fn(&JobZoneRow) -> &Option<String>| zone.and_then(|zone| of(zone).clone());
        Self {
            job_zone: row.zone,
            name: zone.map(|zone| zone.name.clone()),
            experience: text(|zone| &zone.experience),
            education: text(|zone| &zone.education),
            job_training: text(|zone| &zone.training),
            examples: text(|zone| &zone.examples),
            svp_range: text(|zone| &zone.svp),
            date: row.month.clone(),
            source: row.source.clone(),
            dataset,
        }
    }
}

/// Education and preparation of an occupation.
pub(crate) struct OccupationEducation(Arc<str>);

impl From<&Occupation> for OccupationEducation {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.code().into())
    }
}

#[Object]
impl OccupationEducation {
    /// Answers of surveys about the education, experience and training that the occupation requires, by question and scale. Empty if O*NET has
    /// none, or the data set `onet` is not synced.
    async fn education(&self, ctx: &Context<'_>) -> Result<Vec<EducationSurvey>> {
        let loaders = request(ctx);
        let names = block::<EducationCategories>(loaders, categories::ALL);
        let (found, names) = try_join(block::<EducationShares>(loaders, &self.0), names).await?;
        let names = names.map(|names| names.rows).unwrap_or_default();
        Ok(found.map(|Block { dataset, rows }| surveys(&dataset, &rows, &names)).unwrap_or_default())
    }

    /// Preparation that people usually need; null if O*NET has assigned no job zone, or the data set `onet` is not synced.
    async fn preparation(&self, ctx: &Context<'_>) -> Result<Option<Preparation>> {
        let loaders = request(ctx);
        let zones = block::<JobZones>(loaders, preparation::ALL);
        let (found, zones) = try_join(block::<Preparations>(loaders, &self.0), zones).await?;
        let zones = zones.map(|zones| zones.rows).unwrap_or_default();
        let Some(Block { dataset, rows }) = found else { return Ok(None) };
        let of = |row: &PreparationRow| zones.iter().find(|zone| zone.zone == row.zone);
        Ok(rows.first().map(|row| Preparation::new(dataset, row, of(row))))
    }
}
