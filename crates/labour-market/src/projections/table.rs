//! The table `projections` of `bls-projections`: the employment of each occupation now and in ten years, and what it asks of those who begin.
use std::borrow::Cow;

use datasets::{
    Column as FileColumn, DataFigure, DataTable, Fault, FigureUnit, Input, MissingReason, Reading, Record, Row,
    files::grouped_decimal, own_rows,
};
use kernel::{list::ListValue as _, store::Rows};
use occupations::code::is_soc;
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use super::{
    DATASET, Years, file,
    kinds::{EntryEducation, OnTheJobTraining, RelatedExperience},
    year_after,
};

/// The table `projections`.
pub struct Projections;

/// A figure as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum StoredFigure {
    /// The value.
    Value(f64),
    /// The bound that the value reaches or exceeds.
    AtLeast(f64),
    /// The reason why there is none.
    Missing(MissingReason),
}

/// A projection as it is stored. Employment, changes of it and openings are jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectionRow {
    /// The code of the occupation, or of several that are projected together.
    pub code: String,
    /// The title.
    pub title: String,
    /// Other titles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<String>,
    /// The base year.
    pub base_year: i32,
    /// The target year.
    pub target_year: i32,
    /// Employment in the base year.
    pub base: StoredFigure,
    /// Employment in the target year.
    pub target: StoredFigure,
    /// Change of employment.
    pub change: StoredFigure,
    /// Change of employment in percent.
    pub percent: StoredFigure,
    /// Openings per year.
    pub openings: StoredFigure,
    /// The median annual wage.
    pub wage: StoredFigure,
    /// The year of the wage.
    pub wage_year: i32,
    /// Typical education at entry; none where the publisher assigns none.
    pub education: Option<EntryEducation>,
    /// Work experience in a related occupation; none where the publisher assigns none.
    pub experience: Option<RelatedExperience>,
    /// Typical training on the job; none where the publisher assigns none.
    pub training: Option<OnTheJobTraining>,
}

impl StoredFigure {
    /// The figure in a unit.
    pub(crate) fn in_unit(self, unit: FigureUnit) -> DataFigure {
        match self {
            Self::Value(value) => DataFigure::of(value, unit),
            Self::AtLeast(bound) => DataFigure::bound(bound, unit),
            Self::Missing(reason) => DataFigure::none(reason, unit),
        }
    }

    /// The value or the bound.
    fn number(self) -> Option<f64> {
        match self {
            Self::Value(number) | Self::AtLeast(number) => Some(number),
            Self::Missing(_) => None,
        }
    }

    /// The same of what is counted in thousands, to the single one.
    fn of_thousands(self) -> Self {
        let single = |thousands: f64| (thousands * 1_000.0).round();
        match self {
            Self::Value(value) => Self::Value(single(value)),
            Self::AtLeast(bound) => Self::AtLeast(single(bound)),
            Self::Missing(reason) => Self::Missing(reason),
        }
    }

    /// Reads `1,579.8` or `>=239,200`; `N/A` or a dash for what the publisher does not give, such as the annual wage of actors.
    fn read(record: &Record<'_>, column: FileColumn) -> Result<Self, Fault> {
        let text = record.raw(column);
        let read = match text {
            "" | "N/A" | "n/a" | "-" | "–" | "—" => Some(Self::Missing(MissingReason::NotReleased)),
            _ => match text.strip_prefix(">=") {
                Some(bound) => grouped_decimal(bound).map(Self::AtLeast),
                None => grouped_decimal(text).map(Self::Value),
            },
        };
        let message = || format!("`{text}` is not a figure: a number, `>=` before a bound, or `N/A`");
        read.ok_or_else(|| record.fault("malformed-value", column, message()))
    }
}

impl Row for ProjectionRow {
    const FIGURE: &'static str = "percent change";

    fn key(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    /// The rows of a group of codes: also of the code under which an occupation without a row of its own is projected.
    fn block(&self) -> Cow<'_, str> {
        group_of(&self.code).into()
    }

    fn figure(&self) -> Option<f64> {
        self.percent.number()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

/// The beginning of a code by which rows lie together: `29-20` of `29-2011`, which is projected as `29-2010`.
pub(crate) fn group_of(code: &str) -> &str {
    code.get(..5).unwrap_or(code)
}

/// `projection`: rows by which occupations are filtered and sorted, for each version of the table.
pub(crate) mod projection {
    use sea_orm::entity::prelude::*;

    /// A projection of an occupation.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "projection")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) code: String,
        /// Change of employment in percent.
        pub(crate) growth: Option<f64>,
        /// Openings per year.
        pub(crate) openings: Option<f64>,
        /// Typical education at entry, by its GraphQL name.
        pub(crate) entry_education: Option<String>,
        /// Its place among all, from the least to the most.
        pub(crate) education_rank: Option<f64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The columns of the file.
struct Columns {
    code: FileColumn,
    title: FileColumn,
    base: FileColumn,
    target: FileColumn,
    change: FileColumn,
    percent: FileColumn,
    openings: FileColumn,
    wage: FileColumn,
    education: FileColumn,
    experience: FileColumn,
    training: FileColumn,
}

impl DataTable for Projections {
    type Row = ProjectionRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "projections";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ProjectionRow>) -> Result<(), Fault> {
        let file = file(input.files)?;
        let records = file.records()?;
        let years = Years::of(file, &records)?;
        let Years { base, target } = years;
        let wage =
            records.headers().iter().find_map(|name| Some((name.clone(), year_after("Median Annual Wage ", name)?)));
        let Some((wage, wage_year)) = wage else {
            return Err(file.fault("missing-column", "there is no column like `Median Annual Wage 2024`"));
        };
        let columns = Columns {
            code: records.column(&["Occupation Code"])?,
            title: records.column(&["Occupation Title"])?,
            base: records.column(&[&format!("Employment {base}")])?,
            target: records.column(&[&format!("Employment {target}")])?,
            change: records.column(&[&format!("Employment Change, {base}-{target}")])?,
            percent: records.column(&[&format!("Employment Percent Change, {base}-{target}")])?,
            openings: records.column(&[&format!("Occupational Openings, {base}-{target} Annual Average")])?,
            wage: records.column(&[&wage])?,
            education: records.column(&["Typical Entry-Level Education"])?,
            experience: records.column(&["Work Experience in a Related Occupation"])?,
            training: records.column(&["Typical on-the-job Training"])?,
        };
        records.each(|record| match columns.row(record, years, wage_year) {
            Ok(row) => rows.row(row, record.place(columns.code)),
            Err(fault) => rows.fault(fault),
        })
    }

    fn project(row: &ProjectionRow, version: i64, rows: &mut Rows) {
        rows.insert(projection::ActiveModel {
            version: Set(version),
            code: Set(row.code.clone()),
            growth: Set(row.percent.number()),
            openings: Set(row.openings.number()),
            entry_education: Set(row.education.map(|education| education.stored())),
            education_rank: Set(row.education.map(EntryEducation::rank)),
        });
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(projection::Entity)]
    }
}

impl Columns {
    fn row(&self, record: &Record<'_>, years: Years, wage_year: i32) -> Result<ProjectionRow, Fault> {
        let text = record.text(self.code)?;
        // Spreadsheets take `="13-2011"` for a text, and not for a date.
        let code = text.trim_start_matches("=\"").trim_end_matches('"');
        if !is_soc(code) {
            return Err(record.fault("malformed-value", self.code, format!("`{text}` is not a code like 29-2072")));
        }
        let mut titles =
            record.text(self.title)?.split('*').map(str::trim).filter(|title| !title.is_empty()).map(str::to_owned);
        let title = titles.next().ok_or_else(|| record.fault("missing-value", self.title, "it has no title"))?;
        let figure = |column| StoredFigure::read(record, column);
        let change = |column| figure(column).map(StoredFigure::of_thousands);
        let amount = |column| {
            let negative = || record.fault("malformed-value", column, format!("`{}` is negative", record.raw(column)));
            let figure = figure(column)?;
            if figure.number().is_some_and(|number| number < 0.0) { Err(negative()) } else { Ok(figure) }
        };
        let jobs = |column| amount(column).map(StoredFigure::of_thousands);
        Ok(ProjectionRow {
            code: code.to_owned(),
            title,
            titles: titles.collect(),
            base_year: years.base,
            target_year: years.target,
            base: jobs(self.base)?,
            target: jobs(self.target)?,
            change: change(self.change)?,
            percent: figure(self.percent)?,
            openings: jobs(self.openings)?,
            wage: amount(self.wage)?,
            wage_year,
            education: assigned(record, self.education, EntryEducation::labelled, EntryEducation::LABELS)?,
            experience: assigned(record, self.experience, RelatedExperience::labelled, RelatedExperience::LABELS)?,
            training: assigned(record, self.training, OnTheJobTraining::labelled, OnTheJobTraining::LABELS)?,
        })
    }
}

/// The value that the publisher assigns to an occupation, where it does.
fn assigned<V>(
    record: &Record<'_>,
    column: FileColumn,
    labelled: fn(&str) -> Option<V>,
    labels: &[&str],
) -> Result<Option<V>, Fault> {
    let text = record.raw(column);
    if ["", "N/A", "n/a", "-", "–", "—"].contains(&text) {
        return Ok(None);
    }
    let known = || labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
    let message = || format!("`{text}` is not a known assignment; those are {}", known());
    labelled(text).map(Some).ok_or_else(|| record.fault("malformed-value", column, message()))
}
