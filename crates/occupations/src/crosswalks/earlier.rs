//! The tables `soc-2010` and `onet-soc-2010` of `soc-crosswalks`: the codes of 2010, and what became of each.
use std::{borrow::Cow, collections::HashMap};

use async_graphql::Enum;
use datasets::{
    DataTable, Fault, Input, Layout, Place, Reading, Row,
    files::{InputFile, InputFiles, has_ending},
};
use serde::{Deserialize, Serialize};

use super::{DATASET, sheet::Sheet};
use crate::code::{is_onet_soc, is_soc};

/// The table `soc-2010`, in blocks by SOC 2018 code.
pub(crate) struct Soc2010;

/// The table `onet-soc-2010`, in blocks by O*NET-SOC 2019 code.
pub(crate) struct OnetSoc2010;

/// Degree to which a code of another classification fits an occupation, in the words of SKOS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub(crate) enum CrosswalkMatch {
    /// It means the same: neither stands for anything else.
    Exact,
    /// It means more than the occupation: it stands for others, too.
    Broad,
    /// It means less than the occupation: other codes stand for parts of it, too.
    Narrow,
    /// It overlaps with the occupation: each of the two covers something else, too.
    Related,
}

impl CrosswalkMatch {
    /// By the number of occupations that the code leads to, and the number of codes that lead to the occupation.
    pub(super) fn of(occupations: usize, codes: usize) -> Self {
        match (occupations > 1, codes > 1) {
            (false, false) => Self::Exact,
            (true, false) => Self::Broad,
            (false, true) => Self::Narrow,
            (true, true) => Self::Related,
        }
    }

    /// The same for one of several occupations that share what the code leads to.
    pub(super) fn of_part(self) -> Self {
        match self {
            Self::Exact | Self::Broad => Self::Broad,
            Self::Narrow | Self::Related => Self::Related,
        }
    }
}

/// A code of 2010 that leads to an occupation, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EarlierRow {
    /// The code of 2010.
    pub(super) from: String,
    /// Its title.
    pub(super) title: String,
    /// The code of today.
    pub(super) code: String,
    /// The title of today.
    pub(super) today: String,
    /// Degree to which the code of 2010 fits that of today.
    pub(super) fit: CrosswalkMatch,
}

impl Row for EarlierRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.code, self.from).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.code.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.code)
    }
}

/// The crosswalk of the SOC, by what its name says.
pub(super) fn soc_file(files: &InputFiles) -> Result<Option<&InputFile>, Fault> {
    files.single(|name| name.starts_with("soc_2010_to_2018") && has_ending(name, "xlsx"))
}

/// The crosswalk of O*NET.
pub(super) const ONET_FILE: &[&str] = &["onetsoc_2010_to_2019_crosswalk.csv", "2010_to_2019_Crosswalk.csv"];

/// A line of a crosswalk, before the other lines are known: code and title of 2010, code and title of today.
type Pair = ([String; 4], Place);

impl DataTable for Soc2010 {
    type Row = EarlierRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "soc-2010";
    const LAYOUTS: &'static [Layout] =
        &[Layout::first(&[&["soc_2010_to_2018_crosswalk.xlsx", "soc_2010_to_2018*.xlsx"]])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, EarlierRow>) -> Result<(), Fault> {
        let Some(file) = soc_file(input.files)? else { return Ok(()) };
        let sheet = Sheet::below(file, "2010 SOC Code")?;
        let (from, title) = (sheet.column("2010 SOC Code")?, sheet.column("2010 SOC Title")?);
        let (to, today) = (sheet.column("2018 SOC Code")?, sheet.column("2018 SOC Title")?);
        let mut pairs = Vec::new();
        for line in sheet.lines()? {
            if let Some(column) = [from, to].into_iter().find(|column| !is_soc(line.text(*column))) {
                rows.fault(line.no_code(column, "29-2072"))?;
                continue;
            }
            let texts = [from, title, to, today].map(|column| line.text(column).to_owned());
            pairs.push((texts, line.place(to)));
        }
        write(pairs, rows)
    }
}

impl DataTable for OnetSoc2010 {
    type Row = EarlierRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "onet-soc-2010";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[ONET_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, EarlierRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(ONET_FILE) else { return Ok(()) };
        let records = file.records()?;
        let (from, title) = (records.column(&["O*NET-SOC 2010 Code"])?, records.column(&["O*NET-SOC 2010 Title"])?);
        let (to, today) = (records.column(&["O*NET-SOC 2019 Code"])?, records.column(&["O*NET-SOC 2019 Title"])?);
        let mut pairs = Vec::new();
        records.each(|record| {
            if let Some(column) = [from, to].into_iter().find(|column| !is_onet_soc(record.raw(*column))) {
                let message = format!("`{}` is not an O*NET-SOC code like 29-2072.00", record.raw(column));
                return rows.fault(record.fault("malformed-value", column, message));
            }
            pairs.push(([from, title, to, today].map(|column| record.raw(column).to_owned()), record.place(to)));
            Ok(())
        })?;
        write(pairs, rows)
    }
}

/// The rows of a crosswalk whose lines are all known.
fn write(pairs: Vec<Pair>, rows: &mut Reading<'_, EarlierRow>) -> Result<(), Fault> {
    let (mut of_from, mut of_to) = (HashMap::<String, usize>::new(), HashMap::<String, usize>::new());
    for ([from, _, to, _], _) in &pairs {
        *of_from.entry(from.clone()).or_default() += 1;
        *of_to.entry(to.clone()).or_default() += 1;
    }
    let number = |counts: &HashMap<String, usize>, code: &str| counts.get(code).copied().unwrap_or(1);
    for ([from, title, code, today], place) in pairs {
        let fit = CrosswalkMatch::of(number(&of_from, &from), number(&of_to, &code));
        rows.row(EarlierRow { from, title, code, today, fit }, place)?;
    }
    Ok(())
}
