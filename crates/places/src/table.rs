//! The table `places` of `bls-oews`: the areas for which wages are published.
use std::{borrow::Cow, collections::HashSet};

use datasets::{DataTable, Fault, Input, Layout, Place as FilePlace, Reading, Row, files::has_ending, own_rows};
use kernel::{list::fold, store::Rows};
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use crate::{
    PlaceKind,
    code::{STATES, key_of, not_an_area, states_of},
};

/// The slug of the data set whose areas these are.
pub(crate) const DATASET: &str = "bls-oews";

/// The table `places`.
pub struct Places;

/// A place as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceRow {
    /// The code.
    pub code: String,
    /// The code that the publisher gives it, seven digits.
    pub area: String,
    /// Kind of place.
    pub kind: PlaceKind,
    /// The name.
    pub name: String,
    /// The states in which it lies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<String>,
}

impl Row for PlaceRow {
    fn key(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }
}

/// `place`: rows by which places are listed, for each version of the table.
pub mod place {
    use sea_orm::entity::prelude::*;

    /// A place.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "place")]
    pub struct Model {
        /// The version of the table `places`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        /// The code.
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        /// The natural key: the slug of the data set and the code.
        pub node_key: String,
        /// The name, folded.
        pub name: String,
        /// Kind of place, by its GraphQL name.
        pub kind: String,
    }

    /// Rows are joined by their codes.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `place_within`: places in which a place lies, itself the first, from the narrowest to the widest.
pub mod place_within {
    use sea_orm::entity::prelude::*;

    /// A place, and one in which it lies.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "place_within")]
    pub struct Model {
        /// The version of the table `places`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        /// The place.
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: String,
        /// The number of steps to the wider place: 0 is the place itself.
        #[sea_orm(primary_key, auto_increment = false)]
        pub step: i64,
        /// The wider place.
        pub wider: String,
    }

    /// Rows are joined by their codes.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `place_of_release`: the rows of `place` for each revision of the data set that has them. A view.
pub mod place_of_release {
    use sea_orm::entity::prelude::*;

    /// A place of a revision of the data set.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "place_of_release")]
    pub struct Model {
        /// The revision of the data set.
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision_id: i64,
        /// The entry of the data set.
        pub entry_id: i64,
        /// The natural key: the slug of the data set and the code.
        #[sea_orm(primary_key, auto_increment = false)]
        pub node_key: String,
        /// The code.
        pub code: String,
        /// The name, folded.
        pub name: String,
        /// Kind of place, by its GraphQL name.
        pub kind: String,
    }

    /// Rows are joined by their codes.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl DataTable for Places {
    type Row = PlaceRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "places";
    const LAYOUTS: &'static [Layout] = WAGES;
    const LASTS: bool = true;

    fn read(input: &Input<'_>, rows: &mut Reading<'_, PlaceRow>) -> Result<(), Fault> {
        let mut known = HashSet::new();
        let mut last = None;
        for file in input.files.matching(is_wages) {
            let records = file.records()?;
            let (area, of) = (records.column(&["area_code"])?, records.column(&["area_type"])?);
            let (state, title) = (records.column(&["state_fips"])?, records.column(&["area_title"])?);
            records.each(|record| {
                let number = record.text(area)?;
                if known.contains(number) {
                    return Ok(());
                }
                known.insert(number.to_owned());
                let kind = match record.text(of)? {
                    "N" => PlaceKind::Nation,
                    "S" => PlaceKind::State,
                    "M" if number.starts_with("00") => PlaceKind::MetropolitanArea,
                    "M" => PlaceKind::NonmetropolitanArea,
                    other => {
                        let message = format!("`{other}` is not a type of area; those are `N`, `S` and `M`");
                        return rows.fault(record.fault("malformed-value", of, message));
                    }
                };
                let Some(code) = key_of(number, record.text(of)?) else {
                    let message = not_an_area(number, record.text(of)?);
                    return rows.fault(record.fault("malformed-value", area, message));
                };
                let name = record.text(title)?;
                let is_area = matches!(kind, PlaceKind::MetropolitanArea | PlaceKind::NonmetropolitanArea);
                let states = if is_area { states_of(name, record.raw(state)) } else { Vec::new() };
                let name = if kind == PlaceKind::Nation { "United States" } else { name }.to_owned();
                last = Some(record.place(area));
                rows.row(PlaceRow { code, area: number.to_owned(), kind, name, states }, record.place(area))
            })?;
        }
        let states = known.iter().filter(|number: &&String| number.ends_with("00000") && *number != "0000000").count();
        match last {
            Some(place) if states >= ALL_STATES => unpublished(&known, rows, &place),
            _ => Ok(()),
        }
    }

    fn project(row: &PlaceRow, version: i64, rows: &mut Rows) {
        rows.insert(place::ActiveModel {
            version: Set(version),
            code: Set(row.code.clone()),
            node_key: Set(format!("{DATASET}/{}", row.code)),
            name: Set(fold(&row.name)),
            kind: Set(kernel::list::enum_name(row.kind)),
        });
        let nation = Some("US".to_owned()).filter(|_| row.kind != PlaceKind::Nation);
        let wider = std::iter::once(row.code.clone()).chain(row.states.iter().cloned()).chain(nation);
        for (step, wider) in (0..).zip(wider) {
            rows.insert(place_within::ActiveModel {
                version: Set(version),
                place: Set(row.code.clone()),
                step: Set(step),
                wider: Set(wider),
            });
        }
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(place::Entity), own_rows(place_within::Entity)]
    }
}

/// Number of states from which on a release is of the whole nation.
const ALL_STATES: usize = 50;

/// Adds the states and territories that a release of the whole nation has no wages for, which are places nonetheless.
fn unpublished(known: &HashSet<String>, rows: &mut Reading<'_, PlaceRow>, place: &FilePlace) -> Result<(), Fault> {
    for (number, letters, name) in STATES {
        let area = format!("{number}00000");
        if known.contains(&area) {
            continue;
        }
        let (code, name) = (format!("US-{letters}"), name.to_owned());
        rows.row(PlaceRow { code, area, kind: PlaceKind::State, name, states: Vec::new() }, place.clone())?;
    }
    Ok(())
}

/// Files of wages: of the nation, the states, and metropolitan and nonmetropolitan areas.
pub const WAGES: &[Layout] = &[Layout::first(&[&["*national*.csv"], &["*state*.csv"], &["*metro*.csv"]])];

/// Tells whether a file of the data set holds wages.
pub fn is_wages(name: &str) -> bool {
    has_ending(name, "csv")
        && name.split(['_', '-', '.', ' ']).any(|word| ["national", "state", "metro"].contains(&word))
}
