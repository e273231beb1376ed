//! The data set `soc-crosswalks`: how codes of classifications lead to each other.
pub(crate) mod bls;
pub(crate) mod codes;
pub(crate) mod earlier;
pub(crate) mod hierarchy;
mod sheet;

use datasets::{Fault, Release, Source, files::InputFiles};

/// The slug of the data set.
pub(crate) const DATASET: &str = "soc-crosswalks";

pub(crate) const SOURCE: Source = Source {
    slug: DATASET,
    title: "Crosswalks of occupation codes",
    publisher: "U.S. Bureau of Labor Statistics; O*NET Resource Center",
    url: "https://www.bls.gov/emp/documentation/crosswalks.htm",
    licence: "Public domain; CC-BY-4.0",
    release,
};

/// The release by the line `As of 08/28/2025` of the crosswalk to the codes of the Bureau of Labor Statistics. Without that file, whoever
/// syncs names it.
fn release(files: &InputFiles) -> Result<Release, Fault> {
    let (bls, soc) = (bls::file(files)?, earlier::soc_file(files)?);
    let is_known =
        bls.or(soc).is_some() || [earlier::ONET_FILE, hierarchy::FILE].iter().any(|names| files.find(names).is_some());
    if !is_known {
        let shown = files.all().next().map_or("", |file| &*file.shown);
        let message = format!(
            "there is no crosswalk; those are `nem_onet_to_soc_crosswalk.xlsx`, `soc_2010_to_2018_crosswalk.xlsx`, `{}` and `{}`",
            earlier::ONET_FILE[0],
            hierarchy::FILE[0]
        );
        return Err(Fault::of_file("unknown-layout", shown, message));
    }
    let mut name = None;
    if let Some(file) = bls {
        let lines = file.sheet()?;
        let day = lines.iter().flatten().find_map(|cell| cell.strip_prefix("As of ")).map(str::trim);
        name = day.and_then(|day| {
            let mut parts = day.split('/');
            let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
            Some(format!("{year}-{month}-{day}"))
        });
    }
    let attribution = "Crosswalks of occupation codes by the U.S. Bureau of Labor Statistics and, under CC BY 4.0, by the O*NET Resource \
                       Center (USDOL/ETA), {release}; modified (format conversion).";
    Ok(Release { published_on: name.clone(), name, attribution: attribution.to_owned(), ..Release::default() })
}
