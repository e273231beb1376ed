//! The data set `bls-projections`: Employment Projections.
pub(crate) mod kinds;
pub(crate) mod table;

use datasets::{
    Fault, Release, Source,
    files::{InputFile, InputFiles, Records},
};

/// The slug of the data set.
pub(crate) const DATASET: &str = "bls-projections";

pub(crate) const SOURCE: Source = Source {
    slug: DATASET,
    title: "Employment Projections",
    publisher: "U.S. Bureau of Labor Statistics",
    url: "https://www.bls.gov/emp/",
    licence: "Public domain",
    release,
};

/// Base year and target year of a release.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Years {
    pub(crate) base: i32,
    pub(crate) target: i32,
}

impl Years {
    /// Reads the years from the names of the columns `Employment 2024` and `Employment 2034`.
    pub(crate) fn of(file: &InputFile, records: &Records<'_>) -> Result<Self, Fault> {
        let years = records.headers().iter().filter_map(|name| year_after("Employment ", name));
        match years.collect::<Vec<_>>()[..] {
            [base, target] if base < target => Ok(Self { base, target }),
            _ => {
                let message = "its first line should name one column like `Employment 2024` and, after it, one like `Employment 2034`";
                Err(file.fault("missing-column", message))
            }
        }
    }
}

/// The year in the name of a column that begins like this, and has nothing after the year.
pub(crate) fn year_after(begin: &str, name: &str) -> Option<i32> {
    name.strip_prefix(begin)?.parse().ok().filter(|year| (1900..3000).contains(year))
}

/// The file of the projections, by what its name says.
pub(crate) fn file(files: &InputFiles) -> Result<&InputFile, Fault> {
    let is_projections =
        |name: &str| name.to_lowercase().strip_suffix(".csv").is_some_and(|name| name.contains("projections"));
    files.single(is_projections)?.ok_or_else(|| {
        let shown = files.all().next().map_or("", |file| &*file.shown);
        Fault::of_file(
            "unknown-layout",
            shown,
            "there is no table of projections; its name has `Projections`, and ends with `.csv`",
        )
    })
}

/// The release by the years in the names of the columns.
fn release(files: &InputFiles) -> Result<Release, Fault> {
    let file = file(files)?;
    let Years { base, target } = Years::of(file, &file.records()?)?;
    Ok(Release {
        name: Some(format!("{base}-{target}")),
        period: Some(format!("{base}/{target}")),
        attribution: "U.S. Bureau of Labor Statistics, Employment Projections, {release}.".to_owned(),
        ..Release::default()
    })
}
