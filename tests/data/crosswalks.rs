//! Crosswalks: the groups of an occupation, and its codes in other classifications.
use std::fs;

use datasets::{Outcome, SyncOptions};
use serde_json::{Value, json};

use super::{
    sample::{options, refused, sample, sync, synced},
    workbook::workbook,
};
use crate::harness::{Folder, TestServer};

/// Codes of the National Employment Matrix and of the handbook, as their publisher writes them.
const MATRIX: &[&[&str]] = &[
    &["Codes of the matrix"],
    &["As of 08/28/2025"],
    &[],
    &[
        "Sort order",
        "O*NET-SOC code",
        "O*NET-SOC title",
        "NEM Code",
        "NEM title",
        "OOH profile code",
        "OOH profile title",
        "OOH occupation group",
        "OOH Occupation Group (brief)",
        "OOH profile website",
    ],
    &["1", "11-1011.00", "Chief Executives", "11-1011", "Chief executives", "—", "—", "—", "—", "—"],
    &["2", "11-1011.03", "Chief Sustainability Officers", "11-1011", "Chief executives", "—", "—", "—", "—", "—"],
    &[
        "3",
        "29-2072.00",
        "Medical Records Specialists",
        "29-2072",
        "Medical records specialists",
        "B186",
        "Medical records specialists",
        "Healthcare",
        "Health",
        "https://www.bls.gov/ooh/healthcare/medical-records.htm",
    ],
];

/// Codes of the SOC of 2010, as their publisher writes them.
const SOC_2010: &[&[&str]] = &[
    &["Office of statistics"],
    &[],
    &["2010 SOC Code", "2010 SOC Title", "2018 SOC Code", "2018 SOC Title"],
    &["11-1011", "Chief Executives", "11-1011", "Chief Executives"],
    &["29-2071", "Medical Records and Health Information Technicians", "29-2072", "Medical Records Specialists"],
    &["29-2071", "Medical Records and Health Information Technicians", "29-9021", "Health Information Technologists"],
];

/// Writes all crosswalks to a folder.
fn crosswalks(folder: &Folder) -> SyncOptions {
    for name in ["onetsoc_2019_structure.csv", "onetsoc_2010_to_2019_crosswalk.csv"] {
        fs::copy(sample("crosswalks-csv").join(name), folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("nem_onet_to_soc_crosswalk.xlsx"), workbook(MATRIX)).unwrap();
    fs::write(folder.path().join("soc_2010_to_2018_crosswalk.xlsx"), workbook(SOC_2010)).unwrap();
    SyncOptions { dataset: "soc-crosswalks".to_owned(), ..options(folder.path().to_owned()) }
}

/// Serves the sample of occupations with their crosswalks.
async fn served() -> TestServer {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let onet = SyncOptions { dataset: "onet".to_owned(), ..options(sample("onet")) };
    synced(&server, onet).await;
    synced(&server, crosswalks(&folder)).await;
    server
}

#[tokio::test]
async fn an_occupation_stands_below_four_groups_of_the_soc() {
    let server = served().await;

    let answer = server
        .query(
            "{ occupation(code: \"11-1011.03\") { hierarchy { major { code title } minor { code title } broad { code } \
             detailed { code title } dataset { slug release publishedOn } } } }",
        )
        .await;

    assert_eq!(
        answer["occupation"]["hierarchy"],
        json!({
            "major": { "code": "11-0000", "title": "Management Occupations" },
            "minor": { "code": "11-1000", "title": "Top Executives" },
            "broad": { "code": "11-1010" },
            "detailed": { "code": "11-1011", "title": "Chief Executives" },
            "dataset": { "slug": "soc-crosswalks", "release": "2025-08-28", "publishedOn": "2025-08-28" },
        })
    );
}

#[tokio::test]
async fn occupations_are_found_by_a_group_of_whatever_level() {
    let server = served().await;
    for (group, codes) in [
        ("29-0000", vec!["29-9021.00", "29-2011.00", "29-2072.00"]),
        ("29-2000", vec!["29-2011.00", "29-2072.00"]),
        ("29-2070", vec!["29-2072.00"]),
        ("11-1011", vec!["11-1011.00", "11-1011.03"]),
        ("47-0000", vec![]),
    ] {
        let query = format!("{{ occupations(filter: {{group: {{eq: \"{group}\"}}}}) {{ nodes {{ code }} }} }}");
        let nodes = server.query(&query).await["occupations"]["nodes"].clone();
        let found: Vec<_> = nodes.as_array().unwrap().iter().map(|node| node["code"].as_str().unwrap()).collect();
        assert_eq!(found, codes, "{group}");
    }
}

/// Scheme, code and match of the crosswalks of an occupation.
async fn codes(server: &TestServer, code: &str) -> Vec<String> {
    let query = format!("{{ occupation(code: \"{code}\") {{ crosswalks {{ scheme code match }} }} }}");
    let found = server.query(&query).await["occupation"]["crosswalks"].clone();
    let text = |found: &Value, field: &str| found[field].as_str().unwrap().to_owned();
    let line = |found: &Value| ["scheme", "code", "match"].map(|field| text(found, field)).join(" ");
    found.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn codes_of_other_classifications_tell_how_they_fit() {
    let server = served().await;

    // The code of 2010 was split.
    assert_eq!(
        codes(&server, "29-2072.00").await,
        ["SOC_2010 29-2071 BROAD", "ONET_SOC_2010 29-2071.00 BROAD", "NEM 29-2072 EXACT", "OOH B186 EXACT"]
    );
    // It took in another as well.
    assert_eq!(
        codes(&server, "29-9021.00").await,
        ["SOC_2010 29-2071 BROAD", "ONET_SOC_2010 29-2071.00 RELATED", "ONET_SOC_2010 15-1121.01 NARROW"]
    );
    // Two occupations of O*NET share the codes of the SOC and of the matrix, and a dash is no profile.
    assert_eq!(
        codes(&server, "11-1011.03").await,
        ["SOC_2010 11-1011 BROAD", "ONET_SOC_2010 11-1011.03 EXACT", "NEM 11-1011 BROAD"]
    );
}

#[tokio::test]
async fn a_profile_of_the_handbook_has_its_title_group_and_page_and_all_of_it_takes_one_statement_more() {
    let server = served().await;
    let of = |fields: &str| format!("{{ occupation(code: \"29-2072.00\") {{ title {fields} }} }}");

    let alone = server.ask(&of(""), json!({})).await;
    let answer = server
        .ask(
            &of("crosswalks(schemes: [OOH]) { title group shortGroup url } hierarchy { major { code } } \
                 metadata(first: 3) { totalCount nodes { item response count percent month } }"),
            json!({}),
        )
        .await;

    let occupation = &answer.data["occupation"];
    assert_eq!(
        occupation["crosswalks"],
        json!([{
            "title": "Medical records specialists", "group": "Healthcare", "shortGroup": "Health",
            "url": "https://www.bls.gov/ooh/healthcare/medical-records.htm",
        }])
    );
    assert_eq!(
        occupation["metadata"],
        json!({
            "totalCount": 3,
            "nodes": [
                { "item": "Data Collection Mode", "response": "Paper", "count": 12, "percent": 40, "month": "2023-08" },
                { "item": "Data Collection Mode", "response": "Web", "count": 18, "percent": 60, "month": "2023-08" },
                { "item": "Employee Response Rate", "response": null, "count": null, "percent": 71.5, "month": "2023-08" },
            ],
        })
    );
    assert_eq!(answer.statements, alone.statements + 1);
}

#[tokio::test]
async fn without_crosswalks_an_occupation_has_no_groups_and_no_other_codes() {
    let server = TestServer::empty().await;
    synced(&server, SyncOptions { dataset: "onet".to_owned(), ..options(sample("onet")) }).await;

    let query = "{ occupation(code: \"29-2072.00\") { hierarchy { major { code } } crosswalks { code } } }";
    let answer = server.query(query).await;

    assert_eq!(answer["occupation"], json!({ "hierarchy": null, "crosswalks": [] }));
}

#[tokio::test]
async fn files_of_which_none_tells_the_release_are_taken_with_an_edition() {
    let server = TestServer::empty().await;
    let asked = SyncOptions { dataset: "soc-crosswalks".to_owned(), ..options(sample("crosswalks-csv")) };

    let faults = refused(&server, asked.clone()).await;
    let outcome = sync(&server, SyncOptions { edition: Some("2019".to_owned()), ..asked }).await;

    assert!(faults[0].contains("error[unknown-release]"), "{faults:?}");
    assert!(matches!(outcome, Outcome::Synced(plan) if plan.release == "2019"));
}

#[tokio::test]
async fn a_broken_crosswalk_is_refused_with_its_place() {
    let header = SOC_2010[2];
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("soc_2010_to_2018_crosswalk.xlsx", workbook(&[&["no header"]]), "soc_2010_to_2018_crosswalk.xlsx:1:1: error[missing-column]"),
        (
            "soc_2010_to_2018_crosswalk.xlsx",
            workbook(&[&["2010 SOC Code", "2010 SOC Title", "2018 SOC Code"]]),
            "names no column `2018 SOC Title`",
        ),
        (
            "soc_2010_to_2018_crosswalk.xlsx",
            workbook(&[header, &["29-2071", "A", "29-20X2", "B"]]),
            "soc_2010_to_2018_crosswalk.xlsx:2:3: error[malformed-value] `29-20X2` is not a code like 29-2072",
        ),
        (
            "onetsoc_2019_structure.csv",
            b"Major Group,Minor Group,Broad Occupation,Detailed Occupation,Detailed O*NET-SOC,SOC or O*NET-SOC 2019 Title\n,,29-2070,,,Lost\n"
                .to_vec(),
            "onetsoc_2019_structure.csv:2:3: error[malformed-row]",
        ),
        ("something.csv", b"a\n".to_vec(), "something.csv:1:1: error[unknown-layout] there is no crosswalk"),
    ];
    let server = TestServer::empty().await;
    for (name, content, words) in cases {
        let folder = Folder::new();
        fs::write(folder.path().join(name), content).unwrap();
        let edition = Some("1".to_owned());
        let asked = SyncOptions { dataset: "soc-crosswalks".to_owned(), edition, ..options(folder.path().to_owned()) };
        let faults = refused(&server, asked).await;
        assert!(faults[0].contains(words), "{words}: {faults:?}");
    }
}
