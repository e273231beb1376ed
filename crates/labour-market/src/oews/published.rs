//! The table `published` of `bls-oews`: the occupations and groups of occupations for which figures are published.
use std::{borrow::Cow, collections::HashSet};

use async_graphql::Enum;
use datasets::{DataTable, Fault, Input, Layout, Reading, Row};
use places::{WAGES, is_wages};
use serde::{Deserialize, Serialize};

use super::DATASET;

/// The table `published`.
pub struct PublishedTable;

/// Level of an occupation in the Standard Occupational Classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub enum OccupationLevel {
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
    /// The level.
    pub level: OccupationLevel,
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
            let level = records.column(&["soc_level"])?;
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
                let of = match record.text(level)? {
                    "0" => OccupationLevel::Major,
                    "1" => OccupationLevel::Minor,
                    "2" => OccupationLevel::Broad,
                    "3" => OccupationLevel::Detailed,
                    other => {
                        return rows.fault(record.fault(
                            "malformed-value",
                            level,
                            format!("`{other}` is not a level from 0 to 3"),
                        ));
                    }
                };
                let row = PublishedRow { code: name.to_owned(), title: record.text(title)?.to_owned(), level: of };
                rows.row(row, record.place(code))
            })?;
        }
        Ok(())
    }
}
