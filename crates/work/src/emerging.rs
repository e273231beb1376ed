//! The table `emerging-tasks` of `onet`: tasks that come up, or change.
use std::borrow::Cow;

use async_graphql::{Enum, SimpleObject};
use datasets::{DataTable, Dataset, Fault, FileNames, Input, Layout, Reading, Row};
use occupations::layout;
use serde::{Deserialize, Serialize};

use crate::layout::{DATASET, unknown_code};

/// The table `emerging-tasks`.
pub(crate) struct EmergingTasks;

/// Kind of an emerging task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum EmergingTaskCategory {
    /// A task that the occupation did not have.
    New,
    /// A task that changes.
    Revision,
}

/// An emerging task as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EmergingTaskRow {
    code: String,
    task: String,
    category: EmergingTaskCategory,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original_id: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

impl Row for EmergingTaskRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.code, self.task).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

const FILE: FileNames = &["Emerging Tasks.txt", "emerging_tasks.csv", "emerging_tasks.txt"];

impl DataTable for EmergingTasks {
    type Row = EmergingTaskRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "emerging-tasks";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, EmergingTaskRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(FILE) else { return Ok(()) };
        let records = file.records()?;
        let (code, task) = (records.column(layout::CODE)?, records.column(&["Task"])?);
        let category = records.column(&["Category"])?;
        let (original_id, original) = (records.column(&["Original Task ID"])?, records.column(&["Original Task"])?);
        let (date, source) = (records.column(layout::DATE)?, records.column(layout::DOMAIN)?);
        records.each(|record| {
            if let Some(fault) = unknown_code(input, record, code)? {
                return rows.fault(fault);
            }
            let of = match record.text(category)? {
                "New" => EmergingTaskCategory::New,
                "Revision" => EmergingTaskCategory::Revision,
                other => {
                    let message = format!("`{other}` is neither `New` nor `Revision`");
                    return rows.fault(record.fault("malformed-value", category, message));
                }
            };
            let row = EmergingTaskRow {
                code: record.text(code)?.to_owned(),
                task: record.text(task)?.to_owned(),
                category: of,
                original_id: record.number(original_id)?,
                original: record.optional(original).map(str::to_owned),
                date: record.month(date)?,
                source: record.optional(source).map(str::to_owned),
            };
            rows.row(row, record.place(task))
        })
    }
}

/// A task that comes up in an occupation, or changes.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct EmergingTask {
    /// The task in a sentence.
    statement: String,
    /// Kind of the change.
    category: EmergingTaskCategory,
    /// The number of the task that changes; null for a new one.
    original_task_id: Option<i32>,
    /// The task that changes, in its words before; null for a new one.
    original_statement: Option<String>,
    /// The month in which it was told, as `2025-08`.
    date: Option<String>,
    /// The publisher's word for those who told of it, such as `Incumbent`.
    source: Option<String>,
    /// The data set that it is taken from.
    dataset: Dataset,
}

impl EmergingTask {
    pub(crate) fn new(row: &EmergingTaskRow, dataset: &Dataset) -> Self {
        let EmergingTaskRow { task, category, original_id, original, date, source, .. } = row.clone();
        Self {
            statement: task,
            category,
            original_task_id: original_id,
            original_statement: original,
            date,
            source,
            dataset: dataset.clone(),
        }
    }
}
