//! The table `commodities` of `onet`: the United Nations Standard Products and Services Code, by which releases before 30.3 sort software and
//! tools.
use std::borrow::Cow;

use async_graphql::SimpleObject;
use datasets::{DataTable, Fault, FileNames, Input, Layout, Reading, Row};
use serde::{Deserialize, Serialize};

use crate::onet::DATASET;

/// The table `commodities`.
pub(crate) struct Commodities;

/// A commodity as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CommodityRow {
    pub(crate) commodity: CommodityGroup,
    pub(crate) class: CommodityGroup,
    pub(crate) family: CommodityGroup,
    pub(crate) segment: CommodityGroup,
}

/// A commodity, or a group of commodities, of the United Nations Standard Products and Services Code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
pub(crate) struct CommodityGroup {
    /// The code of eight digits.
    #[serde(rename = "c")]
    pub(crate) code: String,
    /// The title.
    #[serde(rename = "t")]
    pub(crate) title: String,
}

/// A commodity with the groups that it belongs to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Commodity {
    /// The code of eight digits.
    code: String,
    /// The title.
    title: String,
    /// The class that the commodity belongs to.
    class: CommodityGroup,
    /// The family that the class belongs to.
    family: CommodityGroup,
    /// The segment that the family belongs to.
    segment: CommodityGroup,
}

impl From<&CommodityRow> for Commodity {
    fn from(row: &CommodityRow) -> Self {
        let CommodityRow { commodity, class, family, segment } = row.clone();
        Self { code: commodity.code, title: commodity.title, class, family, segment }
    }
}

impl Row for CommodityRow {
    fn key(&self) -> Cow<'_, str> {
        self.commodity.code.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.commodity.code.as_str().into()
    }
}

const FILE: FileNames = &["UNSPSC Reference.txt", "unspsc_reference.csv", "unspsc_reference.txt"];

impl DataTable for Commodities {
    type Row = CommodityRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "commodities";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[FILE]), Layout::dropped_with("30.3")];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, CommodityRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(FILE) else { return Ok(()) };
        let records = file.records()?;
        let column = |level: &str| {
            let (code, title) = (format!("{level} Code"), format!("{level} Title"));
            Ok((records.column(&[code.as_str()])?, records.column(&[title.as_str()])?))
        };
        let columns = [column("Commodity")?, column("Class")?, column("Family")?, column("Segment")?];
        records.each(|record| {
            let group = |(code, title)| {
                Ok::<_, Fault>(CommodityGroup {
                    code: record.text(code)?.to_owned(),
                    title: record.text(title)?.to_owned(),
                })
            };
            let [commodity, class, family, segment] = columns;
            let row = CommodityRow {
                commodity: group(commodity)?,
                class: group(class)?,
                family: group(family)?,
                segment: group(segment)?,
            };
            rows.row(row, record.place(commodity.0))
        })
    }
}
