//! The table `hierarchy` of `soc-crosswalks`: the groups of the Standard Occupational Classification that each detailed occupation belongs
//! to.
use std::borrow::Cow;

use async_graphql::{Context, Object, SimpleObject};
use datasets::{
    DataTable, Dataset, Fault, Input, Layout, Reading, Row, block,
    files::{Column, Record},
    own_rows,
};
use kernel::{Result, request, store::Rows};
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use super::DATASET;
use crate::{Occupation, code::is_soc};

/// The table `hierarchy`.
pub(crate) struct Hierarchy;

/// The names of the file.
pub(super) const FILE: &[&str] = &["onetsoc_2019_structure.csv", "2019_Structure.csv"];

/// The columns of the levels above a detailed occupation, from the widest.
const LEVELS: [&str; 3] = ["Major Group", "Minor Group", "Broad Occupation"];

/// A code of the Standard Occupational Classification, and its title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
pub(crate) struct SocGroup {
    /// The SOC 2018 code, such as `29-0000`.
    code: String,
    /// The title.
    title: String,
}

/// A detailed occupation as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HierarchyRow {
    code: String,
    title: String,
    /// Major group, minor group and broad occupation.
    groups: [SocGroup; LEVELS.len()],
}

impl HierarchyRow {
    /// The title of the detailed occupation.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }
}

impl Row for HierarchyRow {
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

/// `soc_group`: the groups that each detailed occupation belongs to, itself among them, for each version of the table.
pub(crate) mod soc_group {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "soc_group")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        /// The code of the group.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        /// The SOC code of the detailed occupation.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) soc: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl DataTable for Hierarchy {
    type Row = HierarchyRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "hierarchy";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, HierarchyRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(FILE) else { return Ok(()) };
        let records = file.records()?;
        let mut levels = Vec::with_capacity(LEVELS.len());
        for level in LEVELS {
            levels.push(records.column(&[level])?);
        }
        let (detailed, refined) = (records.column(&["Detailed Occupation"])?, records.column(&["Detailed O*NET-SOC"])?);
        let title = records.column(&["SOC or O*NET-SOC 2019 Title"])?;
        // The groups that a line stands below, from the widest.
        let mut above: Vec<SocGroup> = Vec::new();
        records.each(|record| {
            let level = levels.iter().position(|level| record.optional(*level).is_some());
            if level.is_none() && record.optional(refined).is_some() {
                // A refinement by O*NET, which the data set `onet` lists.
                return Ok(());
            }
            let column = level.map_or(detailed, |level| levels[level]);
            let group = match group(record, column, title) {
                Ok(group) => group,
                Err(fault) => return rows.fault(fault),
            };
            if let Some(level) = level {
                if above.len() < level {
                    return rows.fault(no_parent(record, column));
                }
                above.truncate(level);
                if let Some(fault) = stray(record, column, above.last(), &group) {
                    return rows.fault(fault);
                }
                above.push(group);
                return Ok(());
            }
            let Ok(groups) = <[SocGroup; LEVELS.len()]>::try_from(above.clone()) else {
                return rows.fault(no_parent(record, detailed));
            };
            if let Some(fault) = stray(record, detailed, groups.last(), &group) {
                return rows.fault(fault);
            }
            rows.row(HierarchyRow { code: group.code, title: group.title, groups }, record.place(detailed))
        })
    }

    fn project(row: &HierarchyRow, version: i64, rows: &mut Rows) {
        for code in row.groups.iter().map(|group| &group.code).chain([&row.code]) {
            rows.insert(soc_group::ActiveModel {
                version: Set(version),
                code: Set(code.clone()),
                soc: Set(row.code.clone()),
            });
        }
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(soc_group::Entity)]
    }
}

/// The group that a line names.
fn group(record: &Record<'_>, column: Column, title: Column) -> Result<SocGroup, Fault> {
    let (code, title) = (record.text(column)?.to_owned(), record.text(title)?.to_owned());
    if !is_soc(&code) {
        return Err(record.fault("malformed-value", column, format!("`{code}` is not a SOC code like 29-2072")));
    }
    Ok(SocGroup { code, title })
}

/// Codes that do not begin with the digits of their group, and the group.
const UNLIKE: (&str, &str) = ("29-1210", "29-122");

/// The fault of a group that does not belong to the one it stands below: the line of its own may be missing.
fn stray(record: &Record<'_>, column: Column, above: Option<&SocGroup>, group: &SocGroup) -> Option<Fault> {
    let above = above?;
    let is_below = group.code.starts_with(above.code.trim_end_matches('0')) && group.code != above.code;
    let is_known = above.code == UNLIKE.0 && group.code.starts_with(UNLIKE.1);
    (!is_below && !is_known).then(|| {
        let message = format!(
            "`{}` stands below `{}`, whose digits it does not have; the line of its own group may be missing",
            group.code, above.code
        );
        record.fault("malformed-row", column, message)
    })
}

fn no_parent(record: &Record<'_>, column: Column) -> Fault {
    let message = format!("`{}` does not stand below a group of the level above", record.raw(column));
    record.fault("malformed-row", column, message)
}

/// Place of an occupation in the Standard Occupational Classification of 2018.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationHierarchy {
    /// The major group, such as `29-0000`.
    major: SocGroup,
    /// The minor group, such as `29-2000`.
    minor: SocGroup,
    /// The broad occupation, such as `29-2070`.
    broad: SocGroup,
    /// The detailed occupation, such as `29-2072`, which O*NET may divide further.
    detailed: SocGroup,
    /// The data set.
    dataset: Dataset,
}

/// `Occupation.hierarchy`.
pub(crate) struct OccupationGroups(Occupation);

impl From<&Occupation> for OccupationGroups {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.clone())
    }
}

#[Object]
impl OccupationGroups {
    /// The groups of the Standard Occupational Classification that the occupation belongs to; null if the data set `soc-crosswalks` has none,
    /// or is not synced.
    async fn hierarchy(&self, ctx: &Context<'_>) -> Result<Option<OccupationHierarchy>> {
        let Some(found) = block::<Hierarchy>(request(ctx), self.0.soc()).await? else { return Ok(None) };
        let Some(HierarchyRow { code, title, groups: [major, minor, broad] }) = found.rows.first().cloned() else {
            return Ok(None);
        };
        let detailed = SocGroup { code, title };
        Ok(Some(OccupationHierarchy { major, minor, broad, detailed, dataset: found.dataset }))
    }
}
