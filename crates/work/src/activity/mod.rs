//! The table `activities` of `onet`: detailed and intermediate work activities, with those above them.
pub(crate) mod links;

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Object, SimpleObject};
use datasets::{Column, DataTable, Dataset, Fault, Input, Layout, Reading, Record, Row, block};
use kernel::{Loaders, Result};
use serde::{Deserialize, Serialize};

use crate::layout::{
    ActivityTitles, DATASET, DETAILED_FILE, DWA_ID, DWA_TITLE, GWA_ID, INTERMEDIATE_FILE, IWA_ID, IWA_TITLE,
};

/// The table `activities`.
pub(crate) struct Activities;

/// A work activity of O*NET.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, SimpleObject)]
pub(crate) struct WorkActivity {
    /// The identifier that O*NET gives the activity. Those of intermediate and detailed activities are others from release 30.3 on.
    #[serde(rename = "i")]
    pub(crate) activity_id: String,
    /// The title.
    #[serde(rename = "t")]
    pub(crate) title: String,
}

/// A detailed or intermediate work activity as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ActivityRow {
    /// The activity.
    #[serde(rename = "a")]
    of: WorkActivity,
    /// The intermediate activity above a detailed one; none for an intermediate one.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    intermediate: Option<WorkActivity>,
    #[serde(rename = "g")]
    generalized: WorkActivity,
}

impl Row for ActivityRow {
    fn key(&self) -> Cow<'_, str> {
        self.of.activity_id.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.key()
    }

    fn part(&self) -> Cow<'_, str> {
        if self.intermediate.is_some() { "detailed activities".into() } else { "intermediate activities".into() }
    }
}

impl DataTable for Activities {
    type Row = ActivityRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "activities";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[INTERMEDIATE_FILE, DETAILED_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ActivityRow>) -> Result<(), Fault> {
        let Some(intermediate) = input.files.find(INTERMEDIATE_FILE) else { return Ok(()) };
        let titles = ActivityTitles::read(input)?;
        let records = intermediate.records()?;
        let columns = [records.column(GWA_ID)?, records.column(IWA_ID)?, records.column(IWA_TITLE)?];
        records.each(|record| {
            let [gwa, id, title] = columns;
            let of = WorkActivity { activity_id: record.text(id)?.to_owned(), title: record.text(title)?.to_owned() };
            match known(&titles.generalized, record, gwa) {
                Err(fault) => rows.fault(fault),
                Ok(generalized) => rows.row(ActivityRow { of, intermediate: None, generalized }, record.place(id)),
            }
        })?;
        let records = input.files.required(DETAILED_FILE)?.records()?;
        let columns =
            [records.column(GWA_ID)?, records.column(IWA_ID)?, records.column(DWA_ID)?, records.column(DWA_TITLE)?];
        records.each(|record| {
            let [gwa, iwa, id, title] = columns;
            let of = WorkActivity { activity_id: record.text(id)?.to_owned(), title: record.text(title)?.to_owned() };
            match (known(&titles.generalized, record, gwa), known(&titles.intermediate, record, iwa)) {
                (Err(fault), _) | (_, Err(fault)) => rows.fault(fault),
                (Ok(generalized), Ok(intermediate)) => {
                    rows.row(ActivityRow { of, intermediate: Some(intermediate), generalized }, record.place(id))
                }
            }
        })
    }
}

/// The activity that a field names by its identifier. Rule `unknown-element`.
fn known(
    titles: &std::collections::HashMap<String, String>,
    record: &Record<'_>,
    column: Column,
) -> Result<WorkActivity, Fault> {
    let id = record.text(column)?;
    let title = titles.get(id).ok_or_else(|| {
        record.fault("unknown-element", column, format!("`{id}` is not among the work activities of this release"))
    })?;
    Ok(WorkActivity { activity_id: id.to_owned(), title: title.clone() })
}

/// A detailed work activity: what tasks of several occupations have in common.
#[derive(Clone, Debug)]
pub(crate) struct DetailedActivity(Dataset, Arc<ActivityRow>);

/// An intermediate work activity: what detailed activities have in common.
#[derive(Clone, Debug)]
pub(crate) struct IntermediateActivity(Dataset, Arc<ActivityRow>);

async fn find(loaders: &Loaders, id: &str) -> Result<Option<(Dataset, Arc<ActivityRow>)>> {
    let found = block::<Activities>(loaders, id).await?;
    Ok(found.and_then(|found| Some((found.dataset, Arc::new(found.rows.first()?.clone())))))
}

/// The detailed activity with this identifier.
pub(crate) async fn detailed(loaders: &Loaders, id: &str) -> Result<Option<DetailedActivity>> {
    let found = find(loaders, id).await?.filter(|(_, row)| row.intermediate.is_some());
    Ok(found.map(|(dataset, row)| DetailedActivity(dataset, row)))
}

/// The intermediate activity with this identifier.
pub(crate) async fn intermediate(loaders: &Loaders, id: &str) -> Result<Option<IntermediateActivity>> {
    let found = find(loaders, id).await?.filter(|(_, row)| row.intermediate.is_none());
    Ok(found.map(|(dataset, row)| IntermediateActivity(dataset, row)))
}

impl DetailedActivity {
    pub(crate) fn intermediate_row(&self) -> Option<&WorkActivity> {
        self.1.intermediate.as_ref()
    }

    pub(crate) fn generalized_row(&self) -> &WorkActivity {
        &self.1.generalized
    }
}

/// A detailed work activity: what tasks of several occupations have in common.
#[Object]
impl DetailedActivity {
    /// The identifier that O*NET gives the activity. It is another from release 30.3 on.
    async fn activity_id(&self) -> &str {
        &self.1.of.activity_id
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.1.of.title
    }

    /// The intermediate work activity that it belongs to.
    async fn intermediate(&self) -> Option<&WorkActivity> {
        self.intermediate_row()
    }

    /// The generalized work activity that it belongs to.
    async fn generalized(&self) -> &WorkActivity {
        self.generalized_row()
    }

    /// The data set that the activity is taken from.
    async fn dataset(&self) -> &Dataset {
        &self.0
    }
}

/// An intermediate work activity: what detailed activities have in common.
#[Object]
impl IntermediateActivity {
    /// The identifier that O*NET gives the activity. It is another from release 30.3 on.
    async fn activity_id(&self) -> &str {
        &self.1.of.activity_id
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.1.of.title
    }

    /// The generalized work activity that it belongs to.
    async fn generalized(&self) -> &WorkActivity {
        &self.1.generalized
    }

    /// The data set that the activity is taken from.
    async fn dataset(&self) -> &Dataset {
        &self.0
    }
}
