//! The tables `software` and `tools` of `onet`: what occupations work with.
use std::borrow::Cow;

use async_graphql::{Context, Object, SimpleObject};
use datasets::{
    Column, DataTable, Dataset, Fault, FileNames, Input, Layout, Reading, Record, Row, block, files::Records, own_rows,
};
use kernel::{Result, list::fold, request, store::Rows};
use occupations::layout;
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use crate::{
    ContentElement,
    commodity::{Commodities, Commodity},
    element::find,
    onet::DATASET,
};

/// The table `software`.
pub(crate) struct Software;

/// The table `tools`, which releases from 30.3 on do not have.
pub(crate) struct Tools;

const TECHNOLOGY_FILE: FileNames = &["Technology Skills.txt", "technology_skills.csv", "technology_skills.txt"];
const SOFTWARE_FILE: FileNames = &["Software Skills.txt", "software_skills.csv", "software_skills.txt"];
const TOOLS_FILE: FileNames = &["Tools Used.txt", "tools_used.csv", "tools_used.txt"];

/// Software, or a tool, of an occupation as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ToolRow {
    /// The O*NET-SOC code.
    #[serde(rename = "o")]
    pub(crate) code: String,
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// The identifier of an element, or the code of a commodity before release 30.3.
    #[serde(rename = "c")]
    pub(crate) category: String,
    /// The name of the category.
    #[serde(rename = "t")]
    pub(crate) title: String,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub(crate) hot: Option<bool>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(crate) in_demand: Option<bool>,
}

impl Row for ToolRow {
    /// Names are told apart exactly: C, C++ and C# are three.
    fn key(&self) -> Cow<'_, str> {
        [&self.code, "/", &self.category, "/", &self.name].concat().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

/// `occupation_software`: rows by which occupations are found by their software, for each version of the table.
pub(crate) mod occupation_software {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "occupation_software")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        /// The name, folded.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) name: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) category: String,
        /// 1 for a hot technology, else 0.
        pub(crate) hot: i32,
        /// 1 for software in demand, else 0.
        pub(crate) in_demand: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The columns of a file of software or tools.
struct ToolColumns {
    code: Column,
    name: Column,
    category: Column,
    title: Column,
    marks: Option<[Column; 2]>,
}

impl ToolColumns {
    fn of(records: &Records<'_>, is_marked: bool) -> Result<Self, Fault> {
        let mark = |name: &str| records.column(&[name]);
        Ok(Self {
            code: records.column(layout::CODE)?,
            name: records.column(&["Example", "Workplace Example"])?,
            category: records.column(&["Commodity Code", "Element ID"])?,
            title: records.column(&["Commodity Title", "Element Name"])?,
            marks: if is_marked { Some([mark("Hot Technology")?, mark("In Demand")?]) } else { None },
        })
    }

    fn row(&self, record: &Record<'_>) -> Result<ToolRow, Fault> {
        let flag = |column: Option<Column>| column.map_or(Ok(None), |column| record.flag(column));
        Ok(ToolRow {
            code: record.text(self.code)?.to_owned(),
            name: record.text(self.name)?.to_owned(),
            category: record.text(self.category)?.to_owned(),
            title: record.text(self.title)?.to_owned(),
            hot: flag(self.marks.map(|[hot, _]| hot))?,
            in_demand: flag(self.marks.map(|[_, in_demand]| in_demand))?,
        })
    }
}

fn read<T: DataTable>(input: &Input<'_>, is_marked: bool, rows: &mut Reading<'_, ToolRow>) -> Result<(), Fault> {
    let Some(file) = Layout::given(T::LAYOUTS, input.files).first().copied() else { return Ok(()) };
    let records = file.records()?;
    let columns = ToolColumns::of(&records, is_marked)?;
    records.each(|record| {
        let code = record.text(columns.code)?;
        if !input.knows(code) {
            return input.unknown_code(code, record.place(columns.code)).map_or(Ok(()), |fault| rows.fault(fault));
        }
        rows.row(columns.row(record)?, record.place(columns.name))
    })
}

impl DataTable for Software {
    type Row = ToolRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "software";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[TECHNOLOGY_FILE]), Layout::since("30.3", &[SOFTWARE_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ToolRow>) -> Result<(), Fault> {
        read::<Self>(input, true, rows)
    }

    fn project(row: &ToolRow, version: i64, rows: &mut Rows) {
        // Two names may differ in the case of their letters alone.
        rows.insert_once(occupation_software::ActiveModel {
            version: Set(version),
            name: Set(fold(&row.name)),
            code: Set(row.code.clone()),
            category: Set(row.category.clone()),
            hot: Set(i32::from(row.hot == Some(true))),
            in_demand: Set(i32::from(row.in_demand == Some(true))),
        });
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(occupation_software::Entity)]
    }
}

impl DataTable for Tools {
    type Row = ToolRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "tools";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[TOOLS_FILE]), Layout::dropped_with("30.3")];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ToolRow>) -> Result<(), Fault> {
        read::<Self>(input, false, rows)
    }
}

/// Category of software or tools.
#[derive(Clone, Debug)]
pub(crate) struct ToolCategory {
    id: String,
    name: String,
}

/// Software that people in an occupation use.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationSoftware {
    /// The name, as employers and people at work write it.
    name: String,
    /// Category of the software.
    category: ToolCategory,
    /// True if many employers ask for it, in whatever occupation: O*NET calls it a hot technology. Null if the publisher does not say.
    is_hot: Option<bool>,
    /// True if employers often ask for it in this occupation. Null if the publisher does not say.
    is_in_demand: Option<bool>,
    /// The data set that it is taken from.
    dataset: Dataset,
}

/// A tool, a machine or equipment that people in an occupation use.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationTool {
    /// The name.
    name: String,
    /// Category of the tool.
    category: ToolCategory,
    /// The data set that it is taken from.
    dataset: Dataset,
}

impl From<&ToolRow> for ToolCategory {
    fn from(row: &ToolRow) -> Self {
        Self { id: row.category.clone(), name: row.title.clone() }
    }
}

impl OccupationSoftware {
    pub(crate) fn new(row: &ToolRow, dataset: &Dataset) -> Self {
        Self {
            name: row.name.clone(),
            category: row.into(),
            is_hot: row.hot,
            is_in_demand: row.in_demand,
            dataset: dataset.clone(),
        }
    }
}

impl OccupationTool {
    pub(crate) fn new(row: &ToolRow, dataset: &Dataset) -> Self {
        Self { name: row.name.clone(), category: row.into(), dataset: dataset.clone() }
    }
}

impl ToolCategory {
    fn is_element(&self) -> bool {
        self.id.contains('.')
    }
}

/// Category of software or tools.
#[Object]
impl ToolCategory {
    /// The name.
    async fn name(&self) -> &str {
        &self.name
    }

    /// The identifier of the element of the content model, such as `2.E.5.b`; null for releases before 30.3.
    async fn element_id(&self) -> Option<&str> {
        self.is_element().then_some(&*self.id)
    }

    /// The element of the content model; null for releases before 30.3.
    async fn element(&self, ctx: &Context<'_>) -> Result<Option<ContentElement>> {
        if self.is_element() { find(request(ctx), &self.id).await } else { Ok(None) }
    }

    /// The code of the United Nations Standard Products and Services Code; null for software of releases from 30.3 on.
    async fn commodity_code(&self) -> Option<&str> {
        (!self.is_element()).then_some(&*self.id)
    }

    /// The commodity, with the groups that it belongs to; null for software of releases from 30.3 on.
    async fn commodity(&self, ctx: &Context<'_>) -> Result<Option<Commodity>> {
        if self.is_element() {
            return Ok(None);
        }
        let found = block::<Commodities>(request(ctx), &self.id).await?;
        Ok(found.and_then(|found| found.rows.first().map(Commodity::from)))
    }
}
