//! The tables `programs-by-occupation` and `occupations-by-program` of `cip-soc`: the same pairs, from either side.
use std::borrow::Cow;

use datasets::{DataTable, Fault, Input, Place, Reading, Row};
use occupations::code::is_soc;
use serde::{Deserialize, Serialize};

use super::{DATASET, crosswalk_file, is_cip, table::title};

/// Code of an occupation for programs that lead to none.
const NO_OCCUPATION: &str = "99-9999";
/// Code of a program for occupations to which none leads.
const NO_PROGRAM: &str = "99.9999";

/// The table `programs-by-occupation`.
pub(crate) struct ProgramsOfOccupations;

/// The table `occupations-by-program`.
pub(crate) struct OccupationsOfPrograms;

/// A program of an occupation, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProgramLinkRow {
    soc: String,
    /// The code of the program; none where the crosswalk says that no program leads to the occupation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cip: Option<String>,
}

/// An occupation of a program, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OccupationLinkRow {
    cip: String,
    /// The title of the program, as the crosswalk has it.
    pub(super) title: String,
    /// The SOC code, and the title of the occupation; none where the crosswalk says that the program leads to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<(String, String)>,
}

impl Row for ProgramLinkRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.soc, self.cip.as_deref().unwrap_or_default()).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.soc.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        Some(&self.soc)
    }
}

impl Row for OccupationLinkRow {
    fn key(&self) -> Cow<'_, str> {
        format!("{}/{}", self.cip, self.to.as_ref().map_or("", |(soc, _)| soc)).into()
    }

    fn block(&self) -> Cow<'_, str> {
        self.cip.as_str().into()
    }

    fn occupation(&self) -> Option<&str> {
        self.to.as_ref().map(|(soc, _)| soc.as_str())
    }
}

/// A line of the crosswalk.
struct Pair<'r> {
    cip: &'r str,
    title: &'r str,
    soc: &'r str,
    occupation: &'r str,
}

/// Reads the pairs; what is wrong with one goes to the second function.
fn pairs<R: Row>(
    input: &Input<'_>,
    rows: &mut Reading<'_, R>,
    row: impl Fn(Pair<'_>) -> Option<R>,
) -> Result<(), Fault> {
    let records = crosswalk_file(input.files)?.records()?;
    let (cip, program) = (records.column(&["CIP2020Code"])?, records.column(&["CIP2020Title"])?);
    let (soc, occupation) = (records.column(&["SOC2018Code"])?, records.column(&["SOC2018Title"])?);
    records.each(|record| {
        let pair = Pair {
            cip: record.text(cip)?,
            title: title(record.text(program)?),
            soc: record.text(soc)?,
            occupation: record.text(occupation)?,
        };
        if !is_cip(pair.cip) {
            return rows.fault(record.fault(
                "malformed-value",
                cip,
                format!("`{}` is not a code like 51.0707", pair.cip),
            ));
        }
        if !is_soc(pair.soc) {
            return rows.fault(record.fault(
                "malformed-value",
                soc,
                format!("`{}` is not a code like 29-2072", pair.soc),
            ));
        }
        let place: Place = record.place(soc);
        row(pair).map_or(Ok(()), |row| rows.row(row, place))
    })
}

impl DataTable for ProgramsOfOccupations {
    type Row = ProgramLinkRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "programs-by-occupation";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ProgramLinkRow>) -> Result<(), Fault> {
        pairs(input, rows, |Pair { cip, soc, .. }| {
            let cip = Some(cip).filter(|cip| *cip != NO_PROGRAM).map(str::to_owned);
            (soc != NO_OCCUPATION).then(|| ProgramLinkRow { soc: soc.to_owned(), cip })
        })
    }
}

impl DataTable for OccupationsOfPrograms {
    type Row = OccupationLinkRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "occupations-by-program";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, OccupationLinkRow>) -> Result<(), Fault> {
        pairs(input, rows, |Pair { cip, title, soc, occupation }| {
            let to = (soc != NO_OCCUPATION).then(|| (soc.to_owned(), occupation.to_owned()));
            (cip != NO_PROGRAM).then(|| OccupationLinkRow { cip: cip.to_owned(), title: title.to_owned(), to })
        })
    }
}
