//! Files that are not as they should be: a clear error with file, line and field, and the database as before.
use std::fs;

use super::sample::{CALIFORNIA, NATION, options, refused, release, sync, synced, table, wage};
use crate::harness::{Folder, TestServer};

/// Refuses what is written to the file of a release, and tells the faults.
async fn faults(name: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let faults = refused(&server, options(path)).await;
    let left = server.query("{ datasets { totalCount } places { totalCount } }").await;
    assert_eq!(left, serde_json::json!({ "datasets": { "totalCount": 0 }, "places": { "totalCount": 0 } }));
    faults
}

#[tokio::test]
async fn what_is_broken_is_told_with_its_place() {
    let good = table(&[wage(NATION, "29-2072", 51_140), wage(CALIFORNIA, "29-2072", 61_810)]);
    let name = "oews_2025_national.csv";
    let half = |text: &str| text[..text.len() - 30].to_owned();
    let cases = [
        (
            half(&good),
            "oews_2025_national.csv:3:1: error[malformed-row] the line has 19 fields, and the first line names 25",
        ),
        (String::new(), "oews_2025_national.csv:1:1: error[unknown-layout] the file is empty"),
        (
            good.replace(",a_median,", ",a_med,"),
            "oews_2025_national.csv:1:1: error[missing-column] there is no column `a_median`",
        ),
        (
            good.replace(",51140,", ",51.140.00,"),
            "oews_2025_national.csv:2:20: error[malformed-value] column `a_median`: `51.140.00`",
        ),
        (good.replace(",51140,", ",-51140,"), "oews_2025_national.csv:2:20: error[malformed-value]"),
        (
            good.replace("0600000,S", "0600000,Z"),
            "oews_2025_national.csv:3:2: error[malformed-value] column `area_type`: `Z`",
        ),
        (good.replacen("29-2072", "29-20X2", 1), "oews_2025_national.csv:2:5: error[malformed-value]"),
        (
            good.replace("0.75,\n", "0.75,a_median:7\n"),
            "oews_2025_national.csv:2:25: error[unknown-footnote] column `footnotes`: `7`",
        ),
        (good.clone() + &good[good.find('\n').unwrap() + 1..], "error[duplicate-row] the row `US/29-2072`"),
    ];
    for (content, expected) in cases {
        // Lines may end as they do on other systems.
        let other = self::faults(name, content.replace('\n', "\r\n")).await;
        let faults = faults(name, &content).await;
        assert_eq!(other, faults);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:#?}");
    }
}

#[tokio::test]
async fn what_is_no_table_is_refused_by_name() {
    assert!(
        faults("wages.csv", "a,b\n1,2\n").await[0]
            .starts_with("wages.csv:1:1: error[unknown-layout] there is no table of wages")
    );
    assert!(
        faults("oews_2025_national.csv", [0xff, 0xfe, 0x00]).await[0]
            .contains("error[unreadable-file] it is not UTF-8 text")
    );
    assert!(
        faults("oews_national.zip", "no archive").await[0]
            .contains("error[unreadable-file] it cannot be read as a zip archive")
    );
    assert!(faults("oews_2025_national.csv.zst", "no archive").await[0].contains("error[unreadable-file]"));
    assert!(faults("oews_2025_national.csv.zst", "no archive").await[0].contains("it cannot be decompressed"));
    assert!(
        faults("task_statements.csv", "a\n1\n").await[0].contains("error[unknown-layout] there is no table of wages")
    );
    let long = table(&["x".repeat(2 << 20)]);
    assert!(faults("oews_2025_national.csv", long).await[0].contains("it has a line of more than 1 MiB"));
}

#[tokio::test]
async fn a_release_that_no_file_names_is_asked_for() {
    let text = table(&[wage(NATION, "29-2072", 51_140)]);
    assert!(
        faults("oews_national.csv", &text).await[0]
            .contains("error[unknown-release] no file tells which release this is")
    );

    let (server, folder) = (TestServer::empty().await, Folder::new());
    let mut asked = options(folder.file("oews_national.csv", &text));
    asked.edition = Some("May 2025".to_owned());
    assert_eq!(synced(&server, asked).await.release, "May 2025");
}

#[tokio::test]
async fn a_table_that_lost_many_rows_is_refused_unless_accepted() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let rows: Vec<_> = (1_000..1_100).map(|number| wage(NATION, &format!("51-{number}"), 40_000)).collect();
    synced(&server, options(release(&folder, 2025, &rows))).await;

    let fewer = release(&folder, 2026, &rows[..90]);
    let faults = refused(&server, options(fewer.clone())).await;
    assert!(
        faults.iter().any(|fault| fault.contains("error[lost-rows] the table `wages` had 100 rows and has 90")),
        "{faults:#?}"
    );
    let answer = server.query("{ dataset(slug: \"bls-oews\") { release } }").await;
    assert_eq!(answer["dataset"]["release"], "May 2025");

    let mut asked = options(fewer);
    asked.accept = vec!["lost-rows".to_owned()];
    let plan = synced(&server, asked).await;
    assert_eq!(plan.waived, [("lost-rows", 2)]);
}

#[tokio::test]
async fn rows_in_another_order_are_the_same_release() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let rows = [wage(NATION, "29-2072", 51_140), wage(CALIFORNIA, "29-2072", 61_810), wage(NATION, "15-1252", 90_000)];
    synced(&server, options(release(&folder, 2025, &rows))).await;

    let [one, two, three] = rows;
    let plan = synced(&server, options(release(&folder, 2025, &[three, two, one]))).await;

    assert!(!plan.differs());
}

#[tokio::test]
async fn files_come_from_folders_archives_and_compressed() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let text = table(&[wage(NATION, "29-2072", 51_140)]);
    let mut archive = zip::ZipWriter::new(fs::File::create(folder.path().join("oews.zip")).unwrap());
    archive.start_file("oe25/oews_2025_national.csv", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
    archive.finish().unwrap();
    synced(&server, options(folder.path().join("oews.zip"))).await;

    let compressed = ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    fs::write(folder.path().join("oews_2025_national.csv.zst"), compressed).unwrap();
    let outcome = sync(&server, options(folder.path().join("oews_2025_national.csv.zst"))).await;

    assert!(matches!(outcome, datasets::Outcome::Unchanged { .. }), "{outcome:?}");
}
