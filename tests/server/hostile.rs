//! Hostile requests: none crashes the process, shows its inside, keeps others waiting, or leaves memory behind.
use std::{io::Write as _, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::harness::{PATIENCE, Running, TestDatabase};

/// The name of a request, its body, and the `Content-Encoding` it is sent with.
type Hostile = (String, Vec<u8>, &'static str);

fn query(name: &str, query: impl Into<String>, variables: Value) -> Hostile {
    let body = json!({ "query": query.into(), "variables": variables });
    (name.to_owned(), body.to_string().into_bytes(), "identity")
}

fn raw(name: &str, body: impl Into<Vec<u8>>) -> Hostile {
    (name.to_owned(), body.into(), "identity")
}

fn spreads(levels: usize, times: usize, leaf: &str) -> String {
    let level =
        |level: usize| format!("fragment F{level} on Query {{ {} }}", format!("...F{} ", level + 1).repeat(times));
    let fragments: Vec<_> = (0..levels).map(level).collect();
    format!("{{ ...F0 }} {} fragment F{levels} on Query {{ {leaf} }}", fragments.join(" "))
}

pub fn many(number: usize, one: impl Fn(usize) -> String) -> String {
    (0..number).map(one).collect::<Vec<_>>().join(" ")
}

fn documents() -> Vec<Hostile> {
    let mut all = Vec::new();
    for (levels, times) in [(22, 2), (60, 2), (3, 8), (10, 8), (30, 8), (5, 100)] {
        all.push(query(
            &format!("{levels} levels of {times} spreads"),
            spreads(levels, times, "__typename"),
            json!({}),
        ));
        let leaf = "careers(first: 100) { nodes { title } }";
        all.push(query(&format!("{levels} levels of {times} lists"), spreads(levels, times, leaf), json!({})));
    }
    for bracket in ["{", "[", "("] {
        for depth in [64, 99, 101, 5_000, 60_000, 500_000] {
            all.push(query(&format!("{depth} {bracket}"), format!("{{a{}", bracket.repeat(depth)), json!({})));
        }
    }
    for depth in [4, 8, 20, 500] {
        let (open, close) = ("{roles{career".repeat(depth), "}}".repeat(depth));
        let cycle = format!("{{careers{{nodes{open}{{title}}{close}}}}}");
        all.push(query(&format!("a cycle of content, {depth} times"), cycle, json!({})));
    }
    let loose = |leaf: &str| spreads(29, 8, leaf).replacen("{ ...F0 }", "query A{__typename} query B{...F0}", 1);
    all.push(query("missing fragments", spreads(29, 8, "...Missing"), json!({})));
    all.push(raw("another operation", json!({ "query": loose("a:__typename"), "operationName": "A" }).to_string()));
    all.push(query("unused fragments that grow", loose("__typename").replace("query B{...F0}", ""), json!({})));
    let texts = [
        ("a cycle", "{...A} fragment A on Query{...B} fragment B on Query{...A}".to_owned()),
        ("a cycle below a field", "{careers{nodes{...A}}} fragment A on Career{roles{career{...A}}}".to_owned()),
        ("aliases", format!("{{{}}}", many(1_000, |n| format!("a{n}:__typename")))),
        ("aliased lists", format!("{{{}}}", many(30, |n| format!("a{n}:careers(first:100){{nodes{{title}}}}")))),
        ("the same field", format!("{{{}}}", "__typename ".repeat(1_900))),
        ("the same field below", format!("{{careers{{nodes{{{}}}}}}}", "title ".repeat(1_900))),
        ("directives", format!("{{{}}}", "__typename @include(if:true) ".repeat(300))),
        ("unknown directives", format!("{{__typename {}}}", "@aa ".repeat(1_500))),
        ("unknown fields", format!("{{careers{{nodes{{{}}}}}}}", many(1_900, |n| format!("titel{n}")))),
        ("unknown arguments", format!("{{careers({}){{totalCount}}}}", many(1_200, |n| format!("x{n}:1")))),
        ("unknown types", format!("{{__typename}} {}", many(600, |n| format!("fragment F{n} on Careerr{n} {{a}}")))),
        ("unused fragments", format!("{{__typename}} {}", many(600, |n| format!("fragment F{n} on Career {{slug}}")))),
        ("unused variables", format!("query({}){{__typename}}", many(1_200, |n| format!("$v{n}:Int")))),
        (
            "undefined variables",
            format!("{{careers{{nodes{{{}}}}}}}", many(40, |n| format!("a{n}:salaryBands(place:$v{n}){{stage}}"))),
        ),
        ("conflicts", format!("{{careers{{nodes{{{}}}}}}}", "a:title a:slug ".repeat(49))),
        (
            "overlaps",
            format!(
                "{{careers{{nodes{{{}}}}}}} fragment F on Career{{{}}}",
                "...F ".repeat(500),
                "roles{title} ".repeat(300)
            ),
        ),
        ("operations", many(700, |n| format!("query Q{n}{{__typename}}"))),
        ("deep introspection", format!("{{__schema{{types{}{{name}}{}}}}}", "{fields{type".repeat(8), "}}".repeat(8))),
        (
            "much introspection",
            format!(
                "{{{}}}",
                many(30, |n| format!("a{n}:__schema{{types{{fields{{name args{{name type{{name}}}}}}}}}}"))
            ),
        ),
        (
            "a tower of introspection",
            format!("{{__schema{{types{{fields{{type{{fields{{type{{fields{{{}}}}}}}}}}}}}}}}}", "name ".repeat(1_000)),
        ),
        ("a deep type", format!("{{__type(name:\"Career\"){{{}name{}}}}}", "ofType{".repeat(18), "}".repeat(18))),
        ("a long comment", format!("#{}\n{{__typename}}", "x".repeat(900_000))),
        ("a long string", format!("{{career(slug:\"{}\"){{slug}}}}", "x".repeat(900_000))),
        ("a long block string", format!("{{career(slug:\"\"\"{}\"\"\"){{slug}}}}", "\\\"\"\"".repeat(10_000))),
        ("commas", format!("{{{}__typename}}", ",".repeat(60_000))),
        ("an open string", format!("{{career(slug:\"{}", "\\".repeat(50_001))),
        ("a surrogate", "{career(slug:\"\\ud800\"){slug}}".to_owned()),
        ("too large a number", "{careers(first:99999999999999999999){nodes{slug}}}".to_owned()),
        ("a negative number", "{careers(last:-5){nodes{slug}}}".to_owned()),
        (
            "lists in lists",
            "{careers(first:100){nodes{certifications{certification{careers(first:100){nodes{title}}}}}}}".to_owned(),
        ),
        (
            "nested lists as a value",
            format!("{{careers(filter:{{or:{}{}}}){{totalCount}}}}", "[".repeat(90), "]".repeat(90)),
        ),
    ];
    all.extend(texts.into_iter().map(|(name, text)| query(name, text, json!({}))));
    all
}

fn variables() -> Vec<Hostile> {
    let filtered = |name: &str, filter: Value| {
        query(name, "query($f:CareerFilter){careers(filter:$f){totalCount}}", json!({ "f": filter }))
    };
    let nested = |depth: usize| (0..depth).fold(json!({}), |inner, _| json!({ "not": inner }));
    let numbers = |number: usize| (0..number).map(|n| n.to_string()).collect::<Vec<_>>();
    let contains = |text: String| json!({ "title": { "contains": text } });
    let after = "query($c:String){careers(after:$c){nodes{slug}}}";
    let roles: Vec<_> = (0..2_000).map(|n| json!({ "key": format!("k{n}"), "title": "t", "duties": [] })).collect();
    let links: Vec<_> =
        (0..2_000).map(|n| json!({ "certification": format!("c{n}"), "why": "w", "when": "w" })).collect();
    let check = "query($d:CareerDocument!){checkCareer(document:$d){rule}}";
    let document =
        |field: &str, value: Value| json!({ "d": { "slug": "x", "title": "t", "summary": "s", field: value } });
    vec![
        filtered("a deep filter", nested(60)),
        filtered("a wide filter", json!({ "or": vec![contains("x".into()); 5_000] })),
        filtered(
            "a filter as wide as may be",
            json!({ "or": numbers(60).into_iter().map(contains).collect::<Vec<_>>() }),
        ),
        filtered("a long list", json!({ "slug": { "in": numbers(100_000) } })),
        filtered("a list as long as may be", json!({ "slug": { "in": numbers(1_000) } })),
        filtered("wildcards", contains("%_".repeat(450))),
        filtered("a long text", contains("a".repeat(900_000))),
        filtered("a null character", contains("\0".into())),
        filtered("not a text", json!({ "title": { "contains": { "a": [1] } } })),
        query("a null character", "query($s:String!){career(slug:$s){slug}}", json!({ "s": "\0" })),
        query("quotes", "query($s:String!){career(slug:$s){slug}}", json!({ "s": "'; DROP TABLE entry; --" })),
        query("many ids", "query($i:[ID!]!){nodes(ids:$i){id}}", json!({ "i": numbers(100_000) })),
        query("bad ids", "query($i:[ID!]!){nodes(ids:$i){id}}", json!({ "i": numbers(100) })),
        query(
            "a long order",
            "query($o:[CareerOrder!]){careers(orderBy:$o){totalCount}}",
            json!({ "o": vec![json!({ "title": "ASC" }); 1_000] }),
        ),
        query("a long cursor", after, json!({ "c": "A".repeat(800_000) })),
        query(
            "a forged cursor",
            after,
            json!({ "c": "eyJvcmRlciI6InRpdGxlIEFzYywgbm9kZV9rZXkgQXNjIiwia2V5cyI6WyJcdTAwMDAiLCInOyAtLSJdfQ" }),
        ),
        query("a document of many roles", check, document("roles", json!(roles))),
        query("a document of many links", check, document("certifications", json!(links))),
        query("many variables", "{__typename}", numbers(60_000).into_iter().map(|n| (n, json!(1))).collect()),
    ]
}

fn bodies() -> Vec<Hostile> {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let batch = |number: usize| json!(vec![json!({ "query": "{__typename}" }); number]).to_string();
    let dear = json!({ "query": "{careers(first:100){nodes{title roles{title duties{title}}}}}" });
    let mut all = vec![
        raw("nothing", ""),
        raw("null", "null"),
        raw("a number", "1e999"),
        raw("deep JSON", format!("{{\"query\":\"{{a}}\",\"variables\":{}", "{\"a\":".repeat(100_000))),
        raw("deep lists", "[".repeat(500_000)),
        raw("no UTF-8", b"{\"query\":\"\xff\xfe\"}".to_vec()),
        raw("spaces", format!("{}{{\"query\":\"{{__typename}}\"}}", " ".repeat(1_000_000))),
        raw("many keys", format!("{{{}}}", many(60_000, |n| format!("\"k{n}\":{n},")).trim_end_matches(','))),
        raw("the same key", r#"{"query":"{__typename}","query":5}"#),
        raw("junk in a batch", r#"[null,1,"x",{},{"query":null},[[]]]"#),
        raw("too large", vec![b' '; 3_000_000]),
        raw("a dear batch", json!(vec![dear; 10]).to_string()),
        raw(
            "a junk hash",
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "x".repeat(500_000) } } })
                .to_string(),
        ),
        raw("no hash", r#"{"extensions":{"persistedQuery":[]}}"#),
    ];
    all.extend([11, 10_000].map(|number| raw(&format!("a batch of {number}"), batch(number))));
    all.push(("a gzip bomb".into(), gzip(&vec![b' '; 100_000_000]), "gzip"));
    all.push(("no gzip".into(), vec![0x1f, 0x8b, 1, 2, 3], "gzip"));
    all.push(("no brotli".into(), vec![7; 1_000], "br"));
    all
}

/// Requests whose address or head is hostile.
fn heads(client: &Client, url: &str) -> Vec<(String, reqwest::RequestBuilder)> {
    let get = |name: &str, value: &str| client.get(url).query(&[(name, value)]);
    let thin = || get("query", "{__typename}");
    let long = "x".repeat(9_000);
    let mut all = vec![
        ("no query", client.get(url)),
        ("a mutation", get("query", "mutation{archive(entries:[]){errors{code}}}")),
        ("variables that are none", thin().query(&[("variables", "[")])),
        ("extensions that are none", thin().query(&[("extensions", "7")])),
        ("the same parameter", thin().query(&[("query", "{")])),
        ("a preview", thin().query(&[("preview", &long)])),
        ("bad escapes", client.get(format!("{url}?query=%ff%00%zz{{__typename}}"))),
    ]
    .into_iter()
    .map(|(name, request)| (name.to_owned(), request))
    .collect::<Vec<_>>();
    let names = ["accept", "accept-encoding", "authorization", "careerql-perspective", "if-none-match", "x-request-id"];
    for name in
        names.into_iter().chain(["content-type", "cookie", "origin", "range", "sec-websocket-key", "traceparent"])
    {
        let values = ["", ",,,;q=;;", "*", "W/\"", "Bearer ", "draft", "as-of:+1", "release:'", "preview:a.b", &long];
        all.extend(values.map(|value| (format!("{name}: {value:.20}"), thin().header(name, value))));
    }
    all
}

/// The answer must be one that a client can read, and show nothing of the inside.
fn check(name: &str, status: StatusCode, text: &str) {
    let is_answered = status.is_success() || status == StatusCode::NOT_MODIFIED || status.is_client_error();
    assert!(is_answered, "{name}: {status} {text:.300}");
    assert!(!text.contains("\"INTERNAL\""), "{name}: {text:.300}");
}

async fn round(client: &Client, url: &str, all: &[Hostile]) {
    for (name, body, encoding) in all {
        let request = client.post(url).header("content-type", "application/json").header("content-encoding", *encoding);
        // A body that is too large may be refused before all of it is sent.
        let Ok(answer) = request.body(body.clone()).send().await else {
            assert!(body.len() > 1024 * 1024, "{name}: the connection broke");
            continue;
        };
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        check(name, status, &text);
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{name}: {text:.300}");
    }
}

/// The same by GET, as event streams and over a WebSocket, as far as they can be sent so.
async fn other_ways(client: &Client, url: &str, all: &[Hostile]) {
    for (name, request) in heads(client, url) {
        let answer = request.send().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        check(&name, answer.status(), &answer.text().await.unwrap());
    }
    for (name, body, _) in all {
        let Ok(Value::Object(parameters)) = serde_json::from_slice(body) else { continue };
        let text = parameters["query"].as_str().unwrap_or_default();
        if body.len() < 20_000 {
            let query =
                [("query", text), ("variables", &parameters.get("variables").map_or(String::new(), Value::to_string))];
            let answer = client.get(url).query(&query).send().await.unwrap();
            check(&format!("GET {name}"), answer.status(), &answer.text().await.unwrap());
        }
        let events = client.post(url).header("accept", "text/event-stream").json(&parameters).send().await.unwrap();
        check(&format!("events {name}"), events.status(), &events.text().await.unwrap());
        socket(url, name, &parameters).await;
    }
}

/// Sends an operation over a socket of its own. It is answered, or the socket is closed.
async fn socket(url: &str, name: &str, parameters: &serde_json::Map<String, Value>) {
    let mut request = url.replace("http://", "ws://").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let address = request.uri().authority().unwrap().to_string();
    let (mut socket, _) = client_async(request, TcpStream::connect(address).await.unwrap()).await.unwrap();
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": parameters });
    for message in [json!({ "type": "connection_init" }), subscribe] {
        // A message that is too large may be refused before all of it is sent.
        let _sent = socket.send(Message::text(message.to_string())).await;
    }
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        assert!(!text.contains("\"INTERNAL\""), "{name}: {text:.300}");
        if text.contains(r#""id":"1""#) {
            break;
        }
    }
}

/// Does something hostile while a neighbour asks a thin query, whose every answer must come.
async fn beside(url: &str, hostile: impl Future<Output = ()>) {
    let client = Client::new();
    let mut answers = 0;
    let neighbour = async {
        for number in 0.. {
            let body = json!({ "query": format!("{{ careers {{ totalCount }} }} # {number}") });
            let answer =
                timeout(PATIENCE, client.post(url).json(&body).send()).await.expect("it is answered meanwhile");
            let answer: Value = answer.unwrap().json().await.unwrap();
            assert_eq!(answer["data"]["careers"]["totalCount"], 1);
            answers += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = hostile => {}
        () = neighbour => {}
    }
    assert!(answers > 0, "the neighbour is answered beside it");
}

#[tokio::test]
async fn no_request_crashes_the_process_blocks_others_or_leaves_memory_behind() {
    let database = TestDatabase::fresh().await;
    let server = Running::start(Running::on(&database));
    let documents: Vec<Hostile> = [documents(), variables()].concat();
    let all: Vec<Hostile> = [documents.clone(), bodies()].concat();
    assert!(all.len() >= 100, "{}", all.len());
    let (client, url) = (Client::new(), server.url.as_str());

    beside(url, round(&client, url, &all)).await;
    let after_one = server.memory();
    for _ in 0..3 {
        let rounds = futures_util::future::join_all((0..4).map(|_| round(&client, url, &all)));
        beside(url, async { drop(rounds.await) }).await;
    }
    beside(url, other_ways(&client, url, &documents)).await;

    if let (Some(first), Some(last)) = (after_one, server.memory()) {
        // Many more rounds, four at a time: what is kept is bounded by the caches, which hold 256 MiB at most.
        assert!(last < first + 150, "{first} MiB after one round, {last} MiB after all the others");
    }
}
