//! The data set `ai-microsoft`: applicability of AI, by conversations with an assistant.
pub(crate) mod activities;

use std::collections::{BTreeMap, HashSet};

use datasets::{
    DataTable, Fault, Input, Reading, Release, Source,
    files::{InputFile, InputFiles},
    own_rows,
};
use kernel::store::Rows;
use occupations::code::is_soc;
use sea_orm::sea_query::DynIden;

use super::{
    measure::{ExposureMeasure, SCALE},
    scores::{Placed, Score, ScoreRow, columns, occupation_exposure, project, rank, scores},
};

/// The slug of the data set.
pub(crate) const DATASET: &str = "ai-microsoft";

pub(crate) const SOURCE: Source = Source {
    slug: DATASET,
    title: "Working with AI: applicability of generative AI to occupations",
    publisher: "Microsoft Research",
    url: "https://github.com/microsoft/working-with-ai",
    licence: "CC-BY-4.0",
    release,
};

/// The measures of the data set: the score of its own file, and those of the file of metrics in the order of its columns.
pub(crate) const MEASURES: [ExposureMeasure; 11] = [
    ExposureMeasure::Applicability,
    ExposureMeasure::CoverageUser,
    ExposureMeasure::CoverageAi,
    ExposureMeasure::CompletionUser,
    ExposureMeasure::CompletionAi,
    ExposureMeasure::FeedbackUser,
    ExposureMeasure::FeedbackAi,
    ExposureMeasure::ScopeUser,
    ExposureMeasure::ScopeAi,
    ExposureMeasure::ApplicabilityUser,
    ExposureMeasure::ApplicabilityAi,
];

/// Files of the score of occupations, and of what it is made of.
const SCORES_FILES: [&[&str]; 2] = [&["soc_ai_applicability_scores.csv"], &["soc_metrics.csv"]];

/// The release: the files name none. They were published with the paper of 2025, about conversations of 2024.
fn release(files: &InputFiles) -> Result<Release, Fault> {
    for names in SCORES_FILES.into_iter().chain([activities::METRICS_FILE, activities::LINKS_FILE]) {
        files.required(names)?;
    }
    let attribution = "Tomlinson, Jaffe, Wang, Counts and Suri, “Working with AI: Measuring the Applicability of Generative AI to Occupations”, \
                       arXiv:2507.07935, {release}, used under the CC BY 4.0 license; modified (format conversion, percentiles).";
    let (least, greatest) = SCALE;
    let scales = MEASURES.map(|measure| {
        let facts = measure.facts();
        (facts.column.to_owned(), facts.name.to_owned(), Some(least), Some(greatest))
    });
    Ok(Release {
        name: Some("2025".to_owned()),
        period: Some("2024".to_owned()),
        attribution: attribution.to_owned(),
        scales: scales.to_vec(),
        ..Release::default()
    })
}

/// Rule `lost-rows`: the fault of a file that lacks occupations of the other, as both have the same.
fn lost(file: &InputFile, number: usize, first: &str) -> Fault {
    let message = format!(
        "occupations of the other file of scores are not in this one: {number}, the first of them `{first}`; the file may be cut off; if the \
         publisher meant that, add `--accept lost-rows`"
    );
    file.fault("lost-rows", message)
}

/// The table `scores` of `ai-microsoft`.
pub(crate) struct MicrosoftScores;

impl DataTable for MicrosoftScores {
    type Row = ScoreRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "scores";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ScoreRow>) -> Result<(), Fault> {
        let mut placed = Placed::new();
        let mut known = BTreeMap::new();
        let mut given = Vec::new();
        for (names, measures) in SCORES_FILES.into_iter().zip([&MEASURES[..1], &MEASURES[1..]]) {
            let file = input.files.required(names)?;
            let mut codes = HashSet::new();
            let records = file.records()?;
            let (code, title) = (records.column(&["SOC Code"])?, records.column(&["title"])?);
            let columns = columns(&records, measures)?;
            records.each(|record| {
                let value = record.text(code)?;
                if !is_soc(value) {
                    return rows.fault(record.fault(
                        "malformed-value",
                        code,
                        format!("`{value}` is not a code like 29-2072"),
                    ));
                }
                let found = match scores(record, &columns) {
                    Ok(found) => found,
                    Err(fault) => return rows.fault(fault),
                };
                if !codes.insert(value.to_owned()) {
                    let message = format!("`{value}` stands in the file before; a release has each code once");
                    return rows.fault(record.fault("duplicate-row", code, message));
                }
                let place = *known.entry(value.to_owned()).or_insert(placed.len());
                if place == placed.len() {
                    let scores = MEASURES.map(|measure| Score { measure, value: None, percentile: None }).to_vec();
                    let row = ScoreRow { code: value.to_owned(), title: record.text(title)?.to_owned(), scores };
                    placed.push((row, record.place(code)));
                }
                let (row, _) = &mut placed[place];
                for score in found {
                    if let Some(into) = row.scores.iter_mut().find(|known| known.measure == score.measure) {
                        *into = score;
                    }
                }
                Ok(())
            })?;
            given.push((file, codes));
        }
        for (file, codes) in given {
            let missing: Vec<_> = known.keys().filter(|code| !codes.contains(*code)).collect();
            if let Some(first) = missing.first() {
                rows.fault(lost(file, missing.len(), first))?;
            }
        }
        rank(placed, rows)
    }

    fn project(row: &ScoreRow, version: i64, rows: &mut Rows) {
        project(row, version, rows);
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(occupation_exposure::Entity)]
    }
}
