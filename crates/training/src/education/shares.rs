//! The table `education` of `onet`: answers of surveys about required education, experience and training.
use std::borrow::Cow;

use datasets::{
    Column, DataTable, Fault, Input, Layout, Reading, Record, Row, files::InputFile, files::InputFiles, files::Records,
};
use occupations::layout;
use serde::{Deserialize, Serialize};

use super::DATASET;

/// Files of the answers: all in one, or education apart from training and experience.
const LAYOUTS: &[Layout] = &[
    Layout::first(&[&["Education, Training, and Experience.txt", "education_training_and_experience.csv"]]),
    Layout::since(
        "30.3",
        &[
            &["Education.txt", "education.csv", "education.txt"],
            &["Training and Experience.txt", "training_and_experience.csv", "training_and_experience.txt"],
        ],
    ),
];

/// The table `education`.
pub(crate) struct EducationShares;

/// An answer, as it is stored: the share of a category, or a rating on a scale without categories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ShareRow {
    #[serde(rename = "c")]
    pub(crate) code: String,
    #[serde(rename = "e")]
    pub(crate) element: String,
    #[serde(rename = "s")]
    pub(crate) scale: String,
    /// The category; none for a rating.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<i32>,
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<f64>,
    /// Number of the people who answered.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(crate) sample: Option<i32>,
    #[serde(rename = "se", default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<f64>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(crate) lower: Option<f64>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(crate) upper: Option<f64>,
    /// True where the publisher advises against the use of the figure.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub(crate) suppress: Option<bool>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(crate) month: Option<String>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

impl Row for ShareRow {
    fn key(&self) -> Cow<'_, str> {
        let category = self.category.map_or(String::new(), |category| category.to_string());
        format!("{}/{}/{}/{category}", self.code, self.element, self.scale).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        self.value
    }

    fn part(&self) -> Cow<'_, str> {
        part_of(&self.element)
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

/// The part of a table that an element belongs to, by its domain: those of education are in another file than those of training and experience.
pub(super) fn part_of(element: &str) -> Cow<'_, str> {
    element.get(..3).unwrap_or_default().into()
}

/// The files of the answers that a release has.
pub(super) fn files(files: &InputFiles) -> Vec<&InputFile> {
    Layout::given(LAYOUTS, files)
}

/// The columns of a file of answers.
struct Columns {
    code: Column,
    element: Column,
    scale: Column,
    category: Column,
    value: Column,
    sample: Column,
    error: Column,
    lower: Column,
    upper: Column,
    suppress: Column,
    month: Column,
    source: Column,
}

impl Columns {
    fn of(records: &Records<'_>) -> Result<Self, Fault> {
        Ok(Self {
            code: records.column(layout::CODE)?,
            element: records.column(layout::ELEMENT)?,
            scale: records.column(layout::SCALE)?,
            category: records.column(&["Category"])?,
            value: records.column(layout::VALUE)?,
            sample: records.column(&["N"])?,
            error: records.column(&["Standard Error"])?,
            lower: records.column(&["Lower CI Bound"])?,
            upper: records.column(&["Upper CI Bound"])?,
            suppress: records.column(&["Recommend Suppress"])?,
            month: records.column(layout::DATE)?,
            source: records.column(layout::DOMAIN)?,
        })
    }

    fn row(&self, record: &Record<'_>) -> Result<ShareRow, Fault> {
        Ok(ShareRow {
            code: record.text(self.code)?.to_owned(),
            element: record.text(self.element)?.to_owned(),
            scale: record.text(self.scale)?.to_owned(),
            category: record.number(self.category)?,
            value: record.number(self.value)?,
            sample: record.number(self.sample)?,
            error: record.number(self.error)?,
            lower: record.number(self.lower)?,
            upper: record.number(self.upper)?,
            suppress: record.flag(self.suppress)?,
            month: record.month(self.month)?,
            source: record.optional(self.source).map(str::to_owned),
        })
    }
}

impl DataTable for EducationShares {
    type Row = ShareRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "education";
    const LAYOUTS: &'static [Layout] = LAYOUTS;

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ShareRow>) -> Result<(), Fault> {
        for file in files(input.files) {
            let records = file.records()?;
            let columns = Columns::of(&records)?;
            records.each(|record| match columns.row(record) {
                Err(fault) => rows.fault(fault),
                Ok(row) => match input.unknown_code(&row.code, record.place(columns.code)) {
                    Some(fault) => rows.fault(fault),
                    None => rows.row(row, record.place(columns.category)),
                },
            })?;
        }
        Ok(())
    }
}
