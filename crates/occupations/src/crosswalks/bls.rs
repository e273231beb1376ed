//! The table `bls` of `soc-crosswalks`: the code under which the Bureau of Labor Statistics publishes figures of an occupation.
use std::{borrow::Cow, collections::HashMap};

use datasets::{
    DataTable, Fault, Input, Layout, Reading, Row,
    files::{InputFile, InputFiles, has_ending},
    own_rows,
};
use kernel::store::Rows;
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use super::{DATASET, sheet::Sheet};
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
    /// Number of O*NET occupations that are published under the code.
    pub shared: usize,
    /// The code of the profile of the Occupational Outlook Handbook that covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The title of the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_title: Option<String>,
    /// Number of O*NET occupations that the profile covers.
    pub profile_shared: usize,
    /// The group of occupations under which the handbook has the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A shorter name of the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_group: Option<String>,
    /// The page of the profile.
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
pub(super) fn file(files: &InputFiles) -> Result<Option<&InputFile>, Fault> {
    files.single(|name| name.starts_with("nem_onet_to_soc") && has_ending(name, "xlsx"))
}

impl DataTable for BlsCodes {
    type Row = BlsRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "bls";
    const LAYOUTS: &'static [Layout] =
        &[Layout::first(&[&["nem_onet_to_soc_crosswalk.xlsx", "nem_onet_to_soc*.xlsx"]])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, BlsRow>) -> Result<(), Fault> {
        let Some(file) = file(input.files)? else { return Ok(()) };
        let sheet = Sheet::below(file, "NEM Code")?;
        let (code, bls, title) =
            (sheet.column("O*NET-SOC code")?, sheet.column("NEM Code")?, sheet.column("NEM title")?);
        let (profile, profile_title) = (sheet.column("OOH profile code")?, sheet.column("OOH profile title")?);
        let (group, short_group) =
            (sheet.column("OOH occupation group")?, sheet.column("OOH Occupation Group (brief)")?);
        let url = sheet.column("OOH profile website")?;
        let (mut of_bls, mut of_profile) = (HashMap::new(), HashMap::new());
        let lines = sheet.lines()?;
        for line in &lines {
            *of_bls.entry(line.text(bls).to_owned()).or_insert(0) += 1;
            *of_profile.entry(line.text(profile).to_owned()).or_insert(0) += 1;
        }
        for line in &lines {
            if !is_onet_soc(line.text(code)) {
                rows.fault(line.no_code(code, "29-2011.00"))?;
                continue;
            }
            if !is_soc(line.text(bls)) {
                rows.fault(line.no_code(bls, "29-2010"))?;
                continue;
            }
            let row = BlsRow {
                code: line.text(code).to_owned(),
                bls: line.text(bls).to_owned(),
                title: line.text(title).to_owned(),
                shared: of_bls.get(line.text(bls)).copied().unwrap_or(1),
                profile: line.optional(profile),
                profile_title: line.optional(profile_title),
                profile_shared: of_profile.get(line.text(profile)).copied().unwrap_or(1),
                group: line.optional(group),
                short_group: line.optional(short_group),
                url: line.optional(url).filter(|url| url.starts_with("https://")),
            };
            rows.row(row, line.place(code))?;
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
