//! The table `tasks` of `ai-eloundou`: labels of the exposure of tasks, by people and by GPT-4.
use std::borrow::Cow;

use async_graphql::{Enum, SimpleObject};
use datasets::{Column, DataTable, Dataset, Fault, Input, Reading, Record, Row, files::Records, files::decimal};
use kernel::Number;
use occupations::code::is_onet_soc;
use serde::{Deserialize, Serialize};

use super::{
    eloundou::{DATASET, LABELS_FILE},
    scores::share,
};

/// The table `tasks`.
pub(crate) struct TaskLabels;

/// Label of the exposure of a task to large language models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum ExposureLabel {
    /// No exposure: a model saves little time, or harms the quality.
    E0,
    /// Direct exposure: a model alone halves the time of the task, or saves more.
    E1,
    /// Exposure by further software: the same, once software is built on a model.
    E2,
}

/// Label of the degree to which a model can do a task without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum AutomationLabel {
    /// None of it.
    T0,
    /// Up to a half of it.
    T1,
    /// A half to nine tenths of it.
    T2,
    /// More than nine tenths of it.
    T3,
    /// All of it.
    T4,
}

/// Kind of a task in the release of O*NET that was labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum LabelledTaskKind {
    /// A task that is critical to the occupation.
    Core,
    /// A task that is less relevant or less important.
    Supplemental,
}

/// Labels of a task as they are stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TaskLabelRow {
    #[serde(rename = "c")]
    code: String,
    #[serde(rename = "i")]
    task: i32,
    #[serde(rename = "s")]
    statement: String,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    kind: Option<LabelledTaskKind>,
    /// Labels by people, the same joined, labels by GPT-4, and by its other rubric.
    #[serde(rename = "l")]
    labels: [Option<ExposureLabel>; 4],
    #[serde(rename = "r")]
    gpt3: Option<bool>,
    #[serde(rename = "t")]
    automation: Option<AutomationLabel>,
    /// Alpha, beta, gamma, and the automation as a number.
    #[serde(rename = "n")]
    numbers: [Option<f64>; 4],
}

impl TaskLabelRow {
    /// The id of the task.
    pub(crate) fn task(&self) -> i32 {
        self.task
    }
}

impl Row for TaskLabelRow {
    const FIGURE: &'static str = "beta";

    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.code, self.task).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        self.numbers[1]
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

/// The columns of the file.
struct Columns {
    code: Column,
    task: Column,
    statement: Column,
    kind: Column,
    /// Labels by people, joined labels of people, labels by GPT-4, and by its other rubric.
    labels: [Column; 4],
    gpt3: Column,
    automation: Column,
    numbers: [Column; 4],
}

impl Columns {
    fn of(records: &Records<'_>) -> Result<Self, Fault> {
        let column = |name: &str| records.column(&[name]);
        Ok(Self {
            code: column("O*NET-SOC Code")?,
            task: column("Task ID")?,
            statement: column("Task")?,
            kind: column("Task Type")?,
            labels: [
                column("human_labels")?,
                column("human_exposure_agg")?,
                column("gpt4_exposure")?,
                column("gpt4_exposure_alt_rubric")?,
            ],
            gpt3: column("gpt_3_relevant")?,
            automation: column("gpt4_automation")?,
            numbers: [column("alpha")?, column("beta")?, column("gamma")?, column("automation")?],
        })
    }

    fn row(&self, record: &Record<'_>) -> Result<TaskLabelRow, Fault> {
        let code = record.text(self.code)?;
        if !is_onet_soc(code) {
            return Err(record.fault("malformed-value", self.code, format!("`{code}` is not a code like 29-2072.00")));
        }
        let (mut labels, mut numbers) = ([None; 4], [None; 4]);
        for (given, column) in labels.iter_mut().zip(self.labels) {
            *given = label(record, column)?;
        }
        for (number, column) in numbers.iter_mut().zip(self.numbers) {
            *number = share(record, column)?;
        }
        Ok(TaskLabelRow {
            code: code.to_owned(),
            task: task(record, self.task)?,
            statement: unquoted(record.text(self.statement)?),
            kind: named(
                record,
                self.kind,
                &[("Core", LabelledTaskKind::Core), ("Supplemental", LabelledTaskKind::Supplemental)],
            )?,
            labels,
            gpt3: named(record, self.gpt3, &[("True", true), ("False", false)])?,
            automation: named(record, self.automation, &AUTOMATION)?,
            numbers,
        })
    }
}

const AUTOMATION: [(&str, AutomationLabel); 5] = [
    ("T0", AutomationLabel::T0),
    ("T1", AutomationLabel::T1),
    ("T2", AutomationLabel::T2),
    ("T3", AutomationLabel::T3),
    ("T4", AutomationLabel::T4),
];

fn label(record: &Record<'_>, column: Column) -> Result<Option<ExposureLabel>, Fault> {
    named(record, column, &[("E0", ExposureLabel::E0), ("E1", ExposureLabel::E1), ("E2", ExposureLabel::E2)])
}

/// The value that a word of a field stands for, where there is one.
fn named<T: Copy>(record: &Record<'_>, column: Column, words: &[(&str, T)]) -> Result<Option<T>, Fault> {
    let Some(text) = record.optional(column) else { return Ok(None) };
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.map(Some).ok_or_else(|| {
        let known = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        record.fault("malformed-value", column, format!("`{text}` is none of {known}"))
    })
}

/// The id of a task, which the file writes as `8823.0`.
fn task(record: &Record<'_>, column: Column) -> Result<i32, Fault> {
    let text = record.text(column)?;
    let whole = Some(text.strip_suffix(".0").unwrap_or(text)).filter(|whole| decimal(whole).is_some());
    whole.and_then(|whole| whole.parse().ok()).ok_or_else(|| {
        record.fault("malformed-value", column, format!("`{text}` is not the id of a task, such as `8823.0`"))
    })
}

/// A text without the quotes that the file puts around one that has quotes itself.
fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.map_or(text.to_owned(), |inner| inner.replace("\"\"", "\""))
}

impl DataTable for TaskLabels {
    type Row = TaskLabelRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "tasks";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, TaskLabelRow>) -> Result<(), Fault> {
        let records = input.files.required(LABELS_FILE)?.records()?;
        let columns = Columns::of(&records)?;
        records.each(|record| match columns.row(record) {
            Ok(row) => rows.row(row, record.place(columns.task)),
            Err(fault) => rows.fault(fault),
        })
    }
}

/// Exposure of a task of an occupation to large language models. Labels by people and by GPT-4 stand side by side; where they differ, both do.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct TaskExposure {
    /// The id of the task in O*NET.
    task_id: i32,
    /// The task, as O*NET worded it when it was labelled.
    statement: String,
    /// Kind of the task when it was labelled; null if O*NET had none.
    task_kind: Option<LabelledTaskKind>,
    /// The label that people gave.
    human: Option<ExposureLabel>,
    /// The label of people, joined over all who labelled the task.
    human_joined: Option<ExposureLabel>,
    /// The label that GPT-4 gave.
    gpt4: Option<ExposureLabel>,
    /// The label that GPT-4 gave by the other rubric.
    gpt4_alternative: Option<ExposureLabel>,
    /// The authors' mark `gpt_3_relevant`.
    gpt3_relevant: Option<bool>,
    /// The label of automation that GPT-4 gave.
    automation_label: Option<AutomationLabel>,
    /// Exposure of the task, counting direct exposure alone: 0 or 1.
    alpha: Option<Number>,
    /// Exposure of the task, counting exposure by further software as a half: 0, 0.5 or 1.
    beta: Option<Number>,
    /// Exposure of the task, counting exposure by further software in full: 0 or 1.
    gamma: Option<Number>,
    /// The label of automation as a number from 0 (T0) to 1 (T4).
    automation: Option<Number>,
    /// The data set.
    dataset: Dataset,
}

impl TaskExposure {
    /// The labels of a row.
    pub(crate) fn new(dataset: &Dataset, row: &TaskLabelRow) -> Self {
        let [human, human_joined, gpt4, gpt4_alternative] = row.labels;
        let [alpha, beta, gamma, automation] = row.numbers.map(|number| number.map(Number));
        Self {
            task_id: row.task,
            statement: row.statement.clone(),
            task_kind: row.kind,
            human,
            human_joined,
            gpt4,
            gpt4_alternative,
            gpt3_relevant: row.gpt3,
            automation_label: row.automation,
            alpha,
            beta,
            gamma,
            automation,
            dataset: dataset.clone(),
        }
    }
}
