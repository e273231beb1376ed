//! The data set `onet`: what its files are called in each layout, and which release they are of.
pub(crate) mod metadata;
pub(crate) mod occupations;
pub(crate) mod related;
pub(crate) mod titles;

use std::{collections::HashSet, sync::Arc};

use datasets::{Fault, Release, Source, files::InputFiles};

use crate::code::is_onet_soc;

/// The slug of the data set.
pub(crate) const DATASET: &str = "onet";

pub(crate) const SOURCE: Source = Source {
    slug: DATASET,
    title: "O*NET Database",
    publisher: "U.S. Department of Labor, Employment and Training Administration",
    url: "https://www.onetcenter.org/database.html",
    licence: "CC-BY-4.0",
    release,
};

/// The names of the columns of O*NET that all tables share.
pub mod layout {
    /// Code of the occupation.
    pub const CODE: &[&str] = &["O*NET-SOC Code"];
    /// Identifier of an element of the content model.
    pub const ELEMENT: &[&str] = &["Element ID"];
    /// Name of an element of the content model.
    pub const ELEMENT_NAME: &[&str] = &["Element Name"];
    /// Identifier of the scale.
    pub const SCALE: &[&str] = &["Scale ID"];
    /// The value on the scale.
    pub const VALUE: &[&str] = &["Data Value"];
    /// Month in which the row was collected.
    pub const DATE: &[&str] = &["Date"];
    /// Kind of the people that were asked.
    pub const DOMAIN: &[&str] = &["Domain Source"];
    /// Files that name the scales.
    pub const SCALES_FILE: &[&str] = &["Scales Reference.txt", "scales_reference.csv", "scales_reference.txt"];
    /// Files that list the occupations.
    pub const OCCUPATIONS_FILE: &[&str] = &["Occupation Data.txt", "occupation_data.csv", "occupation_data.txt"];
}

/// Tells whether a text is the number of a version, such as `30.3`.
fn is_version(text: &str) -> bool {
    let is_number = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// The release by the first line of `Read Me.txt`: `O*NET 30.3 Database`.
fn release(files: &InputFiles) -> Result<Release, Fault> {
    let (mut name, mut published_on) = (None, None);
    if let Some(file) = files.find(&["Read Me.txt", "read_me.txt", "ReadMe.txt"]) {
        let text = file.text()?;
        let mut lines = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim());
        let first = lines.next().unwrap_or_default();
        name = first.strip_prefix("O*NET ").and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
        if !name.as_deref().is_some_and(is_version) {
            let message = format!("its first line is `{first}`, and should be like `O*NET 30.3 Database`");
            return Err(file.fault("unknown-layout", message));
        }
        published_on = None::<String>;
    }
    let attribution = "O*NET {release} Database by the U.S. Department of Labor, Employment and Training Administration (USDOL/ETA), used \
                       under the CC BY 4.0 license; modified (format conversion). O*NET® is a trademark of USDOL/ETA.";
    let mut scales = Vec::new();
    if let Some(file) = files.find(layout::SCALES_FILE) {
        let records = file.records()?;
        let (code, name) = (records.column(layout::SCALE)?, records.column(&["Scale Name"])?);
        let (minimum, maximum) = (records.column(&["Minimum"])?, records.column(&["Maximum"])?);
        records.each(|record| {
            let (low, high) = (record.number(minimum)?, record.number(maximum)?);
            scales.push((record.text(code)?.to_owned(), record.text(name)?.to_owned(), low, high));
            Ok(())
        })?;
    }
    let records = files.required(layout::OCCUPATIONS_FILE)?.records()?;
    let code = records.column(layout::CODE)?;
    let mut codes = HashSet::new();
    records.each(|record| {
        let value = record.text(code)?;
        if !is_onet_soc(value) {
            return Err(record.fault(
                "malformed-value",
                code,
                format!("`{value}` is not an O*NET-SOC code like 29-2072.00"),
            ));
        }
        codes.insert(value.to_owned());
        Ok(())
    })?;
    Ok(Release {
        name,
        published_on,
        attribution: attribution.to_owned(),
        scales,
        codes: Some(Arc::new(codes)),
        ..Release::default()
    })
}

/// `career_occupation`: the codes that lead from revisions of guides to occupations, of O*NET or of the SOC.
pub mod career_occupation {
    use sea_orm::entity::prelude::*;

    /// A code that a revision names.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "career_occupation")]
    pub struct Model {
        /// The revision of the guide.
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision_id: i64,
        /// The O*NET-SOC code, or the SOC code that stands for all occupations of O*NET under it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        /// The SOC code.
        pub soc: String,
    }

    /// Rows are joined by their codes.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `career_of_occupation`: revisions of guides with the O*NET-SOC code of each occupation that their codes lead to. A view.
pub(crate) mod career_of_occupation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "career_of_occupation")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
