//! Rules of the GraphQL specification that hold before anything is executed.
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::TestServer;

/// The status and the first error of a document, by the media type whose status speaks.
async fn sent(server: &TestServer, query: &str, variables: &Value) -> (u16, Value) {
    let request = server.http(Method::POST).header("accept", "application/graphql-response+json");
    let answer = request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn is_refused(server: &TestServer, query: &str, variables: Value, message: &str) {
    let (status, answer) = sent(server, query, &variables).await;
    assert_eq!(status, 422, "{query}: {answer}");
    assert_eq!(answer.get("data"), None, "{query}: {answer}");
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{query}: {answer}");
    assert!(error["locations"][0]["line"].is_u64(), "{query}: {answer}");
    let told = error["message"].as_str().unwrap_or_default();
    assert!(told.contains(message), "{query}: {told}");
}

async fn is_answered(server: &TestServer, query: &str, variables: Value) {
    let (status, answer) = sent(server, query, &variables).await;
    assert_eq!((status, answer.get("errors")), (200, None), "{query}: {answer}");
}

#[tokio::test]
async fn a_variable_stands_only_where_its_type_fits() {
    let server = TestServer::seeded().await;

    for (query, variables, message) in [
        (
            "query($a: String) { careers(first: $a) { totalCount } }",
            json!({}),
            "`$a` is of type `String`, and `first` takes `Int`",
        ),
        ("query($a: String) { career(slug: $a) { title } }", json!({ "a": "x" }), "`slug` takes `String!`"),
        ("query($a: ID!) { career(slug: $a) { title } }", json!({ "a": "x" }), "`ID!`"),
        (
            "query($a: Int) { careers(filter: { medianPay: { gte: $a } }) { totalCount } }",
            json!({ "a": 1 }),
            "`gte` takes",
        ),
        (
            "query($a: CareerFilter) { careers(filter: { and: [$a] }) { totalCount } }",
            json!({ "a": {} }),
            "`CareerFilter!`",
        ),
        ("query($a: [String!]!) { career(slug: $a) { title } }", json!({ "a": ["x"] }), "`[String!]!`"),
        ("query($a: Boolean) { careers { totalCount @skip(if: $a) } }", json!({ "a": true }), "`if` takes `Boolean!`"),
        (
            "query($a: String) { careers { ...Total } } fragment Total on CareerConnection { nodes { certifications { certification { careers(first: $a) { totalCount } } } } }",
            json!({}),
            "`first`",
        ),
    ] {
        is_refused(&server, query, variables, message).await;
    }
    for (query, variables) in [
        ("query($a: Int!) { careers(first: $a) { totalCount } }", json!({ "a": 1 })),
        ("query($a: String = \"x\") { career(slug: $a) { title } }", json!({})),
        (
            "query($a: CareerFilter!, $b: [CareerFilter!]) { careers(filter: { and: [$a], or: $b }) { totalCount } }",
            json!({ "a": {} }),
        ),
        ("query($a: Boolean = true) { careers { totalCount @skip(if: $a) } }", json!({})),
        ("query($a: Boolean!) { __schema @include(if: $a) { queryType { name } } }", json!({ "a": true })),
    ] {
        is_answered(&server, query, variables).await;
    }
}

#[tokio::test]
async fn fields_under_one_name_are_merged_or_refused() {
    let server = TestServer::seeded().await;

    for (query, message) in [
        ("{ careers { nodes { a: title ... on Career { a: slug } } } }", "`title` and `slug` are different fields"),
        ("{ careers { nodes { ...F a: title } } } fragment F on Career { a: slug }", "different fields"),
        (
            "{ careers { nodes { pay { median { a: amount } } } nodes { pay { median { a: currency } } } } }",
            "different",
        ),
        (
            "{ certifications { nodes { careers(first: 1) { totalCount } } nodes { careers(first: 2) { totalCount } } } }",
            "they have different arguments",
        ),
        ("{ nodes(ids: []) { ... on Role { t: level } ... on Career { t: tags } } }", "they return different types"),
        (
            "{ nodes(ids: []) { ... on Role { t: duties { x: title } } ... on Career { t: roles { x: level } } } }",
            "different types",
        ),
        ("{ node(id: \"x\") { x: id } ...F } fragment F on Query { node(id: \"x\") { x: __typename } }", "different"),
    ] {
        is_refused(&server, query, json!({}), message).await;
    }
    for query in [
        "{ careers { nodes { title } } ...F } fragment F on Query { careers { nodes { title slug } totalCount } }",
        "{ nodes(ids: []) { ... on Role { t: title } ... on Career { t: slug } } }",
        "{ nodes(ids: []) { id ... on Role { id x: duties { title } } ... on Career { x: roles { title: key } } } }",
        "query A { careers { nodes { a: title } } }",
    ] {
        is_answered(&server, query, json!({})).await;
    }
    let merged = "{ careers(first: 1) { nodes { ...A ...B } } } fragment A on Career { pay { median { amount } } } fragment B on Career { pay { median { currency } } }";
    let (_, answer) = sent(&server, merged, &json!({})).await;
    let median = &answer["data"]["careers"]["nodes"][0]["pay"]["median"];
    assert!(median["amount"].is_i64() && median["currency"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_wrong_value_ends_a_request_before_anything_is_done() {
    let server = TestServer::seeded().await;
    let admin = server.token(&["administer"]).await;
    let name = |name: &str| format!("m: createToken(name: \"{name}\", scopes: [\"publish\"]) {{ secret }}");

    for (query, variables) in [
        ("{ audit(first: 2147483648) { nodes { at } } }".to_owned(), json!({})),
        ("query($n: Int) { audit(first: $n) { nodes { at } } }".to_owned(), json!({ "n": 99_999_999_999_i64 })),
        ("query($n: Int = 99999999999) { careers(first: 1) { totalCount } }".to_owned(), json!({})),
        ("{ careers(filter: { medianPay: 1 }) { totalCount } }".to_owned(), json!({})),
        (
            "query($f: CareerFilter) { careers(filter: $f) { totalCount } }".to_owned(),
            json!({ "f": { "medianPay": 1 } }),
        ),
        ("{ careers(orderBy: { title: \"ASC\" }) { totalCount } }".to_owned(), json!({})),
        (
            format!(
                "mutation {{ {} b: createToken(name: \"b\", scopes: [\"publish\"], expiresAt: \"nope\") {{ secret }} }}",
                name("time")
            ),
            json!({}),
        ),
        (
            format!("mutation {{ {} b: createToken(name: \"b\", scopes: [\"nope\"]) {{ secret }} }}", name("scope")),
            json!({}),
        ),
        (
            format!(
                "mutation($s: [Scope!]!) {{ {} b: createToken(name: \"b\", scopes: $s) {{ secret }} }}",
                name("scopes")
            ),
            json!({ "s": ["nope"] }),
        ),
    ] {
        let request =
            server.http(Method::POST).header("accept", "application/graphql-response+json").bearer_auth(&admin);
        let answer = request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap();
        let (status, answer) = (answer.status(), answer.json::<Value>().await.unwrap());
        assert_eq!((status.as_u16(), answer.get("data")), (422, None), "{query}: {answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{query}: {answer}");
    }

    let tokens = server.send(&admin, "{ tokens { name } }", json!({})).await.to_string();
    assert!(tokens.contains("name") && !["time", "scope"].iter().any(|name| tokens.contains(name)), "{tokens}");
}
