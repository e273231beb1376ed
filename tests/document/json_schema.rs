//! The JSON Schema of documents, by a validator: it takes what the check takes, and says what an editor can see while typing.
use jsonschema::Validator;
use kernel::document::json_schema;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer, seed};

fn schemas() -> (Validator, Value) {
    let (graph, _) = careerql_server::app().build().unwrap();
    let schema = json_schema(graph.content(), None);
    (jsonschema::draft7::new(&schema).unwrap(), schema)
}

#[test]
fn the_committed_schema_is_the_schema() {
    let (_, schema) = schemas();
    let committed: Value = serde_json::from_str(include_str!("../../schema/document.schema.json")).unwrap();
    assert!(committed == schema, "schema/document.schema.json is stale; regenerate it with `just schema`");
}

/// Places and reasons of what is wrong in a document.
fn wrong(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn documents(folder: &std::path::Path) -> Vec<Value> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(documents(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(serde_saphyr::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap());
        }
    }
    found
}

#[tokio::test]
async fn what_the_check_takes_the_schema_takes() {
    let (validator, _) = schemas();
    let seeds = documents(&seed());
    assert!(seeds.len() > 3, "{}", seeds.len());
    for document in seeds {
        assert_eq!(wrong(&validator, &document), Vec::<String>::new(), "{document}");
    }
    let career = |more: Value| {
        let mut document = json!({ "kind": "career", "slug": "x", "title": "X", "summary": "About it." });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    for fine in [
        json!({}),
        json!({ "tags": [], "alternateTitles": ["Y"] }),
        json!({ "outlook": { "growth": { "percent": -3, "source": "a", "asOf": "2025-05-01" }, "throughYear": 2034, "pace": "DECLINE" } }),
        json!({ "outlook": { "growth": { "percent": 3, "source": "a", "asOf": "2025-05-01" }, "throughYear": 2034 },
            "training": { "pathways": [{ "key": "a", "title": "A", "credential": "MASTER" }] }, "aiImpact": { "summary": "S." } }),
        json!({ "training": { "pathways": [{ "key": "a", "title": "A", "credential": "MASTER", "suits": "All.",
            "duration": { "low": "P1Y6M", "source": "a", "asOf": "2025-05-01" },
            "cost": { "high": 5, "currency": "USD", "source": "a", "asOf": "2025-05-01" } }] } }),
    ] {
        assert_eq!(wrong(&validator, &career(fine.clone())), Vec::<String>::new(), "{fine}");
        let folder = Folder::new();
        folder.source("a");
        folder.file("x.yaml", &career(fine.clone()).to_string());
        let checked = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;
        assert_eq!(checked.status, 0, "{checked:?}");
    }
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let (validator, _) = schemas();
    let figure = json!({ "amount": 5, "currency": "USD", "source": "a", "asOf": "2025-05-01" });
    for (fault, place) in [
        (json!({ "kind": "carer" }), "/kind"),
        (json!({ "kind": "career", "slug": "Not A Slug", "title": "X", "summary": "S." }), "/slug"),
        (json!({ "kind": "career", "slug": "x", "title": "X" }), ""),
        (json!({ "kind": "career", "slug": "x", "title": " X", "summary": "S." }), "/title"),
        (json!({ "kind": "career", "slug": "x", "title": "X", "summary": "S.", "sallary": 5 }), ""),
        (
            json!({ "kind": "career", "slug": "x", "title": "X", "summary": "S.", "roles": [{ "key": "a", "title": "A", "level": "BOSS" }] }),
            "/roles/0/level",
        ),
        (
            json!({ "kind": "career", "slug": "x", "title": "X", "summary": "S.", "pay": { "median": { "amount": "much", "currency": "USD", "source": "a", "asOf": "2025-05-01" } } }),
            "/pay/median/amount",
        ),
        (
            json!({ "kind": "career", "slug": "x", "title": "X", "summary": "S.", "pay": { "median": figure, "medain": 3 } }),
            "/pay",
        ),
        (
            json!({ "kind": "source", "slug": "x", "title": "X", "publisher": "P", "publishedOn": "May 2025" }),
            "/publishedOn",
        ),
        (
            json!({ "kind": "career", "slug": "x", "title": "X", "summary": "S.", "training": { "pathways": [{ "key": "a", "title": "A", "credential": "MASTER",
            "suits": "All.", "duration": { "source": "a", "asOf": "2025-05-01" } }] } }),
            "/training/pathways/0/duration",
        ),
        (json!({ "kind": "career", "slug": "x", "title": "X", "summary": "S.", "pay": null }), "/pay"),
    ] {
        let wrong = wrong(&validator, &fault);
        assert!(
            wrong
                .iter()
                .any(|wrong| wrong.starts_with(&format!("{place}:")) || wrong.starts_with(&format!("{place}/"))),
            "{place}: {wrong:#?}"
        );
    }
}

/// Looks for fields without a sentence, and holds each enum against the sentences of its values.
fn look(value: &Value, path: &str, without: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                // Those of conditions describe nothing.
                if fields.get("type").is_some() {
                    let bare = properties.iter().filter(|(_, property)| property.get("description").is_none());
                    without.extend(bare.map(|(name, _)| format!("{path}.{name}")));
                }
            }
            if let (Some(names), Some(about)) = (fields.get("enum"), fields.get("markdownEnumDescriptions")) {
                assert_eq!(names.as_array().unwrap().len(), about.as_array().unwrap().len(), "{path}");
                assert!(about.as_array().unwrap().iter().all(|about| about != ""), "{path}");
            }
            fields.iter().for_each(|(name, value)| look(value, &format!("{path}/{name}"), without));
        }
        Value::Array(items) => items.iter().for_each(|item| look(item, path, without)),
        _ => {}
    }
}

#[test]
fn whatever_an_editor_shows_has_its_sentence() {
    let (_, schema) = schemas();
    let mut without = Vec::new();
    look(&schema, "", &mut without);
    assert_eq!(without, Vec::<String>::new());
}

#[tokio::test]
async fn the_server_and_the_command_give_the_schemas() {
    let server = TestServer::empty().await;
    let get = async |server: &TestServer, path: &str| {
        let url = server.url.replace("/graphql", path);
        let answer = reqwest::Client::new().request(Method::GET, url).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status(), kind, answer.json::<Value>().await.unwrap())
    };
    let (graph, _) = careerql_server::app().build().unwrap();
    for kind in ["career", "certification", "source"] {
        let (status, media_type, schema) = get(&server, &format!("/schemas/{kind}.json")).await;
        assert_eq!((status, media_type.as_str()), (StatusCode::OK, "application/schema+json"));
        assert_eq!(schema, json_schema(graph.content(), graph.content().kind(kind)));
        let printed = Binary::new(&["schema", "--json", kind]).run().await;
        assert_eq!(serde_json::from_str::<Value>(&printed.out).unwrap(), schema);
    }
    let (_, _, all) = get(&server, "/schemas/document.json").await;
    let printed = Binary::new(&["schema", "--json"]).run().await;
    assert_eq!(serde_json::from_str::<Value>(&printed.out).unwrap(), all);
    let (status, _, none) = get(&server, "/schemas/nothing.json").await;
    assert_eq!((status, &none["errors"][0]["extensions"]["code"]), (StatusCode::NOT_FOUND, &json!("NOT_FOUND")));
    assert!(none.to_string().contains("/schemas/career.json"), "{none}");
    let unknown = Binary::new(&["schema", "--json", "nothing"]).run().await;
    assert!(unknown.status == 1 && unknown.err.contains("`certification`"), "{unknown:?}");

    let queries = careerql_server::QueryOptions { hide_schema: true, ..Default::default() };
    let hidden = TestServer::with_settings(careerql_server::Settings { queries, ..Default::default() }).await;
    assert_eq!(
        get(&hidden, "/schemas/career.json").await.0,
        StatusCode::NOT_FOUND,
        "where the schema is hidden, so are these"
    );
}
