//! The table `titles` of `onet`: other titles that occupations go by.
use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, Enum, Object, SimpleObject};
use datasets::{DataTable, Fault, FileNames, Input, Layout, Reading, Row, block, own_rows};
use kernel::{
    Result,
    list::{Values, fold, values},
    request,
    store::Rows,
};
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use super::{DATASET, layout};
use crate::Occupation;

/// The table `titles`.
pub(crate) struct Titles;

/// Origin of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum TitleKind {
    /// A title that employers, job seekers or other sources use for the occupation.
    Alternate,
    /// A title that people in the occupation reported.
    Reported,
}

/// A title that an occupation goes by.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationTitle {
    /// The title.
    title: String,
    /// A shorter form; null if there is none.
    short_title: Option<String>,
    /// Origin of the title.
    kind: TitleKind,
    /// Codes of the kinds of sources that O*NET names for an alternate title: `01` associations, `02` people in the occupation, `03` requests for a
    /// code of an occupation, `04` the SOC, `05` agencies of states, `06` the Census Bureau, `07` the Bureau of Labor Statistics, `08` the
    /// Employment and Training Administration, `09` users of its sites, `10` job postings of employers. Empty for a reported title.
    sources: Vec<String>,
    /// True if the O*NET site for job seekers shows a reported title; null for an alternate one.
    is_shown: Option<bool>,
}

/// A title as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TitleRow {
    #[serde(skip_serializing_if = "String::is_empty", default)]
    code: String,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    short: Option<String>,
    kind: TitleKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sources: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<bool>,
}

impl Row for TitleRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{:?}/{}", self.code, self.kind, self.title).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn part(&self) -> Cow<'_, str> {
        match self.kind {
            TitleKind::Alternate => "alternate titles".into(),
            TitleKind::Reported => "reported titles".into(),
        }
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

/// `occupation_title`: rows by which occupations are found by another title, for each version of the table.
pub(crate) mod occupation_title {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "occupation_title")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        /// The title, folded.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) title: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        /// Origin of the title.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) kind: String,
        /// The shorter form, folded.
        pub(crate) short_title: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Files of alternate titles, which are called job titles from release 30.3 on.
const ALTERNATE_FILE: FileNames = &["Alternate Titles.txt", "alternate_titles.csv", "alternate_titles.txt"];
const JOB_FILE: FileNames = &["Job Titles.txt", "job_titles.csv", "job_titles.txt"];
/// Files of the titles that people in the occupations report.
const REPORTED_FILE: FileNames =
    &["Sample of Reported Titles.txt", "sample_of_reported_titles.csv", "sample_of_reported_titles.txt"];

impl DataTable for Titles {
    type Row = TitleRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "titles";
    const LAYOUTS: &'static [Layout] =
        &[Layout::first(&[ALTERNATE_FILE, REPORTED_FILE]), Layout::since("30.3", &[JOB_FILE, REPORTED_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, TitleRow>) -> Result<(), Fault> {
        if let Some(file) = input.files.find(ALTERNATE_FILE).or_else(|| input.files.find(JOB_FILE)) {
            let records = file.records()?;
            let code = records.column(layout::CODE)?;
            let title = records.column(&["Alternate Title", "Job Title"])?;
            let (short, sources) = (records.column(&["Short Title"])?, records.column(&["Source(s)"])?);
            records.each(|record| {
                if let Some(fault) = input.unknown_code(record.text(code)?, record.place(code)) {
                    return rows.fault(fault);
                }
                let row = TitleRow {
                    code: record.text(code)?.to_owned(),
                    title: record.text(title)?.to_owned(),
                    short: record.optional(short).map(str::to_owned),
                    kind: TitleKind::Alternate,
                    sources: record.optional(sources).map(str::to_owned),
                    shown: None,
                };
                rows.row(row, record.place(title))
            })?;
        }
        if let Some(file) = input.files.find(REPORTED_FILE) {
            let records = file.records()?;
            let (code, title) = (records.column(layout::CODE)?, records.column(&["Reported Job Title"])?);
            let shown = records.column(&["Shown in My Next Move"])?;
            records.each(|record| {
                if let Some(fault) = input.unknown_code(record.text(code)?, record.place(code)) {
                    return rows.fault(fault);
                }
                let row = TitleRow {
                    code: record.text(code)?.to_owned(),
                    title: record.text(title)?.to_owned(),
                    short: None,
                    kind: TitleKind::Reported,
                    sources: None,
                    shown: record.flag(shown)?,
                };
                rows.row(row, record.place(title))
            })?;
        }
        Ok(())
    }

    fn project(row: &TitleRow, version: i64, rows: &mut Rows) {
        // Two titles may differ in the case of their letters alone.
        rows.insert_once(occupation_title::ActiveModel {
            version: Set(version),
            title: Set(fold(&row.title)),
            code: Set(row.code.clone()),
            kind: Set(format!("{:?}", row.kind)),
            short_title: Set(row.short.as_deref().map(fold)),
        });
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(occupation_title::Entity)]
    }
}

impl TitleRow {
    /// The title, where O*NET shows it to job seekers.
    pub(crate) fn shown(&self) -> Option<&str> {
        Some(self.title.as_str()).filter(|_| self.shown == Some(true))
    }
}

/// `Occupation.titles`.
pub(crate) struct OccupationTitles(Arc<crate::OccupationRow>);

impl From<&Occupation> for OccupationTitles {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.row.clone())
    }
}

#[Object]
impl OccupationTitles {
    /// Other titles that the occupation goes by, in the order of O*NET.
    async fn titles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only titles of this origin.")] kind: Option<TitleKind>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only titles after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only titles before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<OccupationTitle>> {
        let found = block::<Titles>(request(ctx), &self.0.code).await?.map(|block| block.rows).unwrap_or_default();
        let rows: Vec<_> = found.iter().filter(|row| kind.is_none_or(|kind| row.kind == kind)).collect();
        values(ctx, rows.into_iter().map(shown), (first, after), (last, before))
    }
}

fn shown(row: &TitleRow) -> OccupationTitle {
    let sources = row.sources.as_deref().unwrap_or_default();
    OccupationTitle {
        title: row.title.clone(),
        short_title: row.short.clone(),
        kind: row.kind,
        sources: sources.split(',').map(str::trim).filter(|source| !source.is_empty()).map(str::to_owned).collect(),
        is_shown: row.shown,
    }
}
