//! The sync of a data set: what it writes, what it leaves alone, and what answers show.
use datasets::Outcome;
use serde_json::json;

use super::sample::{CALIFORNIA, CINCINNATI, NATION, changes, options, release, sync, synced, wage};
use crate::harness::{Folder, TestServer};

#[tokio::test]
async fn a_second_sync_of_the_same_files_writes_nothing() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = release(&folder, 2025, &[wage(NATION, "29-2072", 51_140), wage(CALIFORNIA, "29-2072", 61_810)]);

    let first = synced(&server, options(path.clone())).await;
    let version = server.db.state();
    let second = sync(&server, options(path)).await;

    assert_eq!(changes(&first), [("places", [2, 0, 0]), ("published", [1, 0, 0]), ("wages", [2, 0, 0])]);
    assert!(matches!(second, Outcome::Unchanged { release } if release == "May 2025"));
    assert_eq!(server.db.state(), version);
}

#[tokio::test]
async fn a_manifest_tells_release_period_files_and_tables() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = release(&folder, 2025, &[wage(NATION, "29-2072", 51_140)]);
    let mut asked = options(path);
    asked.published_on = Some("2026-05-15".to_owned());
    asked.next_release_on = Some("2027-05-14".to_owned());
    synced(&server, asked).await;

    let answer = server
        .query(
            "{ datasets { totalCount } dataset(slug: \"bls-oews\") { title release period publishedOn nextReleaseOn licence attribution \
             tables { name rows } files { name bytes } footnotes { code } history { release period } } }",
        )
        .await;

    let bytes = answer["dataset"]["files"][0]["bytes"].as_u64().unwrap();
    assert!(bytes > 300);
    assert_eq!(
        answer,
        json!({
            "datasets": { "totalCount": 1 },
            "dataset": {
                "title": "Occupational Employment and Wage Statistics",
                "release": "May 2025",
                "period": "2025-05",
                "publishedOn": "2026-05-15",
                "nextReleaseOn": "2027-05-14",
                "licence": "Public domain",
                "attribution": "U.S. Bureau of Labor Statistics, Occupational Employment and Wage Statistics, May 2025.",
                "tables": [
                    { "name": "places", "rows": 1 }, { "name": "published", "rows": 1 }, { "name": "wages", "rows": 1 },
                ],
                "files": [{ "name": "oews_2025_national.csv", "bytes": bytes }],
                "footnotes": [{ "code": "4" }, { "code": "5" }, { "code": "8" }],
                "history": [{ "release": "May 2025", "period": "2025-05" }],
            },
        })
    );
}

#[tokio::test]
async fn places_have_names_kinds_and_states() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let ohio = "3900000,S,39,Ohio";
    let rows = [NATION, ohio, CALIFORNIA, CINCINNATI].map(|area| wage(area, "29-2072", 50_000));
    synced(&server, options(release(&folder, 2025, &rows))).await;

    let answer = server
        .query(
            "{ places { nodes { code name kind areaCode states { code } } } \
             inOhio: places(filter: {state: {eq: \"US-OH\"}}) { nodes { code } } \
             place(code: \"17140\") { name } missing: place(code: \"99999\") { name } }",
        )
        .await;

    assert_eq!(
        answer["places"]["nodes"],
        json!([
            { "code": "US", "name": "United States", "kind": "NATION", "areaCode": "0000000", "states": [] },
            { "code": "US-CA", "name": "California", "kind": "STATE", "areaCode": "0600000", "states": [] },
            { "code": "US-OH", "name": "Ohio", "kind": "STATE", "areaCode": "3900000", "states": [] },
            {
                "code": "17140", "name": "Cincinnati, OH-KY-IN", "kind": "METROPOLITAN_AREA", "areaCode": "0017140",
                "states": [{ "code": "US-OH" }],
            },
        ])
    );
    assert_eq!(answer["inOhio"]["nodes"], json!([{ "code": "17140" }]));
    assert_eq!(answer["place"]["name"], "Cincinnati, OH-KY-IN");
    assert!(answer["missing"].is_null());
}

#[tokio::test]
async fn a_plan_tells_what_differs_and_writes_nothing() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let rows = |pay: [u32; 3]| ["29-2072", "15-1252", "11-1011"].map(|code| code).into_iter().zip(pay);
    let of = |pay| rows(pay).map(|(code, pay)| wage(NATION, code, pay)).collect::<Vec<_>>();
    synced(&server, options(release(&folder, 2025, &of([50_000, 90_000, 200_000])))).await;
    let version = server.db.state();

    let mut asked = options(release(&folder, 2026, &of([55_000, 90_000, 202_000])));
    asked.is_plan = true;
    let Outcome::Planned(plan) = sync(&server, asked).await else { panic!("a plan") };

    assert!(plan.differs());
    assert_eq!(changes(&plan)[2], ("wages", [0, 0, 2]));
    let shown = plan.to_string();
    assert!(shown.starts_with("bls-oews May 2026 (May 2025 before)\n"), "{shown}");
    assert!(shown.contains("US/29-2072: 50000 to 55000 (+10.0 %)"), "{shown}");
    assert!(shown.lines().count() < 20, "{shown}");
    assert_eq!(server.db.state(), version);
}

#[tokio::test]
async fn occupations_that_are_new_gone_or_split_are_named() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let many: Vec<_> = (1_000..1_040).map(|number| wage(NATION, &format!("51-{number}"), 40_000)).collect();
    let with = |more: &[&str]| {
        let more = more.iter().map(|code| wage(NATION, code, 50_000));
        many.iter().cloned().chain(more).collect::<Vec<_>>()
    };
    synced(&server, options(release(&folder, 2025, &with(&["11-1011"])))).await;

    let plan = synced(&server, options(release(&folder, 2026, &with(&["15-1252"])))).await;

    assert_eq!((plan.new, plan.gone), (vec!["15-1252".to_owned()], vec!["11-1011".to_owned()]));
}
