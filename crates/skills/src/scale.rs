//! The table `scales` of `onet`: the scales that ratings are given on.
use std::borrow::Cow;

use async_graphql::SimpleObject;
use datasets::{DataTable, Fault, Input, Layout, Reading, Row};
use kernel::Number;
use occupations::layout;
use serde::{Deserialize, Serialize};

use crate::onet::{DATASET, finite_or_none};

/// The table `scales`.
#[derive(Debug)]
pub struct Scales;

/// The key of the only block.
pub(crate) const ALL: &str = "all";

/// A scale as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleRow {
    /// The identifier.
    pub code: String,
    /// The name.
    pub name: String,
    /// The least value.
    pub minimum: Option<f64>,
    /// The greatest value.
    pub maximum: Option<f64>,
}

impl Row for ScaleRow {
    fn key(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        ALL.into()
    }
}

impl DataTable for Scales {
    type Row = ScaleRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "scales";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[layout::SCALES_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ScaleRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(layout::SCALES_FILE) else { return Ok(()) };
        let records = file.records()?;
        let (code, name) = (records.column(layout::SCALE)?, records.column(&["Scale Name"])?);
        let (minimum, maximum) = (records.column(&["Minimum"])?, records.column(&["Maximum"])?);
        records.each(|record| {
            let row = ScaleRow {
                code: record.text(code)?.to_owned(),
                name: record.text(name)?.to_owned(),
                minimum: finite_or_none(record, minimum)?,
                maximum: finite_or_none(record, maximum)?,
            };
            rows.row(row, record.place(code))
        })
    }
}

/// The scale that a rating is given on.
#[derive(Clone, Debug, PartialEq, SimpleObject)]
pub struct RatingScale {
    /// The identifier of the scale, such as `IM`.
    pub code: String,
    /// The name of the scale, such as `Importance`.
    pub name: String,
    /// The least value; null if the release does not tell it.
    pub minimum: Option<Number>,
    /// The greatest value; null if the release does not tell it.
    pub maximum: Option<Number>,
}

impl RatingScale {
    /// The scale of this identifier, as a release describes it.
    pub(crate) fn of(code: &str, scales: &[ScaleRow]) -> Self {
        let known = scales.iter().find(|scale| scale.code == code);
        Self {
            code: code.to_owned(),
            name: known.map_or(code, |scale| &scale.name).to_owned(),
            minimum: known.and_then(|scale| scale.minimum).map(Number),
            maximum: known.and_then(|scale| scale.maximum).map(Number),
        }
    }
}
