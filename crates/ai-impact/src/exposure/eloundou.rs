//! The data set `ai-eloundou`: exposure to large language models, by labels of tasks.
use datasets::{DataTable, Fault, Input, Reading, Release, Source, files::InputFiles, own_rows};
use kernel::store::Rows;
use occupations::code::is_onet_soc;
use sea_orm::sea_query::DynIden;

use super::{
    measure::{ExposureMeasure, SCALE},
    scores::{Placed, ScoreRow, columns, occupation_exposure, project, rank, scores},
};

/// The slug of the data set.
pub(crate) const DATASET: &str = "ai-eloundou";

pub(crate) const SOURCE: Source = Source {
    slug: DATASET,
    title: "GPTs are GPTs: exposure of occupations to large language models",
    publisher: "OpenAI; University of Pennsylvania",
    url: "https://github.com/openai/GPTs-are-GPTs",
    licence: "MIT",
    release,
};

/// The measures of the data set, in the order of its columns.
pub(crate) const MEASURES: [ExposureMeasure; 6] = [
    ExposureMeasure::Gpt4Alpha,
    ExposureMeasure::Gpt4Beta,
    ExposureMeasure::Gpt4Gamma,
    ExposureMeasure::HumanAlpha,
    ExposureMeasure::HumanBeta,
    ExposureMeasure::HumanGamma,
];

/// Files of the scores of occupations.
const SCORES_FILE: &[&str] = &["occ_level.csv"];
/// Files of the labels of tasks.
pub(crate) const LABELS_FILE: &[&str] = &["full_labelset.tsv"];

/// The release: the files name none. The labels were made in 2023, and have not changed since.
fn release(files: &InputFiles) -> Result<Release, Fault> {
    files.required(SCORES_FILE)?;
    files.required(LABELS_FILE)?;
    let attribution = "Eloundou, Manning, Mishkin and Rock, “GPTs are GPTs: Labor market impact potential of LLMs”, Science 384 (2024), data of \
                       {release}. Copyright (c) 2024 OpenAI, MIT License; modified (format conversion, percentiles).";
    let (least, greatest) = SCALE;
    let scales = MEASURES.map(|measure| {
        let facts = measure.facts();
        (facts.column.to_owned(), facts.name.to_owned(), Some(least), Some(greatest))
    });
    let labels = [
        ("E0", "No exposure: a large language model saves little time, or harms the quality."),
        ("E1", "Direct exposure: a large language model alone halves the time of the task, or saves more."),
        ("E2", "Exposure by further software: the same, once software is built on a large language model."),
    ];
    Ok(Release {
        name: Some("2023".to_owned()),
        period: Some("2023".to_owned()),
        attribution: attribution.to_owned(),
        footnotes: labels.map(|(code, meaning)| (code.to_owned(), meaning.to_owned())).to_vec(),
        scales: scales.to_vec(),
        ..Release::default()
    })
}

/// The table `scores` of `ai-eloundou`.
pub(crate) struct EloundouScores;

impl DataTable for EloundouScores {
    type Row = ScoreRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "scores";

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ScoreRow>) -> Result<(), Fault> {
        let records = input.files.required(SCORES_FILE)?.records()?;
        let (code, title) = (records.column(&["O*NET-SOC Code"])?, records.column(&["Title"])?);
        let columns = columns(&records, &MEASURES)?;
        let mut placed = Placed::new();
        records.each(|record| {
            let value = record.text(code)?;
            if !is_onet_soc(value) {
                return rows.fault(record.fault(
                    "malformed-value",
                    code,
                    format!("`{value}` is not a code like 29-2072.00"),
                ));
            }
            let row = match scores(record, &columns) {
                Ok(scores) => ScoreRow { code: value.to_owned(), title: record.text(title)?.to_owned(), scores },
                Err(fault) => return rows.fault(fault),
            };
            placed.push((row, record.place(code)));
            Ok(())
        })?;
        rank(placed, rows)
    }

    fn project(row: &ScoreRow, version: i64, rows: &mut Rows) {
        project(row, version, rows);
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(occupation_exposure::Entity)]
    }
}
