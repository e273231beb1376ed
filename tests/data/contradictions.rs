//! Files that contradict themselves or one another, and files that only look as if they did.
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use datasets::Outcome;
use serde_json::json;

use super::{
    sample::{NATION, options, refused, release, sample, sync, synced, table, wage},
    tables::{copied, of},
};
use crate::harness::{Folder, TestServer};

/// Refusals of a sample in which a text of a file is another one.
async fn refusals(dataset: &str, name: &str, file: &str, (from, to): (&str, &str)) -> Vec<String> {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = copied(&folder, name);
    let text = fs::read_to_string(path.join(file)).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    fs::write(path.join(file), text.replacen(from, to, 1)).unwrap();
    // Where no file tells.
    let edition = (dataset == "soc-crosswalks").then(|| "2019".to_owned());
    refused(&server, datasets::SyncOptions { edition, ..of(dataset, path) }).await
}

#[tokio::test]
async fn texts_that_differ_in_case_alone_are_rows_of_their_own() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = copied(&folder, "skills/csv");
    let software = fs::read_to_string(path.join("software_skills.csv")).unwrap();
    let line = "15-1252.00,Software Developers,stata,2.E.9.d,Development software,N,N\n";
    let more = format!("{software}{line}{}", line.replace("stata", "STATA"));
    folder.file("software_skills.csv", &more);
    folder.file(
        "job_titles.csv",
        "O*NET-SOC Code,Title,Job Title,Short Title,Source(s)\n15-1252.00,Developers,Dev,,08\n15-1252.00,Developers,DEV,,08\n\
         15-1252.00,Developers,Straße,,08\n15-1252.00,Developers,STRASSE,,08\n",
    );

    synced(&server, of("onet", path)).await;

    let query = "{ occupation(code: \"15-1252.00\") { titles(kind: ALTERNATE) { nodes { title } } } \
                 occupations(filter: {software: {name: {eq: \"stata\"}}}) { totalCount } }";
    let answer = server.ask(query, json!({})).await;
    assert_eq!(answer.codes(), Vec::<String>::new());
    let titles = answer.data["occupation"]["titles"]["nodes"].as_array().unwrap().len();
    assert_eq!((titles, &answer.data["occupations"]["totalCount"]), (4, &json!(1)));
}

#[tokio::test]
async fn groups_stand_below_those_whose_digits_they_have() {
    let file = "onetsoc_2019_structure.csv";
    for (change, expected) in [
        (
            (",,11-1010,,,", ",,11-1011,,,"),
            ":5:4: error[malformed-row] column `Detailed Occupation`: `11-1011` stands below `11-1011`",
        ),
        (
            (",11-1000,,,,", ",11-0000,,,,"),
            ":3:2: error[malformed-row] column `Minor Group`: `11-0000` stands below `11-0000`",
        ),
        (
            ("29-0000,,,,,Healthcare Practitioners and Technical Occupations\n", ""),
            ":7:2: error[malformed-row] column `Minor Group`: `29-1000` stands below `11-0000`",
        ),
        (
            (",29-2000,,,,Health Technologists and Technicians\n", ""),
            ":11:3: error[malformed-row] column `Broad Occupation`: `29-2010` stands below `29-1000`",
        ),
    ] {
        let faults = refusals("soc-crosswalks", "crosswalks-csv", file, change).await;
        assert!(faults[0].starts_with(&format!("{file}{expected}")), "{change:?}: {faults:#?}");
    }
}

#[tokio::test]
async fn a_key_that_no_database_could_index_is_refused() {
    let title = "x".repeat(5_000);
    let change = ("29-2072.00,Medical Records Specialists,Coder,N", format!("29-2072.00,T,{title},N"));

    let faults = refusals("onet", "onet", "sample_of_reported_titles.csv", (change.0, &change.1)).await;

    assert!(faults[0].contains(".csv:2:3: error[malformed-value] what tells the row apart has"), "{faults:#?}");
}

#[tokio::test]
async fn files_of_another_release_or_format_beside_a_release_are_refused() {
    for file in
        ["Technology Skills.txt", "Tools Used.txt", "UNSPSC Reference.txt", "Knowledge.txt", "Task Statements.txt"]
    {
        let (server, folder) = (TestServer::empty().await, Folder::new());
        let path = copied(&folder, "skills/csv");
        fs::copy(sample("skills/text").join(file), path.join(file)).unwrap();

        let faults = refused(&server, of("onet", path)).await;

        assert!(
            faults[0].contains("error[mixed-releases]") && faults[0].contains("is given as well"),
            "{file}: {faults:#?}"
        );
    }
}

#[tokio::test]
async fn a_table_of_tabs_that_a_program_quoted_is_refused() {
    let change = ("\tBuild programs.", "\t\"Build, programs.\"");

    let faults = refusals("onet", "skills/text", "Occupation Data.txt", change).await;

    assert!(
        faults[0].starts_with("Occupation Data.txt:2:3: error[malformed-row] the field begins with a quote"),
        "{faults:#?}"
    );
}

#[tokio::test]
async fn values_outside_of_their_scale_and_ids_of_another_form_are_refused() {
    let microsoft = "4.A.";
    let projections = "Employment Projections 2023-2033.csv";
    let cases = [
        ("onet", "onet", "job_zones.csv", ("Specialists,3,", "Specialists,9,"), "`9` is not a job zone"),
        ("bls-projections", "bls-projections", projections, ("\"190.4\"", "\"-190.4\""), "`-190.4` is negative"),
        (
            "onet",
            "skills/csv",
            "knowledge.csv",
            ("IM,Importance,4.60", "IM,Importance,99.6"),
            "`99.6` is not on the scale `IM`",
        ),
        (
            "onet",
            "skills/csv",
            "content_model_reference.csv",
            ("\n", "\nElement ID,Element Name,Description\n"),
            "`Element ID` is not the id",
        ),
        (
            "ai-microsoft",
            "ai-microsoft",
            "soc_to_iwas.csv",
            (microsoft, "hello."),
            "is not the id of an intermediate work activity",
        ),
        (
            "ai-microsoft",
            "ai-microsoft",
            "iwa_metrics.csv",
            ("IWA,title", "title,IWA"),
            "is not the id of an intermediate work activity",
        ),
    ];
    for (dataset, name, file, change, expected) in cases {
        let faults = refusals(dataset, name, file, change).await;
        assert!(faults[0].starts_with(file) && faults[0].contains(expected), "{file}: {faults:#?}");
    }
}

#[tokio::test]
async fn areas_have_codes_of_their_type() {
    for area in ["0600000,N,00,National", "0000000,M,06,Place", "0600000,M,06,Place", "0612345,S,06,California"] {
        let (server, folder) = (TestServer::empty().await, Folder::new());

        let faults = refused(&server, options(release(&folder, 2025, &[wage(area, "29-2072", 50_000)]))).await;

        // Two tables read it, and it is told once.
        assert_eq!(faults.len(), 1, "{faults:#?}");
        assert!(faults[0].contains("2:1: error[malformed-value]") && faults[0].contains("of type"), "{faults:#?}");
    }
}

#[tokio::test]
async fn footnotes_are_there_and_named_once_and_a_bound_without_amount_leaves_its_row() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let row = wage(NATION, "29-2072", 50_000).replace(",50000,", ",-,") + "a_median:5";
    let path = folder.file("oews_2025_national.csv", &table(&[row]));
    let notes =
        |text: &str| folder.file("oews_2025_lookup_footnote.csv", &format!("footnote_code,footnote_text\n{text}"));
    let both = |notes| datasets::SyncOptions { paths: vec![path.clone(), notes], ..options(path.clone()) };

    let twice =
        refused(&server, both(notes("5,$1.00 per hour or $2 per year.\n5,$3.00 per hour or $4 per year.\n"))).await;
    let negative = refused(&server, both(notes("5,$-1.00 per hour or $-2 per year.\n"))).await;
    let unnamed = both(notes("5,At the top.\n"));
    synced(&server, datasets::SyncOptions { accept: vec!["unknown-footnote".to_owned()], ..unnamed }).await;
    let without = table(&[wage(NATION, "29-2072", 50_000)]).replace(",footnotes", "").replace(",\n", "\n");
    let missing = refused(&server, options(folder.file("2026/oews_2026_national.csv", &without))).await;

    assert!(twice[0].contains("footnote.csv:3:1: error[duplicate-row]"), "{twice:#?}");
    assert!(negative[0].contains("error[unknown-footnote] column `a_median`"), "{negative:#?}");
    assert!(missing[0].contains("error[missing-column] there is no column `footnotes`"), "{missing:#?}");
    let query = "{ dataset(slug: \"bls-oews\") { tables { name rows } } }";
    let tables = server.query(query).await["dataset"]["tables"].take();
    assert!(tables.as_array().unwrap().contains(&json!({ "name": "wages", "rows": 1 })), "{tables}");
}

#[tokio::test]
async fn a_manifest_of_another_year_than_its_figures_is_refused() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = release(&folder, 2024, &[wage(NATION, "29-2072", 50_000)]);
    let manifest = json!({ "release": { "description": "May  2025" } }).to_string();
    fs::write(path.join("oews_2024_source_manifest.json"), &manifest).unwrap();

    let faults = refused(&server, options(path.clone())).await;
    fs::rename(path.join("oews_2024_national.csv"), path.join("oews_2025_national.csv")).unwrap();
    let synced = synced(&server, options(path.clone())).await;
    let again = sync(&server, options(path)).await;

    assert!(faults[0].starts_with("oews_2024_source_manifest.json:1:1: error[mixed-releases]"), "{faults:#?}");
    assert_eq!(synced.release, "May 2025");
    assert!(matches!(again, Outcome::Unchanged { .. }), "{again:?}");
}

#[tokio::test]
async fn what_lies_beside_the_files_of_a_release_is_no_part_of_it() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let rows: Vec<_> = (0..2_500).map(|number| wage(NATION, &format!("29-{number:04}"), 50_000)).collect();
    let path = release(&folder, 2025, &rows);
    let stray = path.join("careerql.sqlite");
    fs::write(&stray, "one").unwrap();
    // A table that comes with the release, and that nothing reads.
    fs::write(path.join("oews_2025_lookup_area.csv"), "area_code,area_name\n").unwrap();
    let read = Arc::new(AtomicUsize::new(0));
    let sync = async || {
        let read = read.clone();
        let progress = Arc::new(move |_: &str, more: usize| {
            read.fetch_add(more, Ordering::Relaxed);
        });
        datasets::sync(&server.db, server.graph.catalog(), options(path.clone()), progress).await.unwrap()
    };

    let first = sync().await;
    assert!(matches!(first, Outcome::Synced(_)) && read.swap(0, Ordering::Relaxed) > 0, "{first:?}");
    fs::write(&stray, "another").unwrap();
    let again = sync().await;

    assert!(matches!(again, Outcome::Unchanged { .. }), "{again:?}");
    assert_eq!(read.load(Ordering::Relaxed), 0, "no table is read again");
    let query = "{ dataset(slug: \"bls-oews\") { files { name } history { release } } }";
    let files = ["oews_2025_lookup_area.csv", "oews_2025_national.csv"].map(|name| json!({ "name": name }));
    assert_eq!(server.query(query).await["dataset"], json!({ "files": files, "history": [{ "release": "May 2025" }] }));
}

#[tokio::test]
async fn a_file_whose_last_line_does_not_end_is_told_in_the_plan() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let text = table(&[wage(NATION, "29-2072", 50_000)]);
    let path = folder.file("oews_2025_national.csv", text.trim_end());

    let plan = synced(&server, options(path)).await;

    assert_eq!(plan.unended, ["oews_2025_national.csv"]);
    assert!(plan.to_string().contains("as if they were cut off: 1 (oews_2025_national.csv)"), "{plan}");
}
