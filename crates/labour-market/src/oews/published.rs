//! The table `published` of `bls-oews`: the occupations and groups of occupations for which figures are published.
use std::{borrow::Cow, collections::HashSet};

use async_graphql::Enum;
use datasets::{DataTable, Fault, Input, Layout, Reading, Row};
use places::{WAGES, is_wages};
use serde::{Deserialize, Serialize};

use super::DATASET;

/// The table `published`.
pub struct PublishedTable;

/// Codes that the data set has beside those of the Standard Occupational Classification, each for several of its detailed occupations. Others of
/// that kind, such as `29-2010`, are those of broad occupations.
const COMBINED: [&str; 5] = ["21-1018", "25-2052", "25-9045", "51-2028", "53-1047"];

/// Level of an occupation in the Standard Occupational Classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum OccupationLevel {
    /// All occupations, or one of the 23 major groups.
    Major,
    /// A minor group.
    Minor,
    /// A broad occupation, or several detailed ones that are published together.
    Broad,
    /// A detailed occupation.
    Detailed,
}

/// An occupation for which figures are published, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishedRow {
    /// The code.
    pub code: String,
    /// The title.
    pub title: String,
}

impl OccupationLevel {
    /// The level of a code. The files call codes detailed that stand for several detailed occupations.
    pub(crate) fn of(code: &str) -> Self {
        match code.bytes().rev().take_while(|byte| *byte == b'0').count() {
            4.. => Self::Major,
            2 | 3 => Self::Minor,
            1 => Self::Broad,
            _ if COMBINED.contains(&code) => Self::Broad,
            _ => Self::Detailed,
        }
    }
}

impl Row for PublishedRow {
    fn key(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

impl DataTable for PublishedTable {
    type Row = PublishedRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "published";
    const LAYOUTS: &'static [Layout] = WAGES;

    fn read(input: &Input<'_>, rows: &mut Reading<'_, PublishedRow>) -> Result<(), Fault> {
        let mut known = HashSet::new();
        for file in input.files.matching(is_wages) {
            let records = file.records()?;
            let (code, title) = (records.column(&["soc_code"])?, records.column(&["soc_title"])?);
            records.each(|record| {
                let name = record.text(code)?;
                if known.contains(name) {
                    return Ok(());
                }
                known.insert(name.to_owned());
                if !occupations::code::is_soc(name) {
                    return rows.fault(record.fault(
                        "malformed-value",
                        code,
                        format!("`{name}` is not a code like 29-2072"),
                    ));
                }
                let row = PublishedRow { code: name.to_owned(), title: record.text(title)?.to_owned() };
                rows.row(row, record.place(code))
            })?;
        }
        Ok(())
    }
}
