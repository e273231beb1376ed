//! The tables `activities` and `activity-metrics` of `ai-microsoft`: activities of occupations, and how conversations serve them.
use std::{borrow::Cow, collections::HashMap};

use datasets::{Column, DataTable, Fault, Input, Reading, Record, Row, files::InputFiles};
use occupations::code::is_soc;
use serde::{Deserialize, Serialize};

use super::DATASET;
use crate::exposure::scores::share;

/// Files of the activities of occupations.
pub(super) const LINKS_FILE: &[&str] = &["soc_to_iwas.csv"];
/// Files of the metrics of activities.
pub(super) const METRICS_FILE: &[&str] = &["iwa_metrics.csv"];
/// Number of metrics of each side of conversations.
const METRICS: usize = 5;
/// The metrics, by the names of their columns without their sides.
const COLUMNS: [&str; METRICS] =
    ["share", "completion", "impact_scope", "feedback_positive_fraction", "completion_x_scope_x_coverage"];

/// The table `activities`.
pub(crate) struct ActivityLinks;

/// The table `activity-metrics`.
pub(crate) struct ActivityMetricsTable;

/// An activity of an occupation, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ActivityLinkRow {
    soc: String,
    /// The id of the intermediate work activity, as the file has it.
    pub(crate) activity: String,
}

impl Row for ActivityLinkRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.soc, self.activity).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.soc.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.soc)
    }
}

impl DataTable for ActivityLinks {
    type Row = ActivityLinkRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "activities";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ActivityLinkRow>) -> Result<(), Fault> {
        let records = input.files.required(LINKS_FILE)?.records()?;
        let (code, activity) = (records.column(&["SOC Code"])?, records.column(&["IWA"])?);
        records.each(|record| {
            let soc = record.text(code)?;
            if !is_soc(soc) {
                return rows.fault(record.fault(
                    "malformed-value",
                    code,
                    format!("`{soc}` is not a code like 29-2072"),
                ));
            }
            if !is_intermediate(record.text(activity)?) {
                return rows.fault(not_intermediate(record, activity));
            }
            let row = ActivityLinkRow { soc: soc.to_owned(), activity: record.text(activity)?.to_owned() };
            rows.row(row, record.place(activity))
        })
    }
}

/// Tells whether a text is the id of an intermediate work activity.
fn is_intermediate(id: &str) -> bool {
    let parts: Vec<_> = id.split('.').collect();
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    id.starts_with("4.A.") && parts.len() == 6 && parts[5].strip_prefix('I').is_some_and(is_number)
}

fn not_intermediate(record: &Record<'_>, column: Column) -> Fault {
    let message = format!("`{}` is not the id of an intermediate work activity like 4.A.1.a.1.I01", record.raw(column));
    record.fault("malformed-value", column, message)
}

/// Metrics of an activity, as they are stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ActivityMetricsRow {
    pub(crate) activity: String,
    pub(crate) title: String,
    /// The id in newer releases of O*NET, where a map of ids was among the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<String>,
    /// The metrics by the goals of users, in the order of their columns.
    pub(crate) user: [Option<f64>; METRICS],
    /// The same by the actions of AI.
    pub(crate) ai: [Option<f64>; METRICS],
}

impl Row for ActivityMetricsRow {
    const FIGURE: &'static str = "share of users";

    fn key(&self) -> Cow<'_, str> {
        self.activity.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.activity.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        self.user[0]
    }
}

/// Ids of intermediate work activities in newer releases, by those of before; empty where no file maps them.
fn map(files: &InputFiles) -> Result<HashMap<String, String>, Fault> {
    let mut map = HashMap::new();
    let Some(file) = files.find(&["activity_id_map_30_1_to_30_3.tsv"]) else { return Ok(map) };
    let records = file.records()?;
    let (kind, before) = (records.column(&["kind"])?, records.column(&["id_30_1"])?);
    let after = records.column(&["id_30_3"])?;
    records.each(|record| {
        if record.text(kind)? == "IWA" {
            map.insert(record.text(before)?.to_owned(), record.text(after)?.to_owned());
        }
        Ok(())
    })?;
    Ok(map)
}

impl DataTable for ActivityMetricsTable {
    type Row = ActivityMetricsRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "activity-metrics";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ActivityMetricsRow>) -> Result<(), Fault> {
        let map = map(input.files)?;
        let records = input.files.required(METRICS_FILE)?.records()?;
        let (activity, title) = (records.column(&["IWA"])?, records.column(&["title"])?);
        let mut sides = [Vec::new(), Vec::new()];
        for (columns, side) in sides.iter_mut().zip(["user", "ai"]) {
            for name in COLUMNS {
                columns.push(records.column(&[&format!("{name}_{side}")])?);
            }
        }
        records.each(|record| {
            let id = record.text(activity)?;
            if !is_intermediate(id) {
                return rows.fault(not_intermediate(record, activity));
            }
            let mut values = [[None; METRICS]; 2];
            for (values, columns) in values.iter_mut().zip(&sides) {
                for (value, column) in values.iter_mut().zip(columns) {
                    match share(record, *column) {
                        Ok(read) => *value = read,
                        Err(fault) => return rows.fault(fault),
                    }
                }
            }
            let [user, ai] = values;
            let row = ActivityMetricsRow {
                activity: id.to_owned(),
                title: record.text(title)?.to_owned(),
                current: map.get(id).cloned(),
                user,
                ai,
            };
            rows.row(row, record.place(activity))
        })
    }
}
