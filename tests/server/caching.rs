//! Caching: validators, tags, and what is never kept.
use careerql_server::{CacheOptions, Settings};
use kernel::Perspective;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer, eventually};

async fn get(server: &TestServer, query: &str, headers: &[(&str, &str)]) -> Response {
    let request = server.http(Method::GET).query(&[("query", query)]);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

const ONE: &str = r#"{ career(slug: "one") { title certifications { certification { title } } } }"#;

async fn with_content() -> (TestServer, Folder) {
    let server = TestServer::empty().await;
    let content = Folder::new();
    content.certification("cert", "Issuer");
    content.career("one", "One", "certifications: [{certification: cert, why: It helps., when: Early.}]\n");
    server.publish(&[content.path().to_owned()]).await;
    (server, content)
}

#[tokio::test]
async fn an_answer_has_a_strong_validator_and_is_not_executed_again() {
    let (server, content) = with_content().await;
    let first = get(&server, ONE, &[]).await;
    let etag = header(&first, "etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() > 10, "{etag}");
    assert_eq!(header(&first, "cache-control"), "public, max-age=0, must-revalidate");
    assert!(header(&first, "vary").contains("accept-encoding"));

    let before = server.statements();
    for tags in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let again = get(&server, ONE, &[("if-none-match", &tags)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{tags}");
        assert_eq!(header(&again, "etag"), etag);
        assert_eq!(header(&again, "cache-tag"), "career:one,certification:cert");
        assert_eq!(again.text().await.unwrap(), "");
    }
    assert_eq!(server.statements(), before, "nothing was executed");
    assert_eq!(get(&server, ONE, &[("if-none-match", "\"other\"")]).await.status(), StatusCode::OK);

    content.career("one", "Another", "");
    server.publish(&[content.path().to_owned()]).await;
    let changed = get(&server, ONE, &[("if-none-match", &etag)]).await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert_ne!(header(&changed, "etag"), etag);
    assert_eq!(changed.json::<Value>().await.unwrap()["data"]["career"]["title"], "Another");
}

#[tokio::test]
async fn each_encoding_has_a_validator_of_its_own() {
    let server = TestServer::seeded().await;
    let query = include_str!("../page.graphql");
    let plain = get(&server, query, &[]).await;
    let etag = header(&plain, "etag").to_owned();
    let plain = plain.text().await.unwrap();
    for (accept, encoding) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.1", "gzip")] {
        let response = get(&server, query, &[("accept-encoding", accept)]).await;
        assert_eq!(header(&response, "content-encoding"), encoding);
        assert_ne!(header(&response, "etag"), etag);
        let tag = header(&response, "etag").to_owned();
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.len() * 2 < plain.len(), "{} of {}", bytes.len(), plain.len());
        let again = get(&server, query, &[("accept-encoding", accept), ("if-none-match", &tag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&again, "etag"), tag);
        for other in [&etag, "\"*\""] {
            let other = get(&server, query, &[("accept-encoding", accept), ("if-none-match", other)]).await;
            assert_eq!(other.status(), StatusCode::OK, "these bytes are others");
        }
    }
}

#[tokio::test]
async fn tags_name_what_an_answer_depends_on() {
    let (server, _content) = with_content().await;
    let cases = [
        (ONE, "career:one,certification:cert"),
        (r#"{ career(slug: "none") { title } }"#, "career:none"),
        (r#"{ career(slug: "no slug, at all") { title } }"#, ""),
        (r#"{ careers(filter: {title: {eq: "none"}}) { nodes { slug } } }"#, "career"),
        ("{ careers { totalCount } }", "career"),
        (r#"{ careers(filter: {certifications: {some: {slug: {eq: "x"}}}}) { totalCount } }"#, "career,certification"),
        (r#"{ certification(code: "cert") { careers { nodes { slug } } } }"#, "career,certification:cert"),
        (r#"{ certification(code: "cert") { careers { totalCount } } }"#, "career,certification:cert"),
        ("{ roles { nodes { id } } }", "career"),
        (r#"{ node(id: "bm90aGluZw") { id } }"#, ""),
        ("{ __typename }", ""),
    ];
    for (query, tags) in cases {
        for time in ["the first time", "from the cache"] {
            assert_eq!(header(&get(&server, query, &[]).await, "cache-tag"), tags, "{time}: {query}");
        }
    }
    let slugs: Vec<_> = (0..25).map(|n| format!(r#"a{n}: career(slug: "none-{n}") {{ slug }}"#)).collect();
    let slugs = slugs.join(" ");
    assert_eq!(header(&get(&server, &format!("{{ {slugs} }}"), &[]).await, "cache-tag").split(',').count(), 25);
    let ids: Vec<String> = (0..90)
        .map(|number| {
            use base64::Engine;
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("Career:none-{number}"))
        })
        .collect();
    let many = format!("{{ nodes(ids: {ids:?}) {{ id }} }}");
    assert_eq!(header(&get(&server, &many, &[]).await, "cache-tag"), "career");
}

#[tokio::test]
async fn errors_and_drafts_are_never_kept() {
    let (server, _content) = with_content().await;
    for query in ["{ nothing }", "{", "{ careers(first: -1) { totalCount } }", r#"{ node(id: "?") { id } }"#] {
        let response = get(&server, query, &[]).await;
        assert_eq!(header(&response, "cache-control"), "no-store", "{query}");
        assert_eq!(header(&response, "etag"), "", "{query}");
    }
    let drafts = TestServer::with(careerql_server::app(), Perspective::Draft).await;
    let response = get(&drafts, "{ careers { totalCount } }", &[]).await;
    assert_eq!((response.status(), header(&response, "cache-control")), (StatusCode::OK, "no-store"));
    assert_eq!(header(&response, "etag"), "");
}

#[tokio::test]
async fn lifetimes_and_the_header_of_tags_can_be_set() {
    let caching = CacheOptions {
        max_age_seconds: 60,
        shared_max_age_seconds: Some(3600),
        cache_tag_header: "surrogate-key".parse().unwrap(),
        ..CacheOptions::default()
    };
    let server = TestServer::with_settings(Settings { caching, ..Settings::default() }).await;

    let response = get(&server, r#"{ career(slug: "a") { slug } certification(code: "b") { slug } }"#, &[]).await;

    assert_eq!(header(&response, "cache-control"), "public, max-age=60, s-maxage=3600");
    assert_eq!(header(&response, "surrogate-key"), "career:a certification:b");

    let caching = CacheOptions {
        shared_max_age_seconds: Some(300),
        stale_while_revalidate_seconds: Some(60),
        stale_if_error_seconds: Some(86_400),
        ..CacheOptions::default()
    };
    let server = TestServer::with_settings(Settings { caching, ..Settings::default() }).await;
    let response = get(&server, "{ careers { totalCount } }", &[]).await;
    // `must-revalidate` would forbid what the others allow.
    let expected = "public, max-age=0, s-maxage=300, stale-while-revalidate=60, stale-if-error=86400";
    assert_eq!(header(&response, "cache-control"), expected);
    let response = get(&server, "{ nothing }", &[]).await;
    assert_eq!(header(&response, "cache-control"), "no-store", "an error is not kept for longer");
}

#[tokio::test]
async fn batches_are_kept_as_a_whole_or_not_at_all() {
    let (server, content) = with_content().await;
    let post = async |body: &Value| {
        let response = server.http(Method::POST).json(body).send().await.unwrap();
        (header(&response, "cache-control").to_owned(), response.json::<Value>().await.unwrap())
    };
    let good = json!([{ "query": ONE }, { "query": "{ careers { totalCount } }" }]);
    let (control, first) = post(&good).await;
    assert!(control.starts_with("public"), "{control}");
    assert_eq!(post(&good).await.1, first);
    content.career("two", "Two", "");
    server.publish(&[content.path().to_owned()]).await;
    assert_eq!(post(&good).await.1[1]["data"]["careers"]["totalCount"], 2);
    assert_eq!(post(&json!([{ "query": ONE }, { "query": "{ nothing }" }])).await.0, "no-store");
}

#[tokio::test]
async fn what_another_process_publishes_is_not_hidden_by_a_cache() {
    let (server, content) = with_content().await;
    let title = async || get(&server, ONE, &[]).await.json::<Value>().await.unwrap()["data"]["career"]["title"].clone();
    assert_eq!(title().await, "One");
    assert_eq!(title().await, "One");

    content.career("one", "From elsewhere", "");
    let path = content.path().to_str().unwrap();
    let output = Binary::new(&["import", path, "--publish"]).database(&server.database.url).run().await;
    assert_eq!(output.status, 0, "{}", output.err);

    eventually("what another process published is shown", async || title().await == "From elsewhere").await;
}
