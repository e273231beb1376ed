//! The table `tasks` of `onet`: what people in an occupation do.
use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, Enum, Object};
use datasets::{DataTable, Dataset, Fault, Input, Layout, Reading, Row};
use kernel::Result;
use occupations::layout;
use serde::{Deserialize, Serialize};

use crate::{
    activity::links::{TaskActivity, TaskActivityRow},
    layout::{DATASET, TASK_ID, TASKS_FILE, unknown_code},
    rating::TaskRating,
};

/// The table `tasks`.
pub(crate) struct Tasks;

/// Kind of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum TaskType {
    /// A task that is important and that most people in the occupation do.
    #[serde(rename = "C")]
    Core,
    /// A task that is less important, or that fewer people in the occupation do.
    #[serde(rename = "S")]
    Supplemental,
}

/// A task as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TaskRow {
    /// The O*NET-SOC code.
    #[serde(rename = "o")]
    code: String,
    #[serde(rename = "k")]
    pub(crate) task: i32,
    #[serde(rename = "t")]
    statement: String,
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<TaskType>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    incumbents: Option<i32>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

impl Row for TaskRow {
    fn key(&self) -> Cow<'_, str> {
        self.task.to_string().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

impl DataTable for Tasks {
    type Row = TaskRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "tasks";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[TASKS_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, TaskRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(TASKS_FILE) else { return Ok(()) };
        let records = file.records()?;
        let (code, task) = (records.column(layout::CODE)?, records.column(TASK_ID)?);
        let (statement, kind) = (records.column(&["Task"])?, records.column(&["Task Type"])?);
        let incumbents = records.column(&["Incumbents Responding"])?;
        let (date, source) = (records.column(layout::DATE)?, records.column(layout::DOMAIN)?);
        records.each(|record| {
            if let Some(fault) = unknown_code(input, record, code)? {
                return rows.fault(fault);
            }
            let of = match record.optional(kind) {
                None => None,
                Some("Core") => Some(TaskType::Core),
                Some("Supplemental") => Some(TaskType::Supplemental),
                Some(other) => {
                    let message = format!("`{other}` is neither `Core` nor `Supplemental`");
                    return rows.fault(record.fault("malformed-value", kind, message));
                }
            };
            let row = TaskRow {
                code: record.text(code)?.to_owned(),
                task: record.required_number(task)?,
                statement: record.text(statement)?.to_owned(),
                kind: of,
                incumbents: record.number(incumbents)?,
                date: record.month(date)?,
                source: record.optional(source).map(str::to_owned),
            };
            rows.row(row, record.place(task))
        })
    }
}

/// A task of an occupation.
#[derive(Clone, Debug)]
pub(crate) struct OccupationTask {
    pub(crate) dataset: Dataset,
    pub(crate) row: TaskRow,
    /// The activities of all tasks of the occupation.
    pub(crate) activities: Arc<Vec<TaskActivityRow>>,
}

/// A task of an occupation.
#[Object]
impl OccupationTask {
    /// The number that O*NET gives the task. It stays from release to release.
    async fn task_id(&self) -> i32 {
        self.row.task
    }

    /// The task in a sentence.
    async fn statement(&self) -> &str {
        &self.row.statement
    }

    /// Kind of the task; null if it has not been rated.
    #[graphql(name = "type")]
    async fn kind(&self) -> Option<TaskType> {
        self.row.kind
    }

    /// Number of people in the occupation who rated the task; null if the publisher gives none.
    async fn incumbents_responding(&self) -> Option<i32> {
        self.row.incumbents
    }

    /// The month in which the task was written or rated, as `2023-08`.
    async fn date(&self) -> Option<&str> {
        self.row.date.as_deref()
    }

    /// The publisher's word for those who told of the task, such as `Incumbent` or `Analyst`.
    async fn source(&self) -> Option<&str> {
        self.row.source.as_deref()
    }

    /// The work activities that the task stands for.
    async fn activities(&self) -> Vec<TaskActivity> {
        let is_of_task = |row: &&TaskActivityRow| row.task == self.row.task;
        self.activities.iter().filter(is_of_task).cloned().map(TaskActivity).collect()
    }

    /// Ratings of the task: its importance, its relevance, and the share of each answer on its frequency. Empty where the publisher has none.
    async fn ratings(&self, ctx: &Context<'_>) -> Result<Vec<TaskRating>> {
        crate::rating::of(ctx, &self.row.code, self.row.task).await
    }

    /// The data set that the task is taken from.
    async fn dataset(&self) -> &Dataset {
        &self.dataset
    }
}
