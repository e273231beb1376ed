//! The data set `bls-oews`: Occupational Employment and Wage Statistics.
pub(crate) mod published;
pub(crate) mod wages;

use datasets::{
    Fault, Release, Source,
    files::{InputFile, InputFiles},
};
use serde_json::Value;

/// The slug of the data set.
pub(crate) const DATASET: &str = "bls-oews";

pub(crate) const SOURCE: Source = Source {
    slug: DATASET,
    title: "Occupational Employment and Wage Statistics",
    publisher: "U.S. Bureau of Labor Statistics",
    url: "https://www.bls.gov/oes/",
    licence: "Public domain",
    release,
};

/// Meaning of the footnotes that every release has, in case no file tells it.
const FOOTNOTES: [(&str, &str); 3] = [
    (
        "4",
        "Wages of the occupation are published by the hour or by the year only, as it is usually not worked all year and full time.",
    ),
    ("5", "The wage is at least the amount that is given: $115.00 per hour or $239,200 per year."),
    ("8", "The estimate is not released."),
];

/// The release by the file `…_source_manifest.json`, which comes with the tables, or by the year in the names of the files: it is that of May.
fn release(files: &InputFiles) -> Result<Release, Fault> {
    let (mut name, mut published_on, mut manifest_file) = (None, None, None);
    if let Some(file) = files.single(|name| name.ends_with("source_manifest.json"))? {
        manifest_file = Some(file);
        let manifest: Value = serde_json::from_str(&file.text()?)
            .map_err(|cause| file.fault("malformed-row", format!("it is not valid JSON: {cause}")))?;
        name = manifest["release"]["description"].as_str().map(str::to_owned);
        published_on = manifest["sources"]["oe.data.0.Current"]["last_modified"].as_str().map(str::to_owned);
    }
    let tables = files.matching(places::is_wages);
    let Some(first) = tables.first() else {
        let shown = files.all().next().map_or("", |file| &*file.shown);
        let message = "there is no table of wages; its name has `national`, `state` or `metro`, and ends with `.csv`";
        return Err(Fault::of_file("unknown-layout", shown, message));
    };
    let year = year(first);
    if let Some(other) = tables.iter().find(|file| self::year(file) != year) {
        let message = format!(
            "tables of two releases are given: `{}` is of {}, and `{}` of {}; name those of one",
            first.shown,
            year.unwrap_or("no year"),
            other.shown,
            self::year(other).unwrap_or("no year")
        );
        return Err(other.fault("mixed-releases", message));
    }
    if let Some(((file, year), named)) = manifest_file.zip(year).zip(name.as_deref())
        && !named.contains(year)
    {
        let message =
            format!("it describes the release `{named}`, and `{}` is of {year}; name the files of one", first.shown);
        return Err(file.fault("mixed-releases", message));
    }
    let name = name.or_else(|| year.map(|year| format!("May {year}")));
    let period = name.as_deref().and_then(|name| name.strip_prefix("May ")).map(|year| format!("{year}-05"));
    let mut footnotes: Vec<_> =
        FOOTNOTES.iter().map(|(code, meaning)| ((*code).to_owned(), (*meaning).to_owned())).collect();
    if let Some(file) = files.single(|name| name.ends_with("lookup_footnote.csv"))? {
        let records = file.records()?;
        let (code, meaning) = (records.column(&["footnote_code"])?, records.column(&["footnote_text"])?);
        footnotes.clear();
        records.each(|record| {
            let named = record.text(code)?;
            if footnotes.iter().any(|(known, _)| known == named) {
                return Err(record.fault("duplicate-row", code, format!("the footnote `{named}` stands here twice")));
            }
            footnotes.push((named.to_owned(), record.text(meaning)?.to_owned()));
            Ok(())
        })?;
    }
    let attribution = "U.S. Bureau of Labor Statistics, Occupational Employment and Wage Statistics, {release}.";
    Ok(Release { name, period, published_on, attribution: attribution.to_owned(), footnotes, ..Release::default() })
}

/// The year in the name of a file.
fn year(file: &InputFile) -> Option<&str> {
    file.name
        .split(['_', '.'])
        .find(|part| part.len() == 4 && part.starts_with("20") && part.bytes().all(|byte| byte.is_ascii_digit()))
}
