//! The table `occupations` of `onet`: code, title, description and job zone of each occupation.
use std::collections::HashMap;

use datasets::{DataTable, Fault, Input, Reading, own_rows};
use kernel::{list::fold, store::Rows};
use sea_orm::{ActiveValue::Set, sea_query::DynIden};

use super::{DATASET, layout};
use crate::{OccupationRow, code::soc_of};

/// The table `occupations`.
pub struct Occupations;

/// `occupation`: rows by which occupations are listed, for each version of the table.
pub(crate) mod occupation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "occupation")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        pub(crate) node_key: String,
        pub(crate) soc_code: String,
        /// The title, folded.
        pub(crate) title: String,
        pub(crate) job_zone: Option<f64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `occupation_of_release`: the same rows for each revision of the data set that has them. A view.
pub mod listed {
    use sea_orm::entity::prelude::*;

    /// An occupation of a revision of the data set.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "occupation_of_release")]
    pub struct Model {
        /// The revision of the data set.
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision_id: i64,
        /// The entry of the data set.
        pub entry_id: i64,
        /// The natural key: the slug of the data set and the code.
        #[sea_orm(primary_key, auto_increment = false)]
        pub node_key: String,
        /// The O*NET-SOC code.
        pub code: String,
        /// The SOC code.
        pub soc_code: String,
        /// The title, folded.
        pub title: String,
        /// The job zone.
        pub job_zone: Option<f64>,
    }

    /// Rows are joined by their codes.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl DataTable for Occupations {
    type Row = OccupationRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "occupations";
    const LASTS: bool = true;

    fn read(input: &Input<'_>, rows: &mut Reading<'_, OccupationRow>) -> Result<(), Fault> {
        let mut zones = HashMap::new();
        if let Some(file) = input.files.find(&["Job Zones.txt", "job_zones.csv", "job_zones.txt"]) {
            let records = file.records()?;
            let (code, zone) = (records.column(layout::CODE)?, records.column(&["Job Zone"])?);
            records.each(|record| {
                let (known, number) = (record.text(code)?, record.required_number::<i32>(zone)?);
                if let Some(fault) = input.unknown_code(known, record.place(code)) {
                    return rows.fault(fault);
                }
                zones.insert(known.to_owned(), number);
                Ok(())
            })?;
        }
        let records = input.files.required(layout::OCCUPATIONS_FILE)?.records()?;
        let (code, title) = (records.column(layout::CODE)?, records.column(&["Title"])?);
        let description = records.column(&["Description"])?;
        records.each(|record| {
            let row = OccupationRow {
                code: record.text(code)?.to_owned(),
                title: record.text(title)?.to_owned(),
                description: record.optional(description).map(str::to_owned),
                zone: zones.get(record.text(code)?).copied(),
            };
            rows.row(row, record.place(code))
        })
    }

    fn project(row: &OccupationRow, version: i64, rows: &mut Rows) {
        rows.insert(occupation::ActiveModel {
            version: Set(version),
            code: Set(row.code.clone()),
            node_key: Set(format!("{DATASET}/{}", row.code)),
            soc_code: Set(soc_of(&row.code).to_owned()),
            title: Set(fold(&row.title)),
            job_zone: Set(row.zone.map(f64::from)),
        });
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(occupation::Entity)]
    }
}
