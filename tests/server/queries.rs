//! Queries that are named instead of sent: automatic persisted queries and trusted documents.
use careerql_server::{QueryOptions, Settings, TrustMode};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Folder, TestServer};

const QUERY: &str = "query Type { __typename }";

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn named(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn post(server: &TestServer, body: Value) -> Value {
    server.http(Method::POST).json(&body).send().await.unwrap().json().await.unwrap()
}

async fn get(server: &TestServer, parameters: &[(&str, &str)]) -> Value {
    server.http(Method::GET).query(parameters).send().await.unwrap().json().await.unwrap()
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

async fn trusting(trust: TrustMode, manifest: &Value) -> (TestServer, Folder) {
    let folder = Folder::new();
    let trusted_documents = Some(folder.file("manifest.json", &manifest.to_string()));
    let queries = QueryOptions { trusted_documents, trust, max_persisted_queries: 10, ..QueryOptions::default() };
    (TestServer::with_settings(Settings { queries, ..Settings::default() }).await, folder)
}

#[tokio::test]
async fn a_query_is_sent_once_and_then_named() {
    let server = TestServer::empty().await;
    let hash = sha256(QUERY);
    let extensions = named(&hash).to_string();

    let unknown = get(&server, &[("extensions", &extensions)]).await;
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
    let wrong = post(&server, json!({ "query": "{ careers { totalCount } }", "extensions": named(&hash) })).await;
    assert_eq!(code(&wrong), "PERSISTED_QUERY_HASH_MISMATCH");
    for _ in 0..2 {
        let stored = post(&server, json!({ "query": QUERY, "extensions": named(&hash) })).await;
        assert_eq!(stored["data"]["__typename"], "Query");
    }
    assert_eq!(get(&server, &[("extensions", &extensions)]).await["data"]["__typename"], "Query");
    assert_eq!(post(&server, json!({ "extensions": named(&hash) })).await["data"]["__typename"], "Query");
    let other = json!({ "persistedQuery": { "version": 2, "sha256Hash": hash } });
    assert_eq!(code(&post(&server, json!({ "extensions": other })).await), "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(code(&post(&server, json!({ "extensions": named("") })).await), "BAD_REQUEST");
}

#[tokio::test]
async fn what_is_malformed_or_too_dear_is_not_stored() {
    let server = TestServer::empty().await;
    for query in ["{", &format!("{{ {} }}", "__typename ".repeat(200))] {
        let hash = sha256(query);
        assert!(post(&server, json!({ "query": query, "extensions": named(&hash) })).await.get("errors").is_some());
        assert_eq!(code(&post(&server, json!({ "extensions": named(&hash) })).await), "PERSISTED_QUERY_NOT_FOUND");
    }
}

#[tokio::test]
async fn persisted_queries_can_be_switched_off() {
    let queries = QueryOptions { max_persisted_queries: 0, ..QueryOptions::default() };
    let server = TestServer::with_settings(Settings { queries, ..Settings::default() }).await;

    let answer = post(&server, json!({ "extensions": named(&sha256(QUERY)) })).await;

    assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotSupported");
    let sent = post(&server, json!({ "query": QUERY, "extensions": named(&sha256(QUERY)) })).await;
    assert_eq!(sent["data"]["__typename"], "Query");
}

#[tokio::test]
async fn trusted_documents_are_named_and_others_refused() {
    let id = sha256(QUERY);
    let apollo = json!({
        "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [{ "id": id, "body": QUERY, "name": "Type", "type": "query" }]
    });
    let relay = json!({ &id: QUERY });
    for manifest in [apollo, relay] {
        let (server, _folder) = trusting(TrustMode::Require, &manifest).await;
        for body in [json!({ "documentId": id }), json!({ "extensions": named(&id) }), json!({ "query": QUERY })] {
            assert_eq!(post(&server, body.clone()).await["data"]["__typename"], "Query", "{body}");
        }
        assert_eq!(get(&server, &[("documentId", &id)]).await["data"]["__typename"], "Query");
        for body in [
            json!({ "query": "{ __typename }" }),
            json!({ "query": "{ __typename }", "extensions": named(&sha256("{ __typename }")) }),
            json!({ "extensions": named(&sha256("{ __typename }")) }),
        ] {
            assert_eq!(code(&post(&server, body.clone()).await), "DOCUMENT_NOT_TRUSTED", "{body}");
        }
        assert_eq!(code(&post(&server, json!({ "documentId": "x" })).await), "DOCUMENT_NOT_FOUND");
    }
}

#[tokio::test]
async fn in_the_other_modes_everything_runs() {
    for mode in [TrustMode::Off, TrustMode::Log] {
        let (server, _folder) = trusting(mode, &json!({ "id": QUERY })).await;
        for body in [json!({ "documentId": "id" }), json!({ "query": "{ __typename }" })] {
            assert_eq!(post(&server, body).await["data"]["__typename"], "Query", "{mode:?}");
        }
    }
}

#[tokio::test]
async fn the_schema_can_be_hidden() {
    let queries = QueryOptions { hide_schema: true, ..QueryOptions::default() };
    let server = TestServer::with_settings(Settings { queries, ..Settings::default() }).await;

    let schema = post(&server, json!({ "query": "{ __schema { types { name } } }" })).await;
    assert_eq!(code(&schema), "INTROSPECTION_DISABLED", "{schema}");
    let guess = post(&server, json!({ "query": "{ carers { totalCount } }" })).await;
    assert!(!guess.to_string().contains("careers"), "{guess}");
    assert_eq!(post(&server, json!({ "query": "{ __typename }" })).await["data"]["__typename"], "Query");
}
