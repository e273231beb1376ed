//! The table `related` of `onet`: occupations that are related to each.
use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, Enum, Object, SimpleObject};
use datasets::{DataTable, Fault, FileNames, Input, Layout, Reading, Row, block};
use futures_util::future::try_join_all;
use kernel::{
    Result,
    list::{Values, values},
    request,
};
use serde::{Deserialize, Serialize};

use super::{DATASET, layout};
use crate::{Occupation, by_code};

/// The table `related`.
pub(crate) struct Related;

/// Degree to which an occupation is related to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum RelatednessTier {
    /// One of the five most similar.
    PrimaryShort,
    /// One of the ten most similar.
    PrimaryLong,
    /// Similar, beyond these.
    Supplemental,
}

/// A related occupation.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RelatedOccupation {
    /// The occupation.
    occupation: Occupation,
    /// Degree to which it is related.
    tier: RelatednessTier,
    /// Its place among the related occupations, from 1.
    rank: i32,
}

/// A related occupation as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RelatedRow {
    code: String,
    to: String,
    tier: RelatednessTier,
    rank: i32,
}

impl Row for RelatedRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.code, self.to).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

const FILE: FileNames = &["Related Occupations.txt", "related_occupations.csv", "related_occupations.txt"];

impl DataTable for Related {
    type Row = RelatedRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "related";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, RelatedRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(FILE) else { return Ok(()) };
        let records = file.records()?;
        let (code, to) = (records.column(layout::CODE)?, records.column(&["Related O*NET-SOC Code"])?);
        let (tier, rank) = (records.column(&["Relatedness Tier"])?, records.column(&["Index"])?);
        records.each(|record| {
            for column in [code, to] {
                if let Some(fault) = input.unknown_code(record.text(column)?, record.place(column)) {
                    return rows.fault(fault);
                }
            }
            let known = match record.text(tier)? {
                "Primary-Short" => RelatednessTier::PrimaryShort,
                "Primary-Long" => RelatednessTier::PrimaryLong,
                "Supplemental" => RelatednessTier::Supplemental,
                other => return rows.fault(record.fault("malformed-value", tier, format!("`{other}` is not a tier"))),
            };
            let (code, to_code) = (record.text(code)?.to_owned(), record.text(to)?.to_owned());
            let row = RelatedRow { code, to: to_code, tier: known, rank: record.required_number(rank)? };
            rows.row(row, record.place(to))
        })
    }
}

/// `Occupation.related`.
pub(crate) struct RelatedOccupations(Arc<crate::OccupationRow>);

impl From<&Occupation> for RelatedOccupations {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.row.clone())
    }
}

#[Object]
impl RelatedOccupations {
    /// Related occupations as O*NET ranks them, the most similar first.
    async fn related(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only occupations after this cursor: `endCursor` of the previous page.")] after: Option<
            String,
        >,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only occupations before this cursor: `startCursor` of the next page.")] before: Option<
            String,
        >,
    ) -> Result<Values<RelatedOccupation>> {
        let loaders = request(ctx);
        let found = block::<Related>(loaders, &self.0.code).await?.map(|block| block.rows).unwrap_or_default();
        let mut rows: Vec<_> = found.iter().collect();
        rows.sort_by_key(|row| row.rank);
        let related = rows.into_iter().map(|row| async move {
            let occupation = by_code(loaders, &row.to).await?;
            Ok::<_, kernel::Error>(occupation.map(|occupation| RelatedOccupation {
                occupation,
                tier: row.tier,
                rank: row.rank,
            }))
        });
        let related: Vec<_> = try_join_all(related).await?.into_iter().flatten().collect();
        values(ctx, related.into_iter(), (first, after), (last, before))
    }
}
