//! Limits: what a stranger may ask, and what he is told when he asks for more.
use std::time::Duration;

use async_graphql::Object;
use careerql_server::{LimitMode, Limits, Settings};
use kernel::{App, Perspective, QueryRoot};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{PATIENCE, TestServer};

async fn server(limits: Limits) -> TestServer {
    TestServer::with_settings(Settings { limits, ..Settings::default() }).await
}

/// The code and message of the first error.
async fn refusal(server: &TestServer, query: &str) -> (String, String) {
    let answer = server.ask(query, json!({})).await;
    let error = answer.errors.first().unwrap_or_else(|| panic!("no error: {query}"));
    (error["extensions"]["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn each_limit_has_a_code_and_says_the_limit_and_the_value() {
    let limits = Limits {
        max_tokens: 60,
        max_depth: 5,
        max_aliases: 3,
        max_root_fields: 5,
        max_directives: 2,
        max_complexity: 100,
        max_page_size: 10,
        ..Limits::default()
    };
    let server = server(limits).await;
    let include = "@include(if: true)";
    let cases = [
        ("QUERY_TOO_LONG", format!("{{ __typename }} # {}", "x".repeat(100_000)), "100017", "65536"),
        ("TOO_MANY_TOKENS", format!("{{ __typename {} }}", "__typename ".repeat(100)), "103", "60"),
        ("QUERY_TOO_DEEP", "{ careers { nodes { roles { career { pay { throughYear } } } } } }".into(), "6", "5"),
        ("TOO_MANY_ALIASES", "{ a: __typename b: __typename c: __typename d: __typename }".into(), "4", "3"),
        ("TOO_MANY_ROOT_FIELDS", format!("{{ {} }}", "__typename ".repeat(6)), "6", "5"),
        (
            "TOO_MANY_DIRECTIVES",
            format!("{{ __typename {include} ...F {include} }} fragment F on Query {{ __typename {include} }}"),
            "3",
            "2",
        ),
        (
            "QUERY_TOO_COMPLEX",
            "{ careers(first: 10) { nodes { roles { title duties { title } } faq { id question } title slug id } } }"
                .into(),
            "511",
            "100",
        ),
        ("PAGE_TOO_LARGE", "{ careers(first: 11) { totalCount } }".into(), "11", "10"),
    ];
    for (code, query, value, limit) in cases {
        let (found, message) = refusal(&server, &query).await;
        assert_eq!(found, code, "{query} {message}");
        for number in [value, limit] {
            assert!(message.contains(number), "{number}: {message}");
        }
    }
    assert_eq!(refusal(&server, "{ nodes(ids: [1,2,3,4,5,6,7,8,9,10,11]) { id } }").await.0, "PAGE_TOO_LARGE");
    let default_page = "{ careers { nodes { slug title roles { title } faq { id question answer { plain } } } } }";
    assert_eq!(refusal(&server, default_page).await.0, "QUERY_TOO_COMPLEX", "20 objects, where the query does not say");
    server.query("{ careers(first: 2) { nodes { slug } } }").await;
}

#[tokio::test]
async fn page_sizes_in_variables_and_defaults_count() {
    let server = server(Limits { max_complexity: 50, ..Limits::default() }).await;
    let query = "query($n: Int = 60) { careers(first: $n) { nodes { slug } } }";

    assert_eq!(server.ask(query, json!({})).await.codes(), ["QUERY_TOO_COMPLEX"]);
    assert_eq!(server.ask(query, json!({ "n": 70 })).await.codes(), ["QUERY_TOO_COMPLEX"]);
    assert_eq!(server.ask(query, json!({ "n": 3 })).await.codes(), Vec::<&str>::new());
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    assert_eq!(server.ask(nodes, json!({ "ids": vec!["x"; 60] })).await.codes(), ["QUERY_TOO_COMPLEX"]);
}

#[tokio::test]
async fn fragments_count_as_often_as_they_are_spread() {
    let server = TestServer::empty().await;
    let doubling =
        (0..22).map(|level| format!("fragment F{level} on Query {{ ...F{next} ...F{next} }}", next = level + 1));
    let doubling = format!("{{ ...F0 }} {} fragment F22 on Query {{ __typename }}", doubling.collect::<String>());
    let eightfold =
        (0..10).map(|level| format!("fragment F{level} on Query {{ {} }}", format!("...F{} ", level + 1).repeat(8)));
    let eightfold = format!("{{ ...F0 }} {} fragment F10 on Query {{ __typename }}", eightfold.collect::<String>());
    for query in [doubling, eightfold] {
        let (code, message) = refusal(&server, &query).await;
        assert!(["QUERY_TOO_COMPLEX", "TOO_MANY_ROOT_FIELDS"].contains(&code.as_str()), "{code}: {message}");
    }
    let cycle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    assert_eq!(refusal(&server, cycle).await.0, "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn what_would_exhaust_the_process_is_refused_in_measure_mode_too() {
    let server = server(Limits { mode: LimitMode::Measure, max_depth: 1, ..Limits::default() }).await;
    server.query("{ careers { nodes { slug } } }").await;
    let levels =
        (0..40).map(|level| format!("fragment F{level} on Query {{ ...F{next} ...F{next} }}", next = level + 1));
    let bomb = format!("{{ ...F0 }} {} fragment F40 on Query {{ __typename }}", levels.collect::<String>());

    assert_eq!(refusal(&server, &bomb).await.0, "QUERY_TOO_COMPLEX");
    assert_eq!(refusal(&server, &"{".repeat(50_000)).await.0, "QUERY_TOO_DEEP");
}

#[tokio::test]
async fn the_introspection_is_limited_by_the_depth_of_its_lists() {
    let server = TestServer::empty().await;
    server.query(include_str!("../introspection.graphql")).await;

    let deep = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    assert_eq!(refusal(&server, deep).await.0, "INTROSPECTION_TOO_DEEP");
}

#[tokio::test]
async fn a_batch_has_a_length_and_a_cost_as_a_whole() {
    let server = server(Limits { max_batch: 3, max_complexity: 100, ..Limits::default() }).await;
    let post = async |body: Value| {
        let answer = server.http(Method::POST).json(&body).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let cheap = json!({ "query": "{ __typename }" });
    let dear = json!({ "query": "{ careers(first: 30) { nodes { slug } } }" });

    let answers = post(json!([cheap, { "query": "{ nothing }" }, { "query": 5 }])).await;
    assert_eq!(answers[0], json!({ "data": { "__typename": "Query" } }));
    assert_eq!(answers[1]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(answers[2]["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    assert_eq!(post(json!([cheap, cheap, cheap, cheap])).await["errors"][0]["extensions"]["code"], "BATCH_TOO_LONG");
    assert_eq!(post(json!([dear])).await[0]["data"]["careers"]["nodes"], json!([]));
    assert_eq!(post(json!([dear, dear])).await["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
    assert_eq!(post(json!([])).await["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}

#[tokio::test]
async fn the_cost_is_reported_when_asked_for() {
    let server = TestServer::empty().await;
    let body = json!({ "query": "{ careers(first: 7) { nodes { slug } } }", "extensions": { "cost": true } });

    let answer: Value = server.http(Method::POST).json(&body).send().await.unwrap().json().await.unwrap();

    assert_eq!(answer["extensions"]["cost"], json!({ "requested": 15, "maximum": 25_000 }));
}

fn slow(app: &mut App) {
    app.extend::<QueryRoot, Slow>();
}

struct Slow;

impl From<&QueryRoot> for Slow {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl Slow {
    /// Never answers.
    async fn slow(&self) -> bool {
        std::future::pending().await
    }
}

#[tokio::test]
async fn an_execution_has_a_time() {
    let max_execution_seconds = Duration::from_millis(50);
    let settings = Settings { limits: Limits { max_execution_seconds, ..Limits::default() }, ..Settings::default() };
    let server = TestServer::set_up(App::default().module("slow", slow), Perspective::Published, settings).await;
    let body = json!({ "query": "{ slow }" });

    let answer = server.http(Method::POST).json(&body).send().await.unwrap();

    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(answer.json::<Value>().await.unwrap()["errors"][0]["extensions"]["code"], "EXECUTION_TIMEOUT");
}

#[tokio::test]
async fn a_batch_has_the_time_of_one_request() {
    // A hundred times that is longer than anybody waits here.
    let max_execution_seconds = PATIENCE / 50;
    let limits = Limits { max_execution_seconds, max_batch: 100, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let server = TestServer::set_up(App::default().module("slow", slow), Perspective::Published, settings).await;

    let batch = json!(vec![json!({ "query": "{ slow }" }); 100]);
    let answer = timeout(PATIENCE, server.http(Method::POST).json(&batch).send()).await.expect("an answer in time");
    let answers: Value = answer.unwrap().json().await.unwrap();

    assert_eq!(answers.as_array().map(Vec::len), Some(100), "{answers}");
    for answer in answers.as_array().unwrap() {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "EXECUTION_TIMEOUT", "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("limit is 0.4"), "{answer}");
    }
}

#[tokio::test]
async fn bodies_are_limited_also_chunked_and_compressed() {
    use std::io::Write;
    let server = server(Limits { max_body_bytes: 1000, ..Limits::default() }).await;
    let body = |length: usize| format!(r#"{{"query": "{{ __typename }}{}"}}"#, " ".repeat(length));
    let post = async |encoding: &str, body: reqwest::Body| {
        let request = server.http(Method::POST).header("content-type", "application/json");
        request.header("content-encoding", encoding).body(body).send().await.unwrap().status()
    };
    let gzip = |text: String| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let chunked = |text: String| {
        let chunks =
            text.into_bytes().chunks(100).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
        reqwest::Body::wrap_stream(futures_util::stream::iter(chunks))
    };

    assert_eq!(post("identity", body(10).into()).await, StatusCode::OK);
    assert_eq!(post("identity", body(2000).into()).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(post("identity", chunked(body(10))).await, StatusCode::OK);
    assert_eq!(post("identity", chunked(body(2000))).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(post("gzip", gzip(body(10)).into()).await, StatusCode::OK);
    assert_eq!(post("gzip", gzip(body(500_000)).into()).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(post("gzip", body(10).into()).await, StatusCode::BAD_REQUEST);
    assert_eq!(post("compress", body(10).into()).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

/// A query that leads to `levels` fragments of `times` spreads each, and ends with `leaf`.
fn bomb(query: &str, times: usize, levels: usize, leaf: &str) -> String {
    let level =
        |level: usize| format!("fragment F{level} on Query {{ {} }}", format!("...F{} ", level + 1).repeat(times));
    let fragments: String = (0..levels).map(level).collect();
    format!("{query} {fragments} fragment F{levels} on Query {{ {leaf} }}")
}

#[tokio::test]
async fn what_a_document_leads_to_is_counted_in_full() {
    let server = TestServer::empty().await;
    let cases = [
        ("missing fragments", bomb("{ ...F0 }", 8, 29, "...Missing")),
        ("inline fragments", bomb("{ ...F0 }", 8, 29, "... { ... { __typename @skip(if: true) } }")),
        ("another operation", bomb("query A { __typename } query B { ...F0 }", 8, 29, "__typename")),
        ("fragments that nothing spreads", bomb("query A { __typename }", 8, 29, "__typename")),
        ("many spreads of much", bomb("{ ...F0 }", 60, 3, "...Missing ")),
    ];
    for (name, query) in cases {
        let body = json!({ "query": query, "operationName": query.starts_with("query A").then_some("A") });
        let answer = server.http(Method::POST).json(&body).send();
        let answer = timeout(PATIENCE, answer).await.expect(name).unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX", "{name}: {answer}");
    }
    let cheap = "{ ...F0 } fragment F0 on Query { ...Missing }";
    assert_eq!(refusal(&server, cheap).await.0, "GRAPHQL_VALIDATION_FAILED", "as long as it is cheap");
}

/// Fields of a career that lead to a career, this many of them, each in a fragment of its own where they are to be spread.
fn nested(levels: usize, is_spread: bool) -> String {
    if !is_spread {
        let (open, close) = ("{ roles { career ".repeat(levels / 2 - 1), " } }".repeat(levels / 2 - 1));
        return format!("{{ career(slug: \"none\") {open} {{ slug }} {close} }}");
    }
    let fragments = (0..levels).map(|level| {
        let (on, field) = if level % 2 == 0 { ("Career", "roles") } else { ("Role", "career") };
        format!("fragment F{level} on {on} {{ {field} {{ ...F{} }} }} ", level + 1)
    });
    let fragments: String = fragments.collect();
    format!("{{ career(slug: \"none\") {{ ...F0 }} }} {fragments} fragment F{levels} on Career {{ slug }}")
}

#[tokio::test]
async fn selections_are_nested_no_deeper_than_the_stack_bears() {
    // Lists in lists are dear, however little there is in them.
    let dear = Limits { max_complexity: u64::MAX, ..Limits::default() };
    let deep = Limits { max_depth: 64, max_query_bytes: 1_000_000, max_tokens: 100_000, ..dear.clone() };
    let measured = Limits { mode: LimitMode::Measure, ..deep.clone() };
    let inline = |levels: usize| format!("{} __typename {}", "... { ".repeat(levels), "} ".repeat(levels));
    let chain = |levels: usize, start: &str| {
        let fragment =
            |n| format!("fragment F{n} on Query {{ {} }}", inline(30).replace("__typename", &format!("...F{}", n + 1)));
        let fragments: String = (0..levels).map(fragment).collect();
        format!("{{ {start} }} {fragments} fragment F{levels} on Query {{ __typename }}")
    };
    for limits in [deep, measured] {
        let server = server(limits).await;
        for query in
            [chain(900, "...F0"), chain(900, "__typename"), chain(3, "...F3 ...F2 ...F1 ...F0"), nested(40, true)]
        {
            let (code, message) = refusal(&server, &query).await;
            assert_eq!(code, "QUERY_TOO_DEEP", "{query:.100}: {message}");
            assert!(message.contains("64"), "{message}");
        }
        server.query(&nested(20, true)).await;
        server.query(&nested(30, true)).await;
        server.query(&nested(60, false)).await;
    }
    let server = self::server(dear).await;
    let relay = nested(18, true);
    server.query(&relay).await;
}

#[tokio::test]
async fn an_introspection_has_a_cost_of_its_own() {
    let server = TestServer::empty().await;
    let tower = |names: usize| {
        let (open, close) = ("{ fields { type ".repeat(2), "} } ".repeat(2));
        let fields = format!("fragment A on __Field {{ {} }}", "name ".repeat(names));
        format!("{{ __schema {{ types {open} {{ fields {{ ...A }} }} {close} }} }} {fields}")
    };
    let (code, message) = refusal(&server, &tower(40)).await;
    assert_eq!(code, "INTROSPECTION_TOO_COMPLEX", "{message}");
    assert!(message.contains("300000"), "{message}");

    let measuring = self::server(Limits { mode: LimitMode::Measure, ..Limits::default() }).await;
    assert_eq!(refusal(&measuring, &tower(1000)).await.0, "INTROSPECTION_TOO_COMPLEX", "it would exhaust the process");
    let half = self::server(Limits { max_introspection_cost: 200_000, ..Limits::default() }).await;
    half.query(include_str!("../introspection.graphql")).await;
}

#[tokio::test]
async fn an_answer_is_made_of_so_much_content_and_no_more() {
    let limits = Limits { max_content_bytes: 2_000_000, max_complexity: u64::MAX, ..Limits::default() };
    let server = self::server(limits).await;
    server.publish(&[crate::harness::seed()]).await;
    let (open, close) = ("{ roles { career ".repeat(9), " } }".repeat(9));
    let cycle = format!("{{ career(slug: \"health-information-technology\") {open} {{ title }} {close} }}");

    let refused = timeout(PATIENCE, refusal(&server, &cycle)).await;
    let (code, message) = refused.expect("it is refused before all of it is made");

    assert_eq!(code, "ANSWER_TOO_LARGE");
    assert!(message.contains("2000000"), "{message}");
    server.query(include_str!("../page.graphql")).await;
}

#[tokio::test]
async fn lists_count_by_their_usual_length_and_what_is_dear_by_its_weight() {
    let server = TestServer::empty().await;
    let cost = async |query: &str| {
        let body = json!({ "query": query, "extensions": { "cost": true } });
        let answer: Value = server.http(Method::POST).json(&body).send().await.unwrap().json().await.unwrap();
        answer["extensions"]["cost"]["requested"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    };
    let thin = cost("{ careers(first: 100) { nodes { slug } } }").await;
    assert!(thin < 250, "a page counts once: {thin}");
    let with_edges = cost("{ careers(first: 100) { edges { node { slug } } } }").await;
    assert!(with_edges < 350, "{with_edges}");

    let findings = cost("{ careers(first: 100) { nodes { findings { message } } } }").await;
    assert!(findings > 10_000, "each is the check of a whole document: {findings}");
    let checked = "{ checkCareer(document: {slug: \"a\", title: \"A\", summary: \"S\"}) { message } }";
    assert!(cost(checked).await >= 100);
    let html = cost("{ careers(first: 100) { nodes { summary { html } } } }").await;
    assert!(html > cost("{ careers(first: 100) { nodes { summary { markdown } } } }").await);

    let deep = |levels: usize| {
        let (open, close) = ("{ relatedGuides { career ".repeat(levels), " } }".repeat(levels));
        format!("{{ career(slug: \"a\") {open} {{ title }} {close} }}")
    };
    let (two, three) = (cost(&deep(2)).await, cost(&deep(3)).await);
    assert!(three > 4 * two, "{two}, {three}");
    assert_eq!(refusal(&server, &deep(8)).await.0, "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn the_requests_of_a_batch_do_not_wait_for_each_other() {
    let max_execution_seconds = Duration::from_secs(5);
    let server = server(Limits { max_execution_seconds, max_complexity: u64::MAX, ..Limits::default() }).await;
    let introspection = include_str!("../introspection.graphql");
    let spread = |number: usize| {
        let fields = (0..60).map(|_| "...F ".to_owned()).collect::<String>();
        format!(
            "{{ careers(first: 1) {{ nodes {{ {fields} }} }} }} fragment F on Career {{ {} }} # {number}",
            "title ".repeat(100)
        )
    };
    for query in [&|number| format!("{introspection} # {number}"), &spread as &dyn Fn(usize) -> String] {
        let batch: Vec<_> = (0..6).map(|number| json!({ "query": query(number) })).collect();
        let answer = server.http(Method::POST).json(&batch).send().await.unwrap();
        let answers: Vec<Value> = answer.json().await.unwrap();
        assert_eq!(answers.len(), 6);
        for answer in answers {
            assert_eq!(answer.get("errors"), None, "{answer:.300}");
        }
    }
}
