//! The table `wages` of `bls-oews`: employment and wages of each occupation in each place.
use std::borrow::Cow;

use datasets::{
    Column as FileColumn, DataTable, Fault, Input, Layout, Reading, Record, Row,
    files::{decimal, grouped_decimal},
    own_rows,
};
use kernel::{
    Result,
    store::{Row as SqlRow, Rows},
};
use places::{WAGES, is_wages, key_of, not_an_area};
use sea_orm::{
    ActiveValue::Set,
    sea_query::{Alias, DynIden, Expr, ExprTrait as _, Order, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};

use super::DATASET;

/// The table `wages`.
pub struct Wages;

/// The measures of a row, by the names of their columns in the files.
pub const MEASURES: [&str; 17] = [
    "tot_emp",
    "emp_prse",
    "h_mean",
    "a_mean",
    "mean_prse",
    "h_pct10",
    "h_pct25",
    "h_median",
    "h_pct75",
    "h_pct90",
    "a_pct10",
    "a_pct25",
    "a_median",
    "a_pct75",
    "a_pct90",
    "jobs_1000",
    "loc_quotient",
];

/// The place of the annual median among the measures.
const ANNUAL_MEDIAN: usize = 12;
/// The footnote of wages that are given as a bound only.
pub(crate) const TOP_CODED: u8 = b'5';
/// Number of rows that are read back at once.
const BACK: u64 = 5_000;

/// Employment and wages of an occupation in a place, as they are stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WageRow {
    /// The code of the occupation, or of the group.
    pub code: String,
    /// The code of the place.
    pub place: String,
    /// The measures, in the order of [`MEASURES`]. Of a wage that is given as a bound only, the bound.
    pub measures: [Option<f64>; MEASURES.len()],
    /// The footnote of each measure, a character each: `.` where there is none, `-` where a value is missing without one. None where no measure
    /// has one.
    pub notes: Option<String>,
}

impl Row for WageRow {
    const FIGURE: &'static str = "annual median";

    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.place, self.code).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn figure(&self) -> Option<f64> {
        self.measures[ANNUAL_MEDIAN]
    }

    /// The nation, the states or other areas: each has a file of its own.
    fn part(&self) -> Cow<'_, str> {
        match &*self.place {
            "US" => "the nation".into(),
            state if state.starts_with("US-") => "states".into(),
            _ => "areas".into(),
        }
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

macro_rules! wage_entity {
    ($($measure:ident)*) => {
        /// `wage`: the rows, for each version of the table.
        pub(crate) mod wage {
            use sea_orm::entity::prelude::*;

            /// Employment and wages of an occupation in a place.
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = "wage")]
            pub(crate) struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub version: i64,
                #[sea_orm(primary_key, auto_increment = false)]
                pub place: String,
                #[sea_orm(primary_key, auto_increment = false)]
                pub code: String,
                $(pub $measure: Option<f64>,)*
                pub notes: Option<String>,
            }

            /// Rows are joined by their codes.
            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub(crate) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }

        fn active(row: &WageRow, version: i64) -> wage::ActiveModel {
            let [$($measure,)*] = row.measures;
            wage::ActiveModel {
                version: Set(version),
                place: Set(row.place.clone()),
                code: Set(row.code.clone()),
                $($measure: Set($measure),)*
                notes: Set(row.notes.clone()),
            }
        }

        /// The columns of the measures, in their order.
        pub(crate) const COLUMNS: [&str; MEASURES.len()] = [$(stringify!($measure),)*];
    };
}

wage_entity! {
    tot_emp emp_prse h_mean a_mean mean_prse h_pct10 h_pct25 h_median h_pct75 h_pct90 a_pct10 a_pct25 a_median a_pct75 a_pct90
    jobs_1000 loc_quotient
}

impl DataTable for Wages {
    type Row = WageRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "wages";
    const LAYOUTS: &'static [Layout] = WAGES;
    const IN_BLOCKS: bool = false;

    fn read(input: &Input<'_>, rows: &mut Reading<'_, WageRow>) -> Result<(), Fault> {
        let known: Vec<_> = input.release.footnotes.iter().map(|(code, _)| code.as_str()).collect();
        let bounds = Bounds::of(&input.release.footnotes);
        for file in input.files.matching(is_wages) {
            let records = file.records()?;
            let (area, of) = (records.column(&["area_code"])?, records.column(&["area_type"])?);
            let code = records.column(&["soc_code"])?;
            let mut columns = Vec::with_capacity(MEASURES.len());
            for measure in MEASURES {
                columns.push(records.column(&[measure])?);
            }
            let footnotes = records.column(&["footnotes"])?;
            records.each(|record| {
                let Some(place) = key_of(record.text(area)?, record.text(of)?) else {
                    return rows.fault(record.fault("malformed-value", area, not_an_area(record.text(area)?, record.text(of)?)));
                };
                let mut row = WageRow {
                    code: record.text(code)?.to_owned(),
                    place,
                    measures: [None; MEASURES.len()],
                    notes: None,
                };
                let mut notes = [b'.'; MEASURES.len()];
                if let Some(text) = record.optional(footnotes)
                    && let Err((rule, message)) = read_notes(text, &known, &mut notes)
                {
                    rows.fault(record.fault(rule, footnotes, message))?;
                }
                for (index, column) in columns.iter().enumerate() {
                    row.measures[index] = match record.raw(*column) {
                        "" => None,
                        "-" if notes[index] == TOP_CODED => {
                            let bound = bounds.measure(MEASURES[index]);
                            if bound.is_none() {
                                let message = "footnote 5 says that it is at least an amount, and no footnote of the release names that amount";
                                rows.fault(record.fault("unknown-footnote", *column, message))?;
                                notes[index] = b'-';
                            }
                            bound
                        }
                        "-" => {
                            if notes[index] == b'.' {
                                notes[index] = b'-';
                            }
                            None
                        }
                        text => match number(text) {
                            Some(number) => Some(number),
                            None => return rows.fault(malformed(record, *column)),
                        },
                    };
                }
                row.notes = notes
                    .iter()
                    .any(|note| *note != b'.')
                    .then(|| notes.iter().map(|note| char::from(*note)).collect());
                rows.row(row, record.place(area))
            })?;
        }
        Ok(())
    }

    fn project(row: &WageRow, version: i64, rows: &mut Rows) {
        rows.insert(active(row, version));
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(wage::Entity)]
    }

    fn stored(version: i64, after: Option<&str>) -> Option<SelectStatement> {
        use wage::Column::{Code, Notes, Place, Version};
        let mut select = Query::select();
        select.columns([Code, Place]).columns(COLUMNS.map(Alias::new)).column(Notes).from(wage::Entity);
        select.and_where(Expr::col(Version).eq(version));
        if let Some((place, code)) = after.and_then(|after| after.split_once('/')) {
            let key = Expr::tuple([Expr::col(Place), Expr::col(Code)]);
            select.and_where(key.gt(Expr::tuple([Expr::val(place), Expr::val(code)])));
        }
        select.order_by(Place, Order::Asc).order_by(Code, Order::Asc).limit(BACK);
        Some(select)
    }

    fn stored_row(row: &SqlRow<'_>) -> Result<WageRow> {
        row_at(row, 0)
    }
}

/// A row whose columns begin at this index: code, place, the measures, notes.
pub(crate) fn row_at(row: &SqlRow<'_>, first: usize) -> Result<WageRow> {
    let mut measures = [None; MEASURES.len()];
    for (index, measure) in measures.iter_mut().enumerate() {
        *measure = row.number(first + 2 + index)?;
    }
    Ok(WageRow {
        code: row.required_text(first)?.to_owned(),
        place: row.required_text(first + 1)?.to_owned(),
        measures,
        notes: row.text(first + 2 + MEASURES.len())?.map(str::to_owned),
    })
}

/// Amounts that a wage reaches where the publisher gives no more than that.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bounds {
    hourly: Option<f64>,
    annual: Option<f64>,
}

impl Bounds {
    /// Reads `… $115.00 per hour or $239,200 per year.` from the meaning of the footnote.
    fn of(footnotes: &[(String, String)]) -> Self {
        let is_top_code = |(code, _): &&(String, String)| code.as_bytes() == [TOP_CODED];
        let meaning = footnotes.iter().find(is_top_code).map_or("", |(_, meaning)| meaning);
        let amount = |per: &str| {
            let (before, _) = meaning.split_once(per)?;
            let (_, amount) = before.rsplit_once('$')?;
            grouped_decimal(amount.trim()).filter(|amount| *amount > 0.0)
        };
        Self { hourly: amount("per hour"), annual: amount("per year") }
    }

    fn measure(self, measure: &str) -> Option<f64> {
        if measure.starts_with("h_") { self.hourly } else { self.annual.filter(|_| measure.starts_with("a_")) }
    }
}

fn number(text: &str) -> Option<f64> {
    decimal(text).filter(|_| !text.starts_with('-'))
}

fn malformed(record: &Record<'_>, column: FileColumn) -> Fault {
    let message =
        format!("`{}` is not a figure: a number, `-` for one that is not released, or nothing", record.raw(column));
    record.fault("malformed-value", column, message)
}

/// Reads `h_mean:4;a_mean:8`.
fn read_notes(text: &str, known: &[&str], notes: &mut [u8]) -> Result<(), (&'static str, String)> {
    for note in text.split(';').filter(|note| !note.is_empty()) {
        let (measure, code) = note.split_once(':').unwrap_or((note, ""));
        let Some(index) = MEASURES.iter().position(|known| *known == measure) else {
            return Err((
                "malformed-value",
                format!("`{note}` names no column of figures; footnotes are like `h_mean:4`"),
            ));
        };
        let ([code], true) = (code.as_bytes(), known.contains(&code)) else {
            // Codes of several characters are none that the publisher has.
            let known = known.iter().copied().filter(|code| code.len() == 1).collect::<Vec<_>>().join(", ");
            return Err((
                "unknown-footnote",
                format!("`{code}` of `{measure}` is not one of the footnotes of the release: {known}"),
            ));
        };
        notes[index] = *code;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_stand_in_the_footnote() {
        let footnote = |text: &str| [("5".to_owned(), text.to_owned())];

        let bounds =
            Bounds::of(&footnote("This wage is equal to or greater than $115.00 per hour or $239,200 per year."));

        assert_eq!(
            (bounds.measure("h_mean"), bounds.measure("a_pct90"), bounds.measure("tot_emp")),
            (Some(115.0), Some(239_200.0), None)
        );
        assert_eq!(Bounds::of(&footnote("No amount.")), Bounds::default());
    }
}
