//! Instructional programs, and the occupations that they lead to: the data set `cip-soc`.
pub(crate) mod crosswalk;
pub(crate) mod program;
pub(crate) mod table;

use datasets::{
    Fault, Release, Source,
    files::{InputFile, InputFiles},
};
use kernel::{App, QueryRoot};
use occupations::Occupation;

/// The slug of the data set.
pub(crate) const DATASET: &str = "cip-soc";

pub(crate) const SOURCE: Source = Source {
    slug: DATASET,
    title: "Classification of Instructional Programs, with its crosswalk to occupations",
    publisher: "National Center for Education Statistics; U.S. Bureau of Labor Statistics",
    url: "https://nces.ed.gov/ipeds/cipcode/",
    licence: "Public domain",
    release,
};

fn is_csv(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending == "csv")
}

/// The file of programs, such as `CIPCode2020.csv`.
pub(crate) fn programs_file(files: &InputFiles) -> Result<&InputFile, Fault> {
    let found = files.single(|name| name.starts_with("CIPCode") && is_csv(name))?;
    found.map_or_else(|| files.required(&["CIPCode2020.csv"]), Ok)
}

/// The file of the crosswalk, such as `CIP2020_SOC2018_Crosswalk.csv`.
pub(crate) fn crosswalk_file(files: &InputFiles) -> Result<&InputFile, Fault> {
    let is_crosswalk = |name: &str| name.starts_with("CIP") && name.contains("_SOC") && is_csv(name);
    let found = files.single(is_crosswalk)?;
    found.map_or_else(|| files.required(&["CIP2020_SOC2018_Crosswalk.csv"]), Ok)
}

/// The release by the year in the name of the file of programs.
fn release(files: &InputFiles) -> Result<Release, Fault> {
    let file = programs_file(files)?;
    crosswalk_file(files)?;
    let year =
        file.name.trim_start_matches("CIPCode").get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    let attribution = "Classification of Instructional Programs {release} by the National Center for Education Statistics, with its crosswalk to \
                       the Standard Occupational Classification by the same and the U.S. Bureau of Labor Statistics.";
    let name = year.map(str::to_owned);
    Ok(Release { period: name.clone(), name, attribution: attribution.to_owned(), ..Release::default() })
}

/// Tells whether a text has the form of a code: of a family such as `51`, of a group such as `51.07`, or of a program such as `51.0707`.
pub(crate) fn is_cip(text: &str) -> bool {
    let fits = |(index, byte): (usize, u8)| if index == 2 { byte == b'.' } else { byte.is_ascii_digit() };
    matches!(text.len(), 2 | 5 | 7) && text.bytes().enumerate().all(fits)
}

/// Registers the data set, and what it adds to occupations and to the root.
pub(crate) fn register(app: &mut App) {
    datasets::source(app, SOURCE);
    datasets::table::<table::Programs>(app);
    datasets::table::<crosswalk::ProgramsOfOccupations>(app);
    datasets::table::<crosswalk::OccupationsOfPrograms>(app);
    app.values::<program::InstructionalProgram>();
    app.values::<program::ProgramOccupation>();
    app.extend::<QueryRoot, program::ProgramQueries>();
    app.extend::<Occupation, program::OccupationPrograms>();
}

#[cfg(test)]
mod tests {
    use super::is_cip;

    #[test]
    fn codes_are_of_families_groups_and_programs() {
        assert!(["51", "51.07", "51.0707"].into_iter().all(is_cip));
        assert!(!["5", "5107", "51.070", "51-0707", "51.07.7"].into_iter().any(is_cip));
    }
}
