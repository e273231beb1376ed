//! Quality: rules with examples that hold, and findings where editors look for them.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use kernel::{
    document::Severity,
    store::{Mode, Reports, check_files},
};
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Writes the documents of an example.
fn write(folder: &Folder, example: &str) {
    for (number, document) in example.split("\n---\n").enumerate().filter(|(_, document)| !document.is_empty()) {
        let ending = if document.starts_with('{') { "jsonl" } else { "yaml" };
        folder.file(&format!("{number}.{ending}"), document);
    }
}

fn check(example: &str) -> Reports {
    let (graph, _) = careerql_server::app().build().unwrap();
    let folder = Folder::new();
    write(&folder, example);
    check_files(graph.content(), &[folder.path().to_owned()], &|_, _| {}).reports(graph.content())
}

fn rules_of(reports: &Reports) -> Vec<(&'static str, Severity)> {
    reports.listed.iter().map(|report| (report.finding.rule, report.finding.severity)).collect()
}

#[test]
fn the_examples_of_every_rule_hold() {
    let (graph, _) = careerql_server::app().build().unwrap();
    for rule in graph.content().rules() {
        let good = check(rule.good);
        assert_eq!(good.errors, 0, "{}: {:#?}", rule.id, good.listed);
        // They need bytes that no text has, a server that knows the date or has synced a data set, and an import before.
        let elsewhere = ["unreadable-file", "changed-since-import", "stale-figure"];
        if elsewhere.contains(&rule.id) || ["stale-dataset", "dataset-rows", "differs-from-data"].contains(&rule.id) {
            continue;
        }
        assert!(!rules_of(&good).iter().any(|(id, _)| *id == rule.id), "{}: {:#?}", rule.id, good.listed);
        let bad = check(rule.bad);
        assert!(rules_of(&bad).contains(&(rule.id, rule.severity)), "{}: {:#?}", rule.id, bad.listed);
        assert!(rule.about.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn a_file_that_is_no_text_is_reported() {
    let (graph, _) = careerql_server::app().build().unwrap();
    let folder = Folder::new();
    fs::write(folder.path().join("a.yaml"), [0xff, 0xfe, 0x00]).unwrap();
    let reports = check_files(graph.content(), &[folder.path().to_owned()], &|_, _| {}).reports(graph.content());
    assert_eq!(rules_of(&reports), [("unreadable-file", Severity::Error)]);
}

/// Texts in quotation marks right after these words, in all sources of the modules.
fn reported() -> BTreeSet<String> {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.ends_with("server") && !folder.ends_with("bench") {
            files(&folder.join("src"), &mut found);
        }
    }
    let mut ids = BTreeSet::new();
    for file in found {
        let text: String = fs::read_to_string(file).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "findings.error( \"",
            "findings.error(\"",
            "findings.warning(\"",
            " error(\"",
            "rule: \"",
            "self.error( \"",
            "(error(\"",
            "..error(\"",
        ] {
            ids.extend(text.split(words).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    ids
}

#[test]
fn every_rule_that_can_be_reported_is_documented() {
    let (graph, _) = careerql_server::app().build().unwrap();
    let documented: BTreeSet<_> = graph.content().rules().map(|rule| rule.id.to_owned()).collect();
    let reported: BTreeSet<_> = reported()
        .into_iter()
        .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
        .collect();
    assert!(reported.len() > 15, "{reported:?}");
    let missing: Vec<_> = reported.difference(&documented).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn the_page_of_rules_is_that_of_the_code() {
    let output = crate::harness::Binary::new(&["rules"]).run().await;
    let page = fs::read_to_string(root().join("RULES.md")).unwrap();
    assert!(page == output.out, "RULES.md is not what `careerql rules` prints: run `just rules`");
}

#[tokio::test]
async fn the_rules_are_in_the_graph() {
    let server = TestServer::empty().await;
    let rules = server.query("{ rules { id severity about good bad } }").await["rules"].clone();
    let band = rules.as_array().unwrap().iter().find(|rule| rule["id"] == "duplicate-band").unwrap();
    assert_eq!(band["severity"], "ERROR");
    assert!(band["bad"].as_str().unwrap().contains("stage: ENTRY"));
}

fn source(folder: &Folder, release: &str) -> PathBuf {
    let text = format!("kind: source\nslug: survey\ntitle: S\npublisher: P\nnextReleaseOn: {release}\n");
    folder.file("sources/survey.yaml", &text)
}

#[tokio::test]
async fn a_figure_is_stale_from_the_release_of_its_source_on() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let found = async |server: &TestServer| {
        let query = "{ career(slug: \"a\") { findings { rule severity path message } warnings: findings(severity: WARNING, rule: \"stale-figure\") { rule } } }";
        server.query(query).await["career"].clone()
    };
    let career = folder.career("a", "A", &Folder::median(50_000));
    server.publish(&[source(&folder, "2999-01-01"), career]).await;
    assert_eq!(found(&server).await, json!({ "findings": [], "warnings": [] }));
    let before = server.now().to_rfc3339();

    server.publish(&[source(&folder, "2026-02-01")]).await;
    let stale = found(&server).await;
    assert_eq!(stale["findings"][0]["rule"], "stale-figure");
    assert_eq!(stale["findings"][0]["path"], "pay.median");
    assert_eq!(stale["warnings"].as_array().map(Vec::len), Some(1));
    let token = server.token(&["read-drafts"]).await;
    let query = "{ career(slug: \"a\") { findings { rule } } }";
    let then = server.send_in(&format!("as-of:{before}"), &token, query, json!({})).await;
    assert_eq!(then["data"]["career"]["findings"], json!([]), "then it was not");

    // A figure of the new release.
    server.publish(&[folder.career("a", "A", &Folder::median(50_000).replace("2025-05-01", "2026-02-01"))]).await;
    assert_eq!(found(&server).await["findings"], json!([]));
}

#[tokio::test]
async fn findings_of_what_is_published_tell_nothing_of_drafts() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let related = "relatedGuides: [{title: Another, career: other}]\n";
    server.publish(&[folder.career("a", "A", related)]).await;
    let query = "{ career(slug: \"a\") { findings { rule message path } } }";
    let absent = server.query(query).await;
    assert_eq!(absent["career"]["findings"][0]["rule"], "broken-link");
    server.import(&[folder.career("other", "Drafted", "")], Mode::Draft).await;
    assert_eq!(server.query(query).await, absent, "drafted or absent looks the same");
    let token = server.token(&["read-drafts"]).await;
    let drafts = server.send_in("draft", &token, query, json!({})).await;
    assert_eq!(drafts["data"]["career"]["findings"], json!([]));
    server.publish(&[folder.career("other", "Published", "")]).await;
    assert_eq!(server.query(query).await["career"]["findings"], json!([]));
}

#[tokio::test]
async fn editors_page_through_all_findings() {
    let server = TestServer::seeded().await;
    let folder = Folder::new();
    let related =
        "relatedGuides: [{title: One, career: one}, {title: Two, career: two}, {title: Three, career: three}]\n";
    let paths: Vec<_> =
        (0..60).map(|n| folder.career(&format!("c{n:02}"), "C", if n % 20 == 7 { related } else { "" })).collect();
    server.import(&paths, Mode::Draft).await;
    let token = server.token(&["read-drafts"]).await;
    let query = "query($after: String, $first: Int, $rule: String) { findings(first: $first, after: $after, rule: $rule, kinds: [CAREER]) \
                 { nodes { kind slug finding { rule path } } pageInfo { hasNextPage endCursor } } }";
    let all = async |first: usize, rule: Value| {
        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "first": first, "after": after, "rule": rule });
            let page = server.send_in("draft", &token, query, variables).await["data"]["findings"].clone();
            let nodes = page["nodes"].as_array().unwrap();
            assert!(nodes.len() <= first);
            found.extend(nodes.iter().map(|node| (node["slug"].clone(), node["finding"]["path"].clone())));
            if page["pageInfo"]["hasNextPage"] == false {
                return found;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    };
    let whole = all(100, Value::Null).await;
    let ours = whole.iter().filter(|(slug, _)| slug.as_str().unwrap().starts_with('c')).count();
    assert_eq!(ours, 9, "three findings each: {whole:?}");
    for first in [1, 2, 4] {
        assert_eq!(all(first, Value::Null).await, whole, "{first} at a time");
    }
    assert_eq!(all(5, json!("duplicate-key")).await, []);
    let bad = server.send_in("draft", &token, query, json!({ "after": "x" })).await;
    assert_eq!(bad["errors"][0]["extensions"]["code"], "BAD_CURSOR");
    let errors = "{ findings(severity: ERROR) { nodes { slug } } }";
    assert_eq!(
        server.send(&token, errors, json!({})).await["data"]["findings"]["nodes"],
        json!([]),
        "the seed has no errors"
    );
    let refused = server.ask("{ findings { nodes { slug } } }", json!({})).await;
    assert_eq!(refused.codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn the_walk_goes_on_after_a_thousand_documents_without_findings() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let line = |number| format!("{{\"kind\":\"career\",\"slug\":\"c{number:04}\",\"title\":\"C\",\"summary\":\"S.\"");
    let lines: Vec<_> = (0..1_010).map(|number| format!("{}}}\n", line(number))).collect();
    let last = format!("{},\"relatedGuides\":[{{\"title\":\"T\",\"career\":\"nowhere\"}}]}}\n", line(2_000));
    server.publish(&[folder.file("careers.jsonl", &(lines.concat() + &last))]).await;
    let token = server.token(&["read-drafts"]).await;

    let query = "query($after: String) { findings(after: $after) { nodes { slug finding { rule } } pageInfo { hasNextPage endCursor } } }";
    let first = server.send(&token, query, json!({})).await["data"]["findings"].clone();
    assert_eq!((&first["nodes"], &first["pageInfo"]["hasNextPage"]), (&json!([]), &json!(true)));
    let variables = json!({ "after": first["pageInfo"]["endCursor"] });
    let second = server.send(&token, query, variables).await["data"]["findings"].clone();
    assert_eq!(second["nodes"], json!([{ "slug": "c2000", "finding": { "rule": "broken-link" } }]));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
}

#[tokio::test]
async fn what_depends_on_the_day_is_not_kept() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.source("survey"), folder.career("a", "A", &Folder::median(50_000))]).await;
    for (query, control) in [
        ("{ career(slug: \"a\") { findings { rule } } }", "no-store"),
        ("{ career(slug: \"a\") { title } }", "public, max-age=0, must-revalidate"),
    ] {
        let request = server.http(reqwest::Method::GET).query(&[("query", query)]);
        let response = request.header("accept", "application/json").send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], control, "{query}");
    }
}

/// Objects that stand only below one with `dataset`, or in a manifest.
const OF_DATA_SETS: [&str; 10] = [
    "DataFigure",
    "DatasetFile",
    "DatasetScale",
    "EducationEstimate",
    "ElementRating",
    "ExposureScale",
    "LevelAnchor",
    "OccupationMetadatum",
    "RatingScale",
    "TaskRating",
];

#[tokio::test]
async fn every_number_that_could_be_doubted_carries_a_source() {
    let server = TestServer::empty().await;
    let query = "{ __schema { types { name kind fields { name type { name ofType { name ofType { name ofType { name } } } } } } } }";
    let schema = server.query(query).await;
    for ty in schema["__schema"]["types"].as_array().unwrap().iter().filter(|ty| ty["kind"] == "OBJECT") {
        let fields = ty["fields"].as_array().unwrap();
        let has_floats = fields.iter().any(|field| field["type"].to_string().contains("\"Float\""));
        let names: BTreeSet<_> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
        // The range that a computed band adjusts says in its derivation which figure and which adjustment it is made of.
        let is_derived = names.contains("derivation");
        // Figures of publishers: they, or the objects above them, name the data set.
        let is_of_dataset = names.contains("dataset") || OF_DATA_SETS.contains(&ty["name"].as_str().unwrap());
        assert!(
            !has_floats || is_derived || is_of_dataset || (names.contains("source") && names.contains("asOf")),
            "{}: {names:?}",
            ty["name"]
        );
    }
}
