//! Projection: what is taken from stored JSON is what the sections answer. [`TestServer::ask`] compares the two for every query.
use std::collections::BTreeMap;

use reqwest::Method;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

const TYPES: &str = "{ __schema { types { name fields { name args { defaultValue type { kind } } type { ...T } } } } }
    fragment T on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }";

/// The fields of each object type and the name and kind of what they answer.
type Types = BTreeMap<String, Vec<(String, String, String)>>;

async fn types(server: &TestServer) -> Types {
    let schema = server.query(TYPES).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let field = |field: &Value| {
        let mut named = &field["type"];
        while !named["ofType"].is_null() {
            named = &named["ofType"];
        }
        (text(&field["name"]), text(&named["name"]), text(&named["kind"]))
    };
    let needs = |argument: &Value| argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null();
    let is_free = |field: &&Value| !field["args"].as_array().unwrap().iter().any(needs);
    let fields =
        |object: &Value| object["fields"].as_array().into_iter().flatten().filter(is_free).map(field).collect();
    let types = schema["__schema"]["types"].as_array().unwrap();
    types.iter().map(|object| (text(&object["name"]), fields(object))).collect()
}

/// Every way from an object to a value that is no object, each as a selection. Other entries are asked for their slug.
fn ways(types: &Types, object: &str, above: &[&str]) -> Vec<String> {
    let mut ways = Vec::new();
    for (field, answered, kind) in &types[object] {
        match kind.as_str() {
            "SCALAR" | "ENUM" => ways.push(field.clone()),
            "OBJECT" if ["Career", "Certification", "Source"].contains(&answered.as_str()) => {
                ways.push(format!("{field} {{ slug }}"));
            }
            // What data sets have is projected from no section.
            "OBJECT" if answered == "Occupation" => ways.push(format!("{field} {{ code }}")),
            "OBJECT" if !above.contains(&answered.as_str()) && !answered.ends_with("Connection") => {
                let below = self::ways(types, answered, &[above, &[answered]].concat());
                ways.extend(below.iter().map(|way| format!("{field} {{ {way} }}")));
            }
            _ => {}
        }
    }
    ways
}

#[tokio::test]
async fn every_value_of_every_section_is_the_same_both_ways() {
    let server = TestServer::seeded().await;
    let types = types(&server).await;

    for (list, object) in [("careers", "Career"), ("certifications", "Certification"), ("sources", "Source")] {
        let ways = ways(&types, object, &[object]);
        assert!(ways.len() > 5, "{ways:?}");
        for way in ways {
            server.query(&format!("{{ {list} {{ nodes {{ {way} }} }} }}")).await;
        }
    }
}

#[tokio::test]
async fn selections_meet_in_the_same_order_both_ways() {
    let server = TestServer::seeded().await;

    let answer = server
        .ask(
            r#"query ($yes: Boolean = true, $no: Boolean = false) {
              career(slug: "health-information-technology") {
                summary { __typename again: markdown markdown @include(if: $yes) html @include(if: $no) }
                pay { ...Median median { currency } percentiles { pay { amount } } percentiles { percentile } }
                roles { __typename duties { title } key again: key global: id ...Whole }
                faq { question ... on Node { id } ... { key } }
                relatedGuides { title career { title } }
                certifications { why { markdown } certification { slug } certification { title } }
              }
            }
            fragment Median on Pay { median { source { title } amount } }
            fragment Whole on Role { duties { title description { markdown } } level }"#,
            json!({}),
        )
        .await;

    assert!(answer.errors.is_empty(), "{:#?}", answer.errors);
    let role = &answer.data["career"]["roles"][0];
    assert_eq!(role["key"], role["again"]);
    assert!(role["duties"][0]["title"].is_string() && role["duties"][0]["description"].is_object(), "{role}");
}

#[tokio::test]
async fn answers_to_fields_of_the_same_name_are_merged() {
    let server = TestServer::seeded().await;
    let career = "career(slug: \"health-information-technology\")";

    let answer = server
        .query(&format!(
            "{{ {career} {{ roles {{ title }} pay {{ median {{ amount }} }} }} ...More }}
             fragment More on Query {{ {career} {{ roles {{ level duties {{ title }} }} pay {{ median {{ currency }} }} }} }}"
        ))
        .await;

    let role = &answer["career"]["roles"][0];
    assert!(role["title"].is_string() && role["level"].is_string() && role["duties"].is_array(), "{role}");
    let median = &answer["career"]["pay"]["median"];
    assert!(median["amount"].is_number() && median["currency"].is_string(), "{median}");
}

#[tokio::test]
async fn entries_of_several_kinds_stand_in_one_place() {
    let server = TestServer::seeded().await;
    let found =
        server.query("{ careers { nodes { id } } certifications { nodes { id } } sources { nodes { id } } }").await;
    let ids: Vec<_> = ["careers", "certifications", "sources"].map(|list| found[list]["nodes"][0]["id"].clone()).into();

    let answer = server
        .ask(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Career { title summary { markdown } }
               ... on Source { title publisher } ... on Certification { title issuer { name } } } }",
            json!({ "ids": ids }),
        )
        .await;

    assert!(answer.errors.is_empty(), "{:#?}", answer.errors);
    let nodes = answer.data["nodes"].as_array().unwrap();
    assert!(nodes.iter().all(|node| node["title"].is_string()), "{nodes:#?}");
    assert!(nodes[2]["publisher"].is_string(), "{nodes:#?}");
}

#[tokio::test]
async fn what_is_missing_is_null_or_empty_both_ways() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("nurse", "Nurse", "")]).await;

    let answer = server
        .query(r#"{ career(slug: "nurse") { title alternateTitles tags faq { key } roles { key } pay { summary { markdown } } } }"#)
        .await;

    let expected = json!({ "title": "Nurse", "alternateTitles": [], "tags": [], "faq": [], "roles": [], "pay": null });
    assert_eq!(answer["career"], expected);
}

#[tokio::test]
async fn what_is_not_selected_is_not_read() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("nurse", "Nurse", "")]).await;
    let body = r#"{"summary":"About it.","tags":"no list","title":"Nurse"}"#;
    let broken = format!("UPDATE section SET body = '{body}' WHERE name = 'profile'");
    server.db.execute_unprepared(&broken).await.unwrap();
    let ask = async |selected: &str| -> Value {
        let query = json!({ "query": format!("{{ career(slug: \"nurse\") {{ {selected} }} }}") });
        server.http(Method::POST).json(&query).send().await.unwrap().json().await.unwrap()
    };

    let answer = ask("title summary { markdown }").await;
    assert_eq!(answer["data"]["career"], json!({ "title": "Nurse", "summary": { "markdown": "About it." } }));

    let answer = ask("title tags").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL");
}
