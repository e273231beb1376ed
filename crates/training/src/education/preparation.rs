//! The tables `preparation` and `job-zones` of `onet`: job zones of occupations, and what each zone asks for.
use std::{borrow::Cow, ops::RangeInclusive};

use datasets::{Column, DataTable, Fault, FileNames, Input, Layout, Reading, Record, Row};
use occupations::layout;
use serde::{Deserialize, Serialize};

use super::DATASET;

/// The table `preparation`.
pub(crate) struct Preparations;

/// The table `job-zones`.
pub(crate) struct JobZones;

/// The block of all job zones: five at most.
pub(super) const ALL: &str = "all";

/// A job zone of an occupation, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PreparationRow {
    code: String,
    pub(super) zone: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) month: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
}

/// A job zone, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct JobZoneRow {
    pub(super) zone: i32,
    pub(super) name: String,
    pub(super) experience: Option<String>,
    pub(super) education: Option<String>,
    pub(super) training: Option<String>,
    pub(super) examples: Option<String>,
    pub(super) svp: Option<String>,
}

impl Row for PreparationRow {
    fn key(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        Some(f64::from(self.zone))
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

impl Row for JobZoneRow {
    fn key(&self) -> Cow<'_, str> {
        self.zone.to_string().into()
    }

    fn block(&self) -> Cow<'_, str> {
        ALL.into()
    }
}

const ZONES_FILE: FileNames = &["Job Zones.txt", "job_zones.csv", "job_zones.txt"];
const REFERENCE_FILE: FileNames = &["Job Zone Reference.txt", "job_zone_reference.csv", "job_zone_reference.txt"];

/// Zones that O*NET has.
const ZONES: RangeInclusive<i32> = 1..=5;

fn zone_of(record: &Record<'_>, column: Column) -> Result<i32, Fault> {
    let zone = record.required_number(column)?;
    if ZONES.contains(&zone) {
        return Ok(zone);
    }
    let message = format!("`{zone}` is not a job zone, which go from {} to {}", ZONES.start(), ZONES.end());
    Err(record.fault("malformed-value", column, message))
}

impl DataTable for Preparations {
    type Row = PreparationRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "preparation";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[ZONES_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, PreparationRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(ZONES_FILE) else { return Ok(()) };
        let records = file.records()?;
        let (code, zone) = (records.column(layout::CODE)?, records.column(&["Job Zone"])?);
        let (month, source) = (records.column(layout::DATE)?, records.column(layout::DOMAIN)?);
        records.each(|record| {
            if let Some(fault) = input.unknown_code(record.text(code)?, record.place(code)) {
                return rows.fault(fault);
            }
            let row = PreparationRow {
                code: record.text(code)?.to_owned(),
                zone: zone_of(record, zone)?,
                month: record.month(month)?,
                source: record.optional(source).map(str::to_owned),
            };
            rows.row(row, record.place(code))
        })
    }
}

impl DataTable for JobZones {
    type Row = JobZoneRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "job-zones";
    /// From release 30.2 on, the first two zones are one.
    const LAYOUTS: &'static [Layout] =
        &[Layout::first(&[REFERENCE_FILE]), Layout::smaller_since("30.2", &[REFERENCE_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, JobZoneRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(REFERENCE_FILE) else { return Ok(()) };
        let records = file.records()?;
        let (zone, name) = (records.column(&["Job Zone"])?, records.column(&["Name"])?);
        let texts = ["Experience", "Education", "Job Training", "Examples", "SVP Range"];
        let mut columns = Vec::new();
        for text in texts {
            columns.push(records.column(&[text])?);
        }
        records.each(|record| {
            let text = |index: usize| columns.get(index).and_then(|column| record.optional(*column)).map(str::to_owned);
            let row = JobZoneRow {
                zone: zone_of(record, zone)?,
                name: record.text(name)?.to_owned(),
                experience: text(0),
                education: text(1),
                training: text(2),
                examples: text(3),
                svp: text(4),
            };
            rows.row(row, record.place(zone))
        })
    }
}
