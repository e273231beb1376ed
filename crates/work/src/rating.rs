//! The tables `task-ratings` and `task-categories` of `onet`: importance, relevance and frequency of tasks.
use std::borrow::Cow;

use async_graphql::{Context, SimpleObject};
use datasets::{Column, DataTable, Fault, FileNames, Input, Layout, Reading, Record, Row, block};
use futures_util::future::try_join;
use kernel::{Number, Result, request};
use occupations::layout;
use serde::{Deserialize, Serialize};

use crate::layout::{DATASET, TASK_ID, unknown_code};

/// The table `task-ratings`.
pub(crate) struct TaskRatings;

/// The table `task-categories`: the answers of the scales with categories.
pub(crate) struct TaskCategories;

/// The key of the only block of categories.
const ALL: &str = "all";

/// A rating of a task as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TaskRatingRow {
    /// The O*NET-SOC code.
    #[serde(rename = "o")]
    code: String,
    #[serde(rename = "k")]
    task: i32,
    #[serde(rename = "c")]
    scale: String,
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    category: Option<i32>,
    #[serde(rename = "v")]
    value: f64,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    lower: Option<f64>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    upper: Option<f64>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    suppress: Option<bool>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

/// An answer of a scale as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TaskCategoryRow {
    scale: String,
    category: i32,
    description: String,
}

impl Row for TaskRatingRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}/{}", self.task, self.scale, self.category.unwrap_or_default()).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        Some(self.value)
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

impl Row for TaskCategoryRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.scale, self.category).into()
    }

    fn block(&self) -> Cow<'_, str> {
        ALL.into()
    }
}

fn finite(record: &Record<'_>, column: Column) -> Result<Option<f64>, Fault> {
    let malformed =
        || record.fault("malformed-value", column, format!("`{}` is not a number here", record.raw(column)));
    let number: Option<f64> = record.number(column)?;
    if number.is_none_or(f64::is_finite) { Ok(number) } else { Err(malformed()) }
}

const RATINGS_FILE: FileNames = &["Task Ratings.txt", "task_ratings.csv", "task_ratings.txt"];
const CATEGORIES_FILE: FileNames = &["Task Categories.txt", "task_categories.csv", "task_categories.txt"];

impl DataTable for TaskRatings {
    type Row = TaskRatingRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "task-ratings";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[RATINGS_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, TaskRatingRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(RATINGS_FILE) else { return Ok(()) };
        let records = file.records()?;
        let (code, task) = (records.column(layout::CODE)?, records.column(TASK_ID)?);
        let (scale, category) = (records.column(layout::SCALE)?, records.column(&["Category"])?);
        let (value, n) = (records.column(layout::VALUE)?, records.column(&["N"])?);
        let standard_error = records.column(&["Standard Error"])?;
        let (lower, upper) = (records.column(&["Lower CI Bound"])?, records.column(&["Upper CI Bound"])?);
        let suppress = records.column(&["Recommend Suppress"])?;
        let (date, source) = (records.column(layout::DATE)?, records.column(layout::DOMAIN)?);
        records.each(|record| {
            if let Some(fault) = unknown_code(input, record, code)? {
                return rows.fault(fault);
            }
            record.text(value)?;
            let row = TaskRatingRow {
                code: record.text(code)?.to_owned(),
                task: record.required_number(task)?,
                scale: record.text(scale)?.to_owned(),
                category: record.number(category)?,
                value: finite(record, value)?.unwrap_or_default(),
                n: record.number(n)?,
                standard_error: finite(record, standard_error)?,
                lower: finite(record, lower)?,
                upper: finite(record, upper)?,
                suppress: record.flag(suppress)?,
                date: record.month(date)?,
                source: record.optional(source).map(str::to_owned),
            };
            rows.row(row, record.place(value))
        })
    }
}

impl DataTable for TaskCategories {
    type Row = TaskCategoryRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "task-categories";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[CATEGORIES_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, TaskCategoryRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(CATEGORIES_FILE) else { return Ok(()) };
        let records = file.records()?;
        let (scale, category) = (records.column(layout::SCALE)?, records.column(&["Category"])?);
        let description = records.column(&["Category Description"])?;
        records.each(|record| {
            let row = TaskCategoryRow {
                scale: record.text(scale)?.to_owned(),
                category: record.required_number(category)?,
                description: record.text(description)?.to_owned(),
            };
            rows.row(row, record.place(category))
        })
    }
}

/// A rating of a task.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct TaskRating {
    /// The identifier of the scale: `IM` for importance from 1 to 5, `RT` for relevance in percent, `FT` for frequency.
    scale: String,
    /// The answer whose share the value is, on the scale `FT`; null for others.
    category: Option<TaskCategory>,
    /// The value, on the scale; in percent on the scales `RT` and `FT`.
    value: Number,
    /// Number of answers; null if the publisher gives none.
    n: Option<u32>,
    /// The standard error of the value; null if the publisher gives none.
    standard_error: Option<Number>,
    /// The lower bound of the 95 % confidence interval; null if the publisher gives none.
    lower_bound: Option<Number>,
    /// The upper bound of the 95 % confidence interval; null if the publisher gives none.
    upper_bound: Option<Number>,
    /// True if the publisher recommends not to show the value, as it is imprecise; null if the publisher does not say.
    recommend_suppress: Option<bool>,
    /// The month in which the rating was collected, as `2023-08`.
    date: Option<String>,
    /// The publisher's word for those who gave the rating, such as `Incumbent`.
    source: Option<String>,
}

/// An answer on the frequency of a task.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct TaskCategory {
    /// The number of the answer.
    number: i32,
    /// The answer, such as `Daily`; null if the release does not tell it.
    description: Option<String>,
}

/// The ratings of a task of an occupation.
pub(crate) async fn of(ctx: &Context<'_>, code: &str, task: i32) -> Result<Vec<TaskRating>> {
    let loaders = request(ctx);
    let (ratings, categories) =
        try_join(block::<TaskRatings>(loaders, code), block::<TaskCategories>(loaders, ALL)).await?;
    let Some(ratings) = ratings else { return Ok(Vec::new()) };
    let categories = categories.map(|categories| categories.rows).unwrap_or_default();
    let of_task = ratings.rows.iter().filter(|row| row.task == task);
    Ok(of_task.map(|row| shown(row, &categories)).collect())
}

fn shown(row: &TaskRatingRow, categories: &[TaskCategoryRow]) -> TaskRating {
    let category = row.category.map(|number| {
        let known = categories.iter().find(|known| known.scale == row.scale && known.category == number);
        TaskCategory { number, description: known.map(|known| known.description.clone()) }
    });
    TaskRating {
        scale: row.scale.clone(),
        category,
        value: Number(row.value),
        n: row.n,
        standard_error: row.standard_error.map(Number),
        lower_bound: row.lower.map(Number),
        upper_bound: row.upper.map(Number),
        recommend_suppress: row.suppress,
        date: row.date.clone(),
        source: row.source.clone(),
    }
}
