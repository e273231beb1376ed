//! The table `task-activities` of `onet`: the detailed work activities that tasks stand for.
use std::borrow::Cow;

use async_graphql::{Context, Object};
use datasets::{DataTable, Fault, FileNames, Input, Layout, Reading, Row};
use kernel::{Result, request};
use occupations::layout;
use serde::{Deserialize, Serialize};

use super::{WorkActivity, detailed};
use crate::layout::{ActivityTitles, DATASET, DWA_ID, TASK_ID, unknown_code};

/// The table `task-activities`.
pub(crate) struct TaskActivities;

/// A detailed work activity of a task as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TaskActivityRow {
    /// The O*NET-SOC code.
    #[serde(rename = "o")]
    pub(crate) code: String,
    #[serde(rename = "k")]
    pub(crate) task: i32,
    /// The identifier of the activity.
    #[serde(rename = "i")]
    pub(crate) activity: String,
    /// The title of the activity, so that a list of tasks needs no other statement.
    #[serde(rename = "t")]
    pub(crate) title: String,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<String>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

impl Row for TaskActivityRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.task, self.activity).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

const FILE: FileNames = &["Tasks to DWAs.txt", "tasks_to_dwas.csv", "tasks_to_dwas.txt"];

impl DataTable for TaskActivities {
    type Row = TaskActivityRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "task-activities";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, TaskActivityRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(FILE) else { return Ok(()) };
        let titles = ActivityTitles::read(input)?.detailed;
        let records = file.records()?;
        let (code, task) = (records.column(layout::CODE)?, records.column(TASK_ID)?);
        let activity = records.column(DWA_ID)?;
        let (date, source) = (records.column(layout::DATE)?, records.column(layout::DOMAIN)?);
        records.each(|record| {
            if let Some(fault) = unknown_code(input, record, code)? {
                return rows.fault(fault);
            }
            let id = record.text(activity)?;
            let Some(title) = titles.get(id) else {
                let message = format!("`{id}` is not among the detailed work activities of this release");
                return rows.fault(record.fault("unknown-element", activity, message));
            };
            let row = TaskActivityRow {
                code: record.text(code)?.to_owned(),
                task: record.required_number(task)?,
                activity: id.to_owned(),
                title: title.clone(),
                date: record.month(date)?,
                source: record.optional(source).map(str::to_owned),
            };
            rows.row(row, record.place(task))
        })
    }
}

/// A work activity that a task stands for.
#[derive(Clone, Debug)]
pub(crate) struct TaskActivity(pub(crate) TaskActivityRow);

/// A work activity that a task stands for, with those above it.
#[Object]
impl TaskActivity {
    /// The detailed work activity.
    async fn detailed(&self) -> WorkActivity {
        WorkActivity { activity_id: self.0.activity.clone(), title: self.0.title.clone() }
    }

    /// The intermediate work activity that the detailed one belongs to.
    async fn intermediate(&self, ctx: &Context<'_>) -> Result<Option<WorkActivity>> {
        let found = detailed(request(ctx), &self.0.activity).await?;
        Ok(found.and_then(|found| found.intermediate_row().cloned()))
    }

    /// The generalized work activity that the intermediate one belongs to.
    async fn generalized(&self, ctx: &Context<'_>) -> Result<Option<WorkActivity>> {
        Ok(detailed(request(ctx), &self.0.activity).await?.map(|found| found.generalized_row().clone()))
    }

    /// The month in which the task was linked to the activity, as `2014-03`.
    async fn date(&self) -> Option<&str> {
        self.0.date.as_deref()
    }

    /// The publisher's word for those who linked them, such as `Analyst`.
    async fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }
}
