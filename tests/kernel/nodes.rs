//! Global ids: opaque, stable over re-import and across databases.
use serde_json::json;

use crate::harness::{Folder, TestServer, seed};

const IDS: &str = r#"{ career(slug: "health-information-technology") { id roles { id } faq { id }
    advancement { id } training { pathways { id } } aiImpact { tasks { id } }
    certifications { certification { id } } pay { median { source { id } } } } }"#;

#[tokio::test]
async fn every_node_is_found_by_its_id_alone() {
    let server = TestServer::seeded().await;
    let data = server.query(IDS).await.to_string();
    let ids: Vec<&str> = data.split(r#""id":""#).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(ids.len() > 40, "{ids:?}");

    for id in ids {
        let found = server.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(found.data["node"]["id"], id, "{:?}", found.errors);
    }
}

#[tokio::test]
async fn ids_are_the_same_in_every_database_and_after_every_import() {
    let (one, other) = (TestServer::seeded().await, TestServer::empty().await);
    let more = Folder::new();
    more.career("first", "First", "");
    other.publish(&[more.path().to_owned()]).await;
    other.publish(&[seed()]).await;
    let changed = std::fs::read_to_string(seed().join("careers/health-information-technology.yaml")).unwrap();
    let changed = changed.replacen("\ntitle: ", "\ntitle: New ", 1);
    more.file("careers/health-information-technology.yaml", &changed);
    other.publish(&[more.path().to_owned()]).await;

    assert_eq!(one.query(IDS).await, other.query(IDS).await);
    let title = other.query(r#"{ career(slug: "health-information-technology") { title } }"#).await;
    assert_eq!(title["career"]["title"], "New Health Information Technology", "the import did change it");
}

#[tokio::test]
async fn what_is_no_id_says_so_and_what_is_gone_is_null() {
    let server = TestServer::seeded().await;

    for id in ["", "nonsense", "Q2FyZWVy", "Tm9uZTp4"] {
        let answer = server.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(answer.codes(), ["BAD_ID"], "{id}");
        assert_eq!(answer.data, json!({ "node": null }));
    }
    // `Career:none` and `Role:health-information-technology/none`
    for id in ["Q2FyZWVyOm5vbmU", "Um9sZTpoZWFsdGgtaW5mb3JtYXRpb24tdGVjaG5vbG9neS9ub25l"] {
        let found = server.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!((found.data, found.errors.len()), (json!({ "node": null }), 0), "{id}");
    }
}

#[tokio::test]
async fn an_id_that_is_none_leaves_the_others_alone() {
    let server = TestServer::seeded().await;
    let data = server.query("{ certifications(first: 2) { nodes { id } } }").await;
    let id = |index: usize| data["certifications"]["nodes"][index]["id"].clone();
    let query = "query($ids: [ID!]!) { found: nodes(ids: $ids) { id } }";

    let answer = server.ask(query, json!({ "ids": ["garbage", id(0), "", "Tm9uZTp4", id(1)] })).await;

    assert_eq!(answer.data["found"], json!([null, { "id": id(0) }, null, null, { "id": id(1) }]));
    assert_eq!(answer.codes(), ["BAD_ID"; 3]);
    let mut paths: Vec<_> = answer.errors.iter().map(|error| error["path"].to_string()).collect();
    paths.sort();
    assert_eq!(paths, [r#"["found",0]"#, r#"["found",2]"#, r#"["found",3]"#]);
}

#[tokio::test]
async fn nodes_keep_their_order_and_are_bounded() {
    let server = TestServer::seeded().await;
    let data = server.query("{ certifications(first: 2) { nodes { id } } }").await;
    let id = |index: usize| data["certifications"]["nodes"][index]["id"].clone();

    let found = server
        .ask(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            json!({ "ids": [id(1), "Q2FyZWVyOm5vbmU", id(0), id(1)] }),
        )
        .await;
    assert_eq!(found.data["nodes"], json!([{ "id": id(1) }, null, { "id": id(0) }, { "id": id(1) }]));

    let many = vec![id(0); 101];
    let answer = server.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": many })).await;
    assert_eq!(answer.codes(), ["PAGE_TOO_LARGE"]);
}
