//! Pages that sites make of guides and data sets: few statements, however much they show.
use careerql_server::{CacheOptions, Settings};
use serde_json::json;

use super::sample::{CALIFORNIA, NATION, of_sample, options, release, synced, wage};
use crate::harness::{Folder, TestServer};

const GUIDE: &str = "{ career(slug: \"records\") { title occupations { match occupation { code title \
    wage(place: \"US-CA\") { publishedFor { isExact } annual { median { value atLeast missing } } employment { value } } \
    skills(first: 20) { nodes { element { name } importance { value } } } tasks(first: 20) { nodes { taskId statement type } } \
    exposure { measure { name } value { value } percentile } } } } }";

#[tokio::test]
async fn a_guide_with_its_occupations_pay_skills_tasks_and_exposure_takes_four_statements() {
    // Nothing is kept between requests.
    let caching = CacheOptions { cache_mib: 0, ..CacheOptions::default() };
    let server = TestServer::with_settings(Settings { caching, ..Settings::default() }).await;
    let folder = Folder::new();
    synced(&server, of_sample("onet", "skills/csv")).await;
    let pay = [wage(NATION, "29-2072", 51_140), wage(CALIFORNIA, "29-2072", 61_810), wage(NATION, "15-1252", 130_000)];
    synced(&server, options(release(&folder, 2025, &pay))).await;
    synced(&server, of_sample("ai-eloundou", "ai-eloundou")).await;
    let codes = "codes: [{scheme: SOC, version: \"2018\", code: 29-2072, match: EXACT}, \
                 {scheme: ONET_SOC, version: \"2019\", code: 15-1252.00, match: CLOSE}]\n";
    server.publish(&[folder.career("records", "Records", codes)]).await;

    let before = server.statements();
    let answer = server.query_once(GUIDE).await;
    let statements = server.statements() - before;

    let occupations = answer["career"]["occupations"].as_array().unwrap();
    let codes: Vec<_> = occupations.iter().map(|one| one["occupation"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["29-2072.00", "15-1252.00"]);
    let pay = |index: usize| &occupations[index]["occupation"]["wage"];
    assert_eq!(
        (&pay(0)["annual"]["median"]["value"], &pay(0)["publishedFor"]["isExact"]),
        (&json!(61_810), &json!(true))
    );
    assert_eq!(
        (&pay(1)["annual"]["median"]["value"], &pay(1)["publishedFor"]["isExact"]),
        (&json!(130_000), &json!(false))
    );
    assert_eq!(statements, 4);
    assert_eq!(server.query(GUIDE).await, answer);
}
