//! The table `bls` of `soc-crosswalks`: the code under which the Bureau of Labor Statistics publishes figures of an occupation.
use std::borrow::Cow;

use datasets::{
    DataTable, Fault, Input, Place, Reading, Row,
    files::{InputFile, InputFiles, has_ending},
    own_rows,
};
use kernel::store::Rows;
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use super::DATASET;
use crate::code::{is_onet_soc, is_soc, soc_of};

/// The table `bls`.
pub struct BlsCodes;

/// A code of the Bureau of Labor Statistics as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlsRow {
    /// The O*NET-SOC code.
    pub code: String,
    /// The code of the National Employment Matrix, under which projections are published, and wages where they have no row for the SOC
    /// code.
    pub bls: String,
    /// Its title.
    pub title: String,
    /// The page of the Occupational Outlook Handbook about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Row for BlsRow {
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

/// `occupation_bls`: SOC codes that are published under another code, for each version of the table.
pub mod occupation_bls {
    use sea_orm::entity::prelude::*;

    /// A SOC code, and the code under which its figures are published.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "occupation_bls")]
    pub struct Model {
        /// The version of the table `bls`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        /// The O*NET-SOC code.
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        /// The SOC code.
        pub soc: String,
        /// The code under which figures are published.
        pub bls: String,
    }

    /// Rows are joined by their codes.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The file of the crosswalk, by what its name says.
pub(super) fn file(files: &InputFiles) -> Option<&InputFile> {
    files.matching(|name| name.starts_with("nem_onet_to_soc") && has_ending(name, "xlsx")).into_iter().next()
}

impl DataTable for BlsCodes {
    type Row = BlsRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "bls";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, BlsRow>) -> Result<(), Fault> {
        let Some(file) = file(input.files) else { return Ok(()) };
        let lines = file.sheet()?;
        let is_header = |line: &Vec<String>| line.iter().any(|cell| cell.eq_ignore_ascii_case("NEM Code"));
        let Some(header) = lines.iter().position(is_header) else {
            return Err(file.fault("missing-column", "no line names a column `NEM Code`"));
        };
        let column = |name: &str| {
            let found = lines[header].iter().position(|cell| cell.eq_ignore_ascii_case(name));
            found.ok_or_else(|| file.fault("missing-column", format!("line {} names no column `{name}`", header + 1)))
        };
        let (code, bls) = (column("O*NET-SOC code")?, column("NEM Code")?);
        let (title, url) = (column("NEM title")?, column("OOH profile website")?);
        for (line, cells) in (1_u64..).zip(&lines).skip(header + 1) {
            let cell = |column: usize| cells.get(column).map_or("", String::as_str);
            if cells.iter().all(String::is_empty) {
                continue;
            }
            let place = |column: usize| Place { file: file.name.clone(), line, column: column + 1 };
            if !is_onet_soc(cell(code)) || !is_soc(cell(bls)) {
                let (column, form) = if is_onet_soc(cell(code)) { (bls, "29-2010") } else { (code, "29-2011.00") };
                let message = format!("`{}` is not a code like {form}", cell(column));
                rows.fault(Fault::new("malformed-value", place(column), message))?;
                continue;
            }
            let row = BlsRow {
                code: cell(code).to_owned(),
                bls: cell(bls).to_owned(),
                title: cell(title).to_owned(),
                url: Some(cell(url).to_owned()).filter(|url| url.starts_with("https://")),
            };
            rows.row(row, place(code))?;
        }
        Ok(())
    }

    fn project(row: &BlsRow, version: i64, rows: &mut Rows) {
        rows.insert(occupation_bls::ActiveModel {
            version: Set(version),
            code: Set(row.code.clone()),
            soc: Set(soc_of(&row.code).to_owned()),
            bls: Set(row.bls.clone()),
        });
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(occupation_bls::Entity)]
    }
}
