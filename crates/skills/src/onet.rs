//! The data set `onet` as this module reads it.
use datasets::{Fault, Record, files::Records};
use occupations::layout;

/// The slug of the data set.
pub(crate) const DATASET: &str = "onet";

/// A number of a field that has one.
pub(crate) fn finite(record: &Record<'_>, column: datasets::Column) -> Result<f64, Fault> {
    let number: f64 = record.required_number(column)?;
    check(record, column, number)
}

/// A number of a field, where there is one.
pub(crate) fn finite_or_none(record: &Record<'_>, column: datasets::Column) -> Result<Option<f64>, Fault> {
    record.number(column)?.map(|number| check(record, column, number)).transpose()
}

fn check(record: &Record<'_>, column: datasets::Column, number: f64) -> Result<f64, Fault> {
    if number.is_finite() {
        return Ok(number);
    }
    Err(record.fault("malformed-value", column, format!("`{}` is not a number here", record.raw(column))))
}

/// The columns that rows about elements of occupations share.
#[derive(Clone, Copy)]
pub(crate) struct OccupationColumns {
    pub(crate) code: datasets::Column,
    pub(crate) element: datasets::Column,
}

impl OccupationColumns {
    pub(crate) fn of(records: &Records<'_>) -> Result<Self, Fault> {
        Ok(Self { code: records.column(layout::CODE)?, element: records.column(layout::ELEMENT)? })
    }
}
