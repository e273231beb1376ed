//! The table `metadata` of `onet`: how the figures of each occupation were collected.
use std::borrow::Cow;

use async_graphql::{Context, Object, SimpleObject};
use datasets::{DataTable, Fault, FileNames, Input, Layout, Reading, Row, block};
use kernel::{
    Number, Result,
    list::{Values, values},
    request,
};
use serde::{Deserialize, Serialize};

use super::{DATASET, layout};
use crate::Occupation;

/// The table `metadata`.
pub(crate) struct Metadata;

/// A fact about the survey of an occupation, such as a rate of response.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationMetadatum {
    /// Item that the fact is about, such as `Employee Completeness Rate`.
    item: String,
    /// Answer or category of the item; null where it has none.
    response: Option<String>,
    /// Number of people, or of responses; null if O*NET gives none.
    count: Option<i32>,
    /// Percentage; null if O*NET gives none.
    percent: Option<Number>,
    /// Month of the survey, such as `2023-08`; null if O*NET gives none.
    month: Option<String>,
}

/// A fact about a survey as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MetadataRow {
    code: String,
    item: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    month: Option<String>,
}

impl Row for MetadataRow {
    const FIGURE: &'static str = "percent";

    fn key(&self) -> Cow<'_, str> {
        let (response, month) =
            (self.response.as_deref().unwrap_or_default(), self.month.as_deref().unwrap_or_default());
        format!("{}/{}/{response}/{month}", self.code, self.item).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        self.percent
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

const FILE: FileNames =
    &["Occupation Level Metadata.txt", "occupation_level_metadata.csv", "occupation_level_metadata.txt"];

impl DataTable for Metadata {
    type Row = MetadataRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "metadata";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, MetadataRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(FILE) else { return Ok(()) };
        let records = file.records()?;
        let (code, item) = (records.column(layout::CODE)?, records.column(&["Item"])?);
        let (response, count) = (records.column(&["Response"])?, records.column(&["N"])?);
        let (percent, month) = (records.column(&["Percent"])?, records.column(layout::DATE)?);
        records.each(|record| {
            if let Some(fault) = input.unknown_code(record.text(code)?, record.place(code)) {
                return rows.fault(fault);
            }
            let row = MetadataRow {
                code: record.text(code)?.to_owned(),
                item: record.text(item)?.to_owned(),
                response: record.optional(response).map(str::to_owned),
                count: record.number(count)?,
                percent: record.number(percent)?,
                month: record.month(month)?,
            };
            rows.row(row, record.place(item))
        })
    }
}

/// `Occupation.metadata`.
pub(crate) struct OccupationMetadata(Occupation);

impl From<&Occupation> for OccupationMetadata {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.clone())
    }
}

#[Object]
impl OccupationMetadata {
    /// Facts about the survey of the occupation, in the order of O*NET: modes of collection, rates of response and completeness, and the
    /// people who were asked.
    async fn metadata(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only facts after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only facts before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<OccupationMetadatum>> {
        let found = block::<Metadata>(request(ctx), self.0.code()).await?.map(|block| block.rows).unwrap_or_default();
        values(ctx, found.iter().map(shown), (first, after), (last, before))
    }
}

fn shown(row: &MetadataRow) -> OccupationMetadatum {
    OccupationMetadatum {
        item: row.item.clone(),
        response: row.response.clone(),
        count: row.count,
        percent: row.percent.map(Number),
        month: row.month.clone(),
    }
}
