//! The object `Occupation`.
use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, ID, Object, OutputType as _, SimpleObject};
use datasets::{Block, Dataset, Row, block};
use kernel::{
    Entry, Kind as _, Loaders, Node, Result, global_id,
    list::{Direction, Listed, OrderTerm, TableContext},
    request,
};
use serde::{Deserialize, Serialize};

use crate::{
    code::{OccupationCode, SocCode, is_onet_soc, is_whole, soc_of},
    onet::{
        DATASET,
        occupations::{Occupations, listed},
    },
};

/// An occupation of O*NET: what figures of labour data are about, whether a guide explains it or not.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Occupation {
    /// The data set, at the release that is shown.
    #[graphql(skip)]
    pub(crate) release: Entry,
    #[graphql(skip)]
    pub(crate) row: Arc<OccupationRow>,
    /// The title.
    title: String,
}

kernel::open!(Occupation);

/// An occupation as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OccupationRow {
    /// The O*NET-SOC code.
    pub code: String,
    /// The title.
    pub title: String,
    /// The description; none where the release has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The job zone; none where the release has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<i32>,
}

impl Row for OccupationRow {
    fn key(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    /// The occupations of one SOC code, so that a guide finds them by either code.
    fn block(&self) -> Cow<'_, str> {
        soc_of(&self.code).into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

impl Occupation {
    fn new(release: Entry, row: &OccupationRow) -> Self {
        Self { release, title: row.title.clone(), row: Arc::new(row.clone()) }
    }

    /// The O*NET-SOC code.
    pub fn code(&self) -> &str {
        &self.row.code
    }

    /// The SOC code.
    pub fn soc(&self) -> &str {
        soc_of(&self.row.code)
    }

    /// Tells whether this is the SOC occupation as a whole, so that figures of the SOC code are those of the occupation.
    pub fn is_whole(&self) -> bool {
        is_whole(&self.row.code)
    }
}

/// The occupation with this O*NET-SOC code.
pub async fn by_code(loaders: &Loaders, code: &str) -> Result<Option<Occupation>> {
    if !is_onet_soc(code) {
        return Ok(None);
    }
    let Some(Block { dataset, rows }) = block::<Occupations>(loaders, soc_of(code)).await? else { return Ok(None) };
    let row = rows.iter().find(|row| row.code == code);
    Ok(row.map(|row| Occupation::new(dataset.entry().clone(), row)))
}

/// The occupations of a SOC code, in the order of their codes.
pub async fn of_soc(loaders: &Loaders, soc: &str) -> Result<Vec<Occupation>> {
    let Some(Block { dataset, rows }) = block::<Occupations>(loaders, soc).await? else { return Ok(Vec::new()) };
    let mut found: Vec<_> = rows.iter().map(|row| Occupation::new(dataset.entry().clone(), row)).collect();
    found.sort_by(|one, other| one.row.code.cmp(&other.row.code));
    Ok(found)
}

impl Node for Occupation {
    type Of = Dataset;

    async fn find(ctx: &Context<'_>, entry: Entry, part: String) -> Result<Option<Arc<Self>>> {
        if entry.slug() != DATASET {
            return Ok(None);
        }
        Ok(by_code(request(ctx), &part).await?.map(Arc::new))
    }
}

impl Listed for Occupation {
    type Table = listed::Entity;

    const LIST: &'static str = "occupations";
    const ABOUT: &'static str = "All occupations of the data set `onet`, whether a guide explains them or not, by title unless `orderBy` is given.";

    fn require(rows: &TableContext<'_>) {
        datasets::require::<Occupations>(rows);
    }

    fn default_order() -> Vec<OrderTerm> {
        vec![OrderTerm::text(listed::Column::Title, Direction::Asc)]
    }
}

/// Fields of an occupation beside its title.
pub(crate) struct OccupationFields(Occupation);

impl From<&Occupation> for OccupationFields {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.clone())
    }
}

#[Object]
impl OccupationFields {
    /// The global id: opaque, the same in every database and after every sync.
    async fn id(&self) -> ID {
        global_id(Occupation::type_name(), &self.0.release.part_key(self.0.code()))
    }

    /// The O*NET-SOC 2019 code.
    async fn code(&self) -> OccupationCode {
        OccupationCode::parse(self.0.code()).unwrap_or_default()
    }

    /// The SOC 2018 code. An O*NET-SOC code that ends with `.00` stands for the same occupation; any other for a part of it.
    async fn soc_code(&self) -> SocCode {
        SocCode::parse(self.0.soc()).unwrap_or_default()
    }

    /// Description of the occupation by O*NET; null if there is none.
    async fn description(&self) -> Option<&str> {
        self.0.row.description.as_deref()
    }

    /// Preparation that people usually need, as a job zone from 1 (little) to 5 (extensive); from release 30.2 on, 2 stands for 1 and 2. Null
    /// if O*NET has none.
    async fn job_zone(&self) -> Option<i32> {
        self.0.row.zone
    }

    /// The data set that the occupation is taken from.
    async fn dataset(&self) -> Dataset {
        Dataset::new(self.0.release.clone())
    }
}
