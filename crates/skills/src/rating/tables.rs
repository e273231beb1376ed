//! The tables of ratings: which files they are read from, and which elements are rated in them.
use std::marker::PhantomData;

use datasets::{Column, DataTable, Fault, Input, Layout, Reading, Record, files::Records, own_rows};
use kernel::store::Rows;
use occupations::layout;
use sea_orm::{ActiveValue::Set, sea_query::DynIden};

use super::{RatingRow, occupation_rating};
use crate::{
    known::KnownElements,
    onet::{DATASET, OccupationColumns, finite, finite_or_none},
};

/// Subject of a table of ratings.
pub(crate) trait Rated: Send + Sync + 'static {
    /// The name of the table.
    const NAME: &'static str;
    /// Layouts of the files that the rows come from.
    const LAYOUTS: &'static [Layout];
    /// The domains of the content model whose elements are rated, such as `2.A`.
    const DOMAINS: &'static [&'static str];
    /// True where people were asked, so that each value comes with its errors and with what the publisher says of it.
    const SURVEYED: bool;
    /// The scales by whose values occupations are found and sorted.
    const INDEXED: &'static [&'static str];
}

/// A table of ratings.
pub(crate) struct Ratings<T>(PhantomData<fn() -> T>);

macro_rules! rated {
    ($($(#[$doc:meta])* $type:ident $name:literal, $domains:expr, $surveyed:expr, $scales:expr, $layouts:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $type;

        impl Rated for $type {
            const NAME: &'static str = $name;
            const LAYOUTS: &'static [Layout] = &$layouts;
            const DOMAINS: &'static [&'static str] = &$domains;
            const SURVEYED: bool = $surveyed;
            const INDEXED: &'static [&'static str] = &$scales;
        }
    )*};
}

rated! {
    /// Essential and transferable skills. Releases before 30.3 have both in one file.
    Skills "skills", ["2.A", "2.B"], true, ["IM", "LV"], [
        Layout::first(&[&["Skills.txt", "skills.csv", "skills.txt"]]),
        Layout::since("30.3", &[
            &["Essential Skills.txt", "essential_skills.csv", "essential_skills.txt"],
            &["Transferable Skills.txt", "transferable_skills.csv", "transferable_skills.txt"],
        ]),
    ];
    /// Knowledge.
    Knowledge "knowledge", ["2.C"], true, ["IM", "LV"], [
        Layout::first(&[&["Knowledge.txt", "knowledge.csv", "knowledge.txt"]]),
    ];
    /// Abilities.
    Abilities "abilities", ["1.A"], true, ["IM", "LV"], [
        Layout::first(&[&["Abilities.txt", "abilities.csv", "abilities.txt"]]),
    ];
    /// Generalized work activities.
    WorkActivities "work-activities", ["4.A"], true, ["IM", "LV"], [
        Layout::first(&[&["Work Activities.txt", "work_activities.csv", "work_activities.txt"]]),
    ];
    /// Circumstances of the work.
    WorkContext "work-context", ["4.C"], true, [], [
        Layout::first(&[&["Work Context.txt", "work_context.csv", "work_context.txt"]]),
    ];
    /// Work styles.
    WorkStyles "work-styles", ["1.D"], false, ["WI", "DR"], [
        Layout::first(&[&["Work Styles.txt", "work_styles.csv", "work_styles.txt"]]),
    ];
    /// Career interests: the six types, and the places of the highest three.
    Interests "interests", ["1.B"], false, ["OI"], [
        Layout::first(&[&["Interests.txt", "interests.csv", "interests.txt"]]),
        Layout::since("30.3", &[
            &["Career Interest Types.txt", "career_interest_types.csv", "career_interest_types.txt"],
        ]),
    ];
    /// Work values, which releases from 30.3 on do not have.
    WorkValues "work-values", ["1.B"], false, ["EX"], [
        Layout::first(&[&["Work Values.txt", "work_values.csv", "work_values.txt"]]),
        Layout::dropped_with("30.3"),
    ];
}

/// The columns of a file of ratings.
struct RatingColumns {
    of: OccupationColumns,
    scale: Column,
    value: Column,
    date: Column,
    source: Column,
    survey: Option<SurveyColumns>,
}

/// The columns of a file of ratings that people were asked for.
struct SurveyColumns {
    n: Column,
    standard_error: Column,
    lower: Column,
    upper: Column,
    suppress: Column,
    not_relevant: Column,
    /// The answer, in files whose scales have categories.
    category: Option<Column>,
}

impl RatingColumns {
    fn of<T: Rated>(records: &Records<'_>) -> Result<Self, Fault> {
        Ok(Self {
            of: OccupationColumns::of(records)?,
            scale: records.column(layout::SCALE)?,
            value: records.column(layout::VALUE)?,
            date: records.column(layout::DATE)?,
            source: records.column(layout::DOMAIN)?,
            survey: if T::SURVEYED { Some(SurveyColumns::of(records)?) } else { None },
        })
    }

    fn row(&self, record: &Record<'_>) -> Result<RatingRow, Fault> {
        let row = RatingRow {
            code: record.text(self.of.code)?.to_owned(),
            element: record.text(self.of.element)?.to_owned(),
            scale: record.text(self.scale)?.to_owned(),
            value: finite(record, self.value)?,
            date: record.month(self.date)?,
            source: record.optional(self.source).map(str::to_owned),
            ..RatingRow::default()
        };
        match &self.survey {
            None => Ok(row),
            Some(survey) => survey.fill(record, row),
        }
    }
}

impl SurveyColumns {
    fn of(records: &Records<'_>) -> Result<Self, Fault> {
        Ok(Self {
            n: records.column(&["N"])?,
            standard_error: records.column(&["Standard Error"])?,
            lower: records.column(&["Lower CI Bound"])?,
            upper: records.column(&["Upper CI Bound"])?,
            suppress: records.column(&["Recommend Suppress"])?,
            not_relevant: records.column(&["Not Relevant"])?,
            category: records.find(&["Category"]),
        })
    }

    fn fill(&self, record: &Record<'_>, row: RatingRow) -> Result<RatingRow, Fault> {
        Ok(RatingRow {
            n: record.number(self.n)?,
            standard_error: finite_or_none(record, self.standard_error)?,
            lower: finite_or_none(record, self.lower)?,
            upper: finite_or_none(record, self.upper)?,
            suppress: record.flag(self.suppress)?,
            not_relevant: record.flag(self.not_relevant)?,
            category: self.category.map_or(Ok(None), |category| record.number(category))?,
            ..row
        })
    }
}

impl<T: Rated> DataTable for Ratings<T> {
    type Row = RatingRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = T::NAME;
    const LAYOUTS: &'static [Layout] = T::LAYOUTS;

    fn read(input: &Input<'_>, rows: &mut Reading<'_, RatingRow>) -> Result<(), Fault> {
        let files = Layout::given(T::LAYOUTS, input.files);
        if files.is_empty() {
            return Ok(());
        }
        let known = KnownElements::read(input)?;
        for file in files {
            let records = file.records()?;
            let columns = RatingColumns::of::<T>(&records)?;
            records.each(|record| match fault::<T>(input, &known, &columns, record)? {
                Some(fault) => rows.fault(fault),
                None => rows.row(columns.row(record)?, record.place(columns.value)),
            })?;
        }
        Ok(())
    }

    fn project(row: &RatingRow, version: i64, rows: &mut Rows) {
        if !row.is_plain() || !T::INDEXED.contains(&row.scale.as_str()) {
            return;
        }
        rows.insert(occupation_rating::ActiveModel {
            version: Set(version),
            element: Set(row.element.clone()),
            scale: Set(row.scale.clone()),
            code: Set(row.code.clone()),
            value: Set(row.value),
        });
    }

    fn tables() -> Vec<DynIden> {
        if T::INDEXED.is_empty() { Vec::new() } else { vec![own_rows(occupation_rating::Entity)] }
    }
}

/// The breach of a rule by a row, if any: it is about an occupation, an element or a scale that the release does not have.
fn fault<T: Rated>(
    input: &Input<'_>,
    known: &KnownElements,
    columns: &RatingColumns,
    record: &Record<'_>,
) -> Result<Option<Fault>, Fault> {
    let (code, element) = (columns.of.code, columns.of.element);
    if !input.knows(record.text(code)?) {
        return Ok(input.unknown_code(record.text(code)?, record.place(code)));
    }
    if let Some(fault) = known.unknown(record, element) {
        return Ok(Some(fault));
    }
    let id = record.text(element)?;
    let is_of = |domain: &&str| id.strip_prefix(domain).is_some_and(|rest| rest.starts_with('.'));
    if !T::DOMAINS.iter().any(is_of) {
        let domains = T::DOMAINS.join(" or ");
        return Ok(Some(record.fault(
            "unknown-element",
            element,
            format!("`{id}` is not below {domains}, as in this file"),
        )));
    }
    let scale = record.text(columns.scale)?;
    let scales = &input.release.scales;
    if scales.is_empty() {
        return Ok(None);
    }
    let Some((_, _, minimum, maximum)) = scales.iter().find(|(code, ..)| code == scale) else {
        let message = format!("`{scale}` is not among the scales of this release, which the Scales Reference lists");
        return Ok(Some(record.fault("unknown-scale", columns.scale, message)));
    };
    let value: f64 = record.required_number(columns.value)?;
    // Zero stands for no rating on scales that begin later.
    let (least, most) = (minimum.unwrap_or(f64::MIN).min(0.0), maximum.unwrap_or(f64::MAX));
    let is_on_scale = (least..=most).contains(&value);
    let message = || format!("`{value}` is not on the scale `{scale}`, which goes up to {most}");
    Ok((!is_on_scale).then(|| record.fault("malformed-value", columns.value, message())))
}
