//! `careerql draft career`: what data sets know of an occupation, as the beginning of a guide.
use crate::harness::{Binary, Folder, Output, TestDatabase};

use super::sample::sample;

/// A database with the sample of occupations as a draft.
async fn database() -> TestDatabase {
    let database = TestDatabase::fresh().await;
    let path = sample("onet");
    let synced = Binary::new(&["sync", "onet", path.to_str().unwrap()]).database(&database.url).run().await;
    assert_eq!(synced.status, 0, "{synced:?}");
    database
}

async fn draft(database: &TestDatabase, arguments: &[&str]) -> Output {
    draft_of("career", database, arguments).await
}

async fn draft_of(kind: &str, database: &TestDatabase, arguments: &[&str]) -> Output {
    let arguments: Vec<_> = ["draft", kind].iter().chain(arguments).copied().collect();
    Binary::new(&arguments).database(&database.url).run().await
}

#[tokio::test]
async fn a_draft_has_what_onet_knows_and_passes_the_check() {
    let (database, folder) = (database().await, Folder::new());

    let draft = draft(&database, &["--occupation", "29-2072.00"]).await;

    assert_eq!(draft.status, 0, "{draft:?}");
    let (lines, comments): (Vec<_>, Vec<_>) = draft.out.lines().partition(|line| !line.starts_with('#'));
    assert_eq!(
        lines.join("\n"),
        "kind: career\n\
         slug: medical-records-specialists\n\
         shape: \"2026-12-01\"\n\
         title: Medical Records Specialists\n\
         alternateTitles:\n  - Records Clerk\n  - Keeper of Records, Medical\n\
         summary: They keep the records of patients in order.\n\
         codes:\n  \
         - scheme: ONET_SOC\n    version: \"2019\"\n    code: 29-2072.00\n    match: EXACT\n    title: Medical Records Specialists\n  \
         - scheme: SOC\n    version: \"2018\"\n    code: 29-2072\n    match: EXACT"
    );
    assert!(comments[0].contains("29-2072.00") && comments[0].contains("30.3"), "{comments:?}");
    assert!(comments[1].contains("CC BY 4.0"), "{comments:?}");
    let file = folder.file("draft.yaml", &draft.out);
    let check = Binary::new(&["check", file.to_str().unwrap()]).run().await;
    assert_eq!(check.status, 0, "{check:?}");
}

#[tokio::test]
async fn a_code_that_occupations_share_is_broad_and_a_missing_description_is_to_be_written() {
    let database = database().await;

    let shared = draft(&database, &["--occupation", "11-1011.03", "--slug", "green-chief"]).await;
    let bare = draft(&database, &["--occupation", "29-9021.00"]).await;

    assert!(shared.out.contains("\nslug: green-chief\n"), "{shared:?}");
    assert!(shared.out.contains("code: 11-1011\n    match: BROAD"), "{shared:?}");
    assert!(!shared.out.contains("\nalternateTitles"), "{shared:?}");
    assert!(bare.out.contains("to be written"), "{bare:?}");
    assert_eq!((shared.status, bare.status), (0, 0));
}

#[tokio::test]
async fn what_cannot_be_drafted_is_told_with_what_to_do() {
    let (synced, empty) = (database().await, TestDatabase::fresh().await);
    let cases: [(&TestDatabase, &[&str], &str, &str); 4] = [
        (&empty, &["--occupation", "29-2072.00"], "DATASET_NOT_SYNCED", "careerql sync onet"),
        (&synced, &["--occupation", "29-2072"], "OCCUPATION_NOT_FOUND", "is not an O*NET-SOC code like 29-2072.00"),
        (&synced, &["--occupation", "11-1011.09"], "OCCUPATION_NOT_FOUND", "11-1011.03 Chief Sustainability Officers"),
        (&synced, &["--occupation", "29-2072.00", "--slug", "No Slug"], "DRAFT_INVALID", "is not a valid slug"),
    ];
    for (database, arguments, code, words) in cases {
        let output = draft(database, arguments).await;
        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.out.is_empty() && output.err.contains(words), "{words}: {output:?}");
        assert!(output.err.trim_end().ends_with(&format!("[{code}]")), "{code}: {output:?}");
    }
    let output = draft_of("source", &synced, &["--occupation", "29-2072.00"]).await;
    assert!(output.err.contains("the kinds that can be are `career`") && output.status == 1, "{output:?}");
}
