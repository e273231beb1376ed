//! Rows of scores: the values of an occupation by the measures of a data set, and their places among all occupations.
use std::borrow::Cow;

use datasets::{Column, Fault, Place, Reading, Record, Row, files::Records};
use kernel::{list::enum_name, store::Rows};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::measure::{ExposureMeasure, SCALE};

/// An occupation and its scores, as they are stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScoreRow {
    /// The code, as the authors of the measures use it.
    pub(crate) code: String,
    /// The title, as they write it.
    pub(crate) title: String,
    /// The scores, in the order of the measures.
    pub(crate) scores: Vec<Score>,
}

/// A value by a measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Score {
    #[serde(rename = "m")]
    pub(crate) measure: ExposureMeasure,
    /// The value; none where the file has none.
    #[serde(rename = "v")]
    pub(crate) value: Option<f64>,
    /// Occupations of the measure whose values are lower or equal, in percent of all that have one.
    #[serde(rename = "p")]
    pub(crate) percentile: Option<f64>,
}

impl Row for ScoreRow {
    fn key(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        // Of the measures of a data set, the second is neither bound; where there are more, the first sums the others up.
        let index = usize::from(self.scores.first().is_some_and(|score| score.measure == ExposureMeasure::Gpt4Alpha));
        self.scores.get(index).and_then(|score| score.value)
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

/// `occupation_exposure`: values by which occupations are filtered and sorted, for each version of a table of scores.
pub(crate) mod occupation_exposure {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "occupation_exposure")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        /// The measure, by its GraphQL name.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) measure: String,
        /// The code: by O*NET-SOC or by SOC, as the data set has it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        pub(crate) value: f64,
        pub(crate) percentile: f64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The rows of `occupation_exposure`.
pub(crate) fn project(row: &ScoreRow, version: i64, rows: &mut Rows) {
    for Score { measure, value, percentile } in &row.scores {
        let (Some(value), Some(percentile)) = (value, percentile) else { continue };
        rows.insert(occupation_exposure::ActiveModel {
            version: Set(version),
            measure: Set(enum_name(*measure)),
            code: Set(row.code.clone()),
            value: Set(*value),
            percentile: Set(*percentile),
        });
    }
}

/// Rows with the places at which they stand, before their percentiles are known.
pub(crate) type Placed = Vec<(ScoreRow, Place)>;

/// Hands rows over, with their percentiles.
pub(crate) fn rank(mut placed: Placed, rows: &mut Reading<'_, ScoreRow>) -> Result<(), Fault> {
    let measures = placed.first().map_or(0, |(row, _)| row.scores.len());
    for index in 0..measures {
        let values = placed.iter().filter_map(|(row, _)| row.scores.get(index)?.value);
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        for score in placed.iter_mut().filter_map(|(row, _)| row.scores.get_mut(index)) {
            score.percentile = score.value.map(|value| percentile(&values, value));
        }
    }
    placed.into_iter().try_for_each(|(row, place)| rows.row(row, place))
}

/// Share of the values that are lower or equal, in percent, to two decimals.
fn percentile(sorted: &[f64], value: f64) -> f64 {
    let reached = sorted.partition_point(|other| *other <= value);
    #[expect(clippy::cast_precision_loss, reason = "numbers of occupations")]
    let share = reached as f64 / sorted.len().max(1) as f64;
    (share * 10_000.0).round() / 100.0
}

/// The columns of measures.
pub(crate) fn columns(
    records: &Records<'_>,
    measures: &[ExposureMeasure],
) -> Result<Vec<(ExposureMeasure, Column)>, Fault> {
    measures.iter().map(|measure| Ok((*measure, records.column(&[measure.facts().column])?))).collect()
}

/// The scores of a record, without their percentiles.
pub(crate) fn scores(record: &Record<'_>, columns: &[(ExposureMeasure, Column)]) -> Result<Vec<Score>, Fault> {
    let score = |(measure, column): &(ExposureMeasure, Column)| {
        Ok(Score { measure: *measure, value: share(record, *column)?, percentile: None })
    };
    columns.iter().map(score).collect()
}

/// A value on the scale of the measures, where there is one.
pub(crate) fn share(record: &Record<'_>, column: Column) -> Result<Option<f64>, Fault> {
    let value = record.scientific_number(column)?;
    let (least, greatest) = SCALE;
    match value {
        Some(value) if !(least..=greatest).contains(&value) => Err(record.fault(
            "malformed-value",
            column,
            format!("`{}` is not from {least} to {greatest}", record.raw(column)),
        )),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_counts_lower_and_equal_values() {
        let values = [0.0, 0.25, 0.25, 0.5];
        assert_eq!([0.0, 0.25, 0.5].map(|value| percentile(&values, value).to_string()), ["25", "75", "100"]);
    }
}
