//! Occupations that O*NET divides further: what figures of the whole say of themselves, and which guides are about which part.
use std::{fs, path::PathBuf};

use datasets::SyncOptions;
use serde_json::{Value, json};

use super::{
    sample::{NATION, of_sample, options, release, sample, synced, wage},
    workbook::workbook,
};
use crate::harness::{Folder, TestServer};

const WHOLE: &str = "11-1011.00";
const PART: &str = "11-1011.03";
/// The laboratory technologists, who are published with others.
const GROUPED: &str = "29-2011.00";

/// Syncs the files of a folder.
async fn sync(server: &TestServer, dataset: &str, path: PathBuf) {
    synced(server, SyncOptions { dataset: dataset.to_owned(), ..options(path) }).await;
}

/// A server with occupations, wages and projections of chief executives and of a group of technologists.
async fn served() -> TestServer {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    synced(&server, of_sample("onet", "onet")).await;
    let columns = ["O*NET-SOC code", "O*NET-SOC title", "NEM Code", "NEM title", "OOH profile code"];
    let profile = ["OOH profile title", "OOH occupation group", "OOH Occupation Group (brief)", "OOH profile website"];
    let header = [&columns[..], &profile[..]].concat();
    let lines: [&[&str]; 3] = [
        &["As of 08/28/2025"],
        &header,
        &[GROUPED, "Technologists", "29-2018", "Technologists", "—", "—", "—", "—", "—"],
    ];
    fs::write(folder.path().join("nem_onet_to_soc_crosswalk.xlsx"), workbook(&lines)).unwrap();
    sync(&server, "soc-crosswalks", folder.path().to_owned()).await;
    let wages = ["00-0000", "11-0000", "11-1000", "11-1010", "11-1011", "25-2052", "29-2010", "29-2018", "31-1120"];
    let wages = wages.map(|code| wage(NATION, code, 80_000));
    sync(&server, "bls-oews", release(&folder, 2025, &wages)).await;
    let figures = "200.0,210.0,10.0,5.0,20.0,N/A,Bachelor's degree,5 years or more,None";
    let text = format!(
        "Occupation Title,Occupation Code,Employment 2023,Employment 2033,\"Employment Change, 2023-2033\",\
         \"Employment Percent Change, 2023-2033\",\"Occupational Openings, 2023-2033 Annual Average\",Median Annual Wage 2023,\
         Typical Entry-Level Education,Work Experience in a Related Occupation,Typical on-the-job Training\n\
         Chief executives,11-1011,{figures}\nTechnologists,29-2018,{figures}\n"
    );
    let file = folder.file("outlook/Employment Projections.csv", &text);
    sync(&server, "bls-projections", file.parent().unwrap().to_owned()).await;
    server
}

#[tokio::test]
async fn figures_of_the_whole_are_not_exactly_those_of_its_part() {
    let server = served().await;
    let published = "publishedFor { code isExact }";
    for (code, soc, is_exact) in [(WHOLE, "11-1011", true), (PART, "11-1011", false), (GROUPED, "29-2018", false)] {
        let query = format!(
            "{{ occupation(code: \"{code}\") {{ wage {{ {published} }} wages {{ nodes {{ {published} }} }} projection {{ {published} }} }} }}"
        );

        let answer = server.query(&query).await["occupation"].clone();

        let expected = json!({ "publishedFor": { "code": soc, "isExact": is_exact } });
        assert_eq!(
            answer,
            json!({ "wage": expected, "wages": { "nodes": [expected] }, "projection": expected }),
            "{code}"
        );
    }
    let asked = format!("{{ wages(code: \"11-1011\") {{ nodes {{ {published} }} }} }}");
    assert_eq!(
        server.query(&asked).await["wages"]["nodes"],
        json!([{ "publishedFor": { "code": "11-1011", "isExact": true } }])
    );
}

#[tokio::test]
async fn a_code_for_several_occupations_is_broad_whatever_the_file_says() {
    let server = served().await;
    for (code, level) in [
        ("00-0000", "MAJOR"),
        ("11-0000", "MAJOR"),
        ("11-1000", "MINOR"),
        ("11-1010", "BROAD"),
        ("11-1011", "DETAILED"),
        ("25-2052", "BROAD"),
        ("29-2010", "BROAD"),
        ("31-1120", "BROAD"),
    ] {
        let answer =
            server.query(&format!("{{ wages(code: \"{code}\") {{ nodes {{ publishedFor {{ level }} }} }} }}")).await;
        assert_eq!(answer["wages"]["nodes"], json!([{ "publishedFor": { "level": level } }]), "{code}");
    }
    let grouped = format!("{{ occupation(code: \"{GROUPED}\") {{ wage {{ publishedFor {{ code level }} }} }} }}");
    assert_eq!(
        server.query(&grouped).await["occupation"]["wage"]["publishedFor"],
        json!({ "code": "29-2018", "level": "BROAD" })
    );
}

/// A guide that names these codes, each with its scheme and match.
fn guide(folder: &Folder, slug: &str, codes: &[(&str, &str, &str)]) -> PathBuf {
    let code = |(scheme, code, fit): &(&str, &str, &str)| {
        format!("{{scheme: {scheme}, version: '2018', code: {code}, match: {fit}}}")
    };
    let codes: Vec<_> = codes.iter().map(code).collect();
    folder.career(slug, slug, &format!("codes: [{}]\n", codes.join(", ")))
}

#[tokio::test]
async fn a_guide_about_a_part_is_none_about_the_others() {
    let (server, folder) = (served().await, Folder::new());
    let guides = [
        guide(&folder, "part", &[("ONET_SOC", PART, "EXACT"), ("SOC", "11-1011", "BROAD")]),
        guide(&folder, "whole", &[("SOC", "11-1011", "EXACT")]),
        guide(
            &folder,
            "both",
            &[("SOC", "11-1011", "BROAD"), ("ONET_SOC", WHOLE, "CLOSE"), ("ONET_SOC", PART, "EXACT")],
        ),
        guide(&folder, "other", &[("ONET_SOC", GROUPED, "EXACT"), ("SOC", "29-2072", "BROAD")]),
    ];
    server.publish(&guides).await;

    let careers = |code: &str| {
        format!(
            "occupation(code: \"{code}\") {{ careers(orderBy: [{{slug: ASC}}]) {{ totalCount nodes {{ slug }} }} }}"
        )
    };
    let query = format!("{{ whole: {} part: {} records: {} }}", careers(WHOLE), careers(PART), careers("29-2072.00"));
    let answer = server.query(&query).await;
    for (field, slugs) in
        [("whole", vec!["both", "whole"]), ("part", vec!["both", "part", "whole"]), ("records", vec!["other"])]
    {
        let nodes: Vec<_> = slugs.iter().map(|slug| json!({ "slug": slug })).collect();
        assert_eq!(answer[field]["careers"], json!({ "totalCount": slugs.len(), "nodes": nodes }), "{field}");
    }

    let query = "{ careers(orderBy: [{slug: ASC}]) { nodes { slug occupations { match occupation { code } } } } }";
    let answer = server.query(query).await;
    let about = |guide: &Value| {
        let found = guide["occupations"].as_array().unwrap().iter();
        let found = found.map(|one| format!("{} {}", one["occupation"]["code"], one["match"]).replace('"', ""));
        format!("{}: {}", guide["slug"].as_str().unwrap(), found.collect::<Vec<_>>().join(", "))
    };
    let about: Vec<_> = answer["careers"]["nodes"].as_array().unwrap().iter().map(about).collect();
    assert_eq!(
        about,
        [
            "both: 11-1011.00 CLOSE, 11-1011.03 EXACT",
            "other: 29-2011.00 EXACT, 29-2072.00 BROAD",
            "part: 11-1011.03 EXACT",
            "whole: 11-1011.00 EXACT, 11-1011.03 EXACT",
        ]
    );
    let paid = "{ careers(filter: {wage: {unit: YEAR, gte: 70000}}) { totalCount } }";
    assert_eq!(server.query(paid).await["careers"]["totalCount"], 4);
}

#[tokio::test]
async fn occupations_are_found_by_the_shorter_forms_of_their_titles() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    for file in ["Read Me.txt", "occupation_data.csv"] {
        fs::copy(sample("onet").join(file), folder.path().join(file)).unwrap();
    }
    folder.file(
        "job_titles.csv",
        "O*NET-SOC Code,Title,Job Title,Short Title,Source(s)\n\
         29-2072.00,Medical Records Specialists,Registered Record Keeper (RRK),RRK,\"02,10\"\n\
         29-2072.00,Medical Records Specialists,Senior Registered Record Keeper (RRK),RRK,\n\
         29-2072.00,Medical Records Specialists,Clerk,,01\n\
         29-2011.00,Technologists,Laboratory Technologist (Lab Tech),Lab Tech,\n",
    );
    sync(&server, "onet", folder.path().to_owned()).await;

    for (filter, code) in [
        ("eq: \"RRK\"", Some("29-2072.00")),
        ("startsWith: \"lab t\"", Some("29-2011.00")),
        ("eq: \"clerk\"", Some("29-2072.00")),
        ("eq: \"RR\"", None),
    ] {
        let query = format!("{{ occupations(filter: {{anyTitle: {{{filter}}}}}) {{ nodes {{ code }} }} }}");
        let expected: Vec<_> = code.iter().map(|code| json!({ "code": code })).collect();
        assert_eq!(server.query(&query).await["occupations"]["nodes"], json!(expected), "{filter}");
    }
}

#[tokio::test]
async fn what_has_no_form_of_a_code_is_refused_with_the_form_it_should_have() {
    let server = TestServer::empty().await;
    for (query, words) in [
        ("{ wages(code: \"zz\") { totalCount } }", "such as `29-2072`"),
        ("{ wages(code: \"29-2072.00\") { totalCount } }", "such as `29-2072`"),
        ("{ contentElement(elementId: \"reading\") { name } }", "such as `2.A.1.a`"),
        (
            "{ occupations(orderBy: [{skill: {elementId: \"2.A.\", direction: ASC}}]) { nodes { code } } }",
            "such as `2.A.1.a`",
        ),
    ] {
        let answer = server.ask(query, json!({})).await;
        assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED"], "{query}");
        let told = json!(answer.errors).to_string();
        assert!(told.contains(words), "{query}: {told}");
    }
}
