//! The language, where a mistake would do something: defaults that skip a mutation, characters of strings that are stored.
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::TestServer;

async fn post(server: &TestServer, query: &str, variables: Value) -> Value {
    let request = server.http(Method::POST).header("accept", "application/graphql-response+json");
    request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_mutation_that_a_default_skips_is_not_done() {
    let server = TestServer::seeded().await;
    let admin = server.token(&["administer"]).await;
    let query = "mutation($d: Boolean = true) { createToken(name: \"skipped\", scopes: [\"publish\"]) @skip(if: $d) { secret } __typename }";

    let answer = server.send(&admin, query, json!({})).await;

    assert_eq!(answer, json!({ "data": { "__typename": "Mutation" } }));
    let tokens = server.send(&admin, "{ tokens { name } }", json!({})).await.to_string();
    assert!(tokens.contains("name") && !tokens.contains("skipped"), "{tokens}");
}

#[tokio::test]
async fn strings_have_the_characters_that_they_are_written_with() {
    let server = TestServer::seeded().await;

    for (written, value) in [
        (r#""\uD83D\uDE00""#, "😀"),
        (r#""\u{1F600} \u00e9 \u{41} é😀""#, "😀 é A é😀"),
        (r#""\"\\\/ \t""#, "\"\\/ \t"),
        ("\"\"\"say \\\"\"\" now\"\"\"", "say \"\"\" now"),
        ("\"\"\"\n    one\r\n      two\r\r    three \\u0041\n  \"\"\"", "one\n  two\n\nthree \\u0041"),
        ("\"\"", ""),
    ] {
        let query = format!("\u{FEFF}# 😀\nquery($id: ID! = {written}) {{ node(id: $id) {{ id }} }}");
        let answer = post(&server, &query, json!({})).await;
        let told = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(told.contains(&format!("`{value}`")), "{written}: {answer}");
    }
}

#[tokio::test]
async fn a_syntax_error_has_its_line_and_column() {
    let server = TestServer::seeded().await;

    for (written, column) in [
        (r#""\uD83D""#, 17),
        (r#""\uDE00\uD83D""#, 17),
        (r#""\u{110000}""#, 17),
        (r#""\u{}""#, 17),
        (r#""\x""#, 17),
        (r#""😀 \U0041""#, 20),
        ("\"a\nb\"", 18),
        ("\"a", 18),
        ("00", 17),
        ("1.", 18),
        ("0x1", 17),
        ("1.5.1", 19),
        ("?", 16),
        (")", 16),
    ] {
        let answer = post(&server, &format!("# é\r\n{{ career(slug: {written}"), json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "GRAPHQL_PARSE_FAILED", "{written}: {answer}");
        assert_eq!(error["locations"], json!([{ "line": 2, "column": column }]), "{written}: {answer}");
    }
}
