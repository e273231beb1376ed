//! Answers of graphql-js to the documents of `corpus/`, over every way in.
use std::{collections::BTreeMap, fs, path::Path};

use reqwest::Method;
use serde_json::{Value, json, value::RawValue};

use crate::harness::TestServer;

/// Documents that are answered in another way, and why.
const DIFFERENT: [(&str, &str); 2] = [
    ("syntax.txt: the empty document", "an empty `query` is none: clients that name a stored document send it so"),
    (
        "coercion.txt: a variable that may be null where exactly one field is given",
        "refused by the specification of September 2025 (5.8.5); graphql-js does not see it within a list",
    ),
];

struct Document {
    name: String,
    query: String,
    variables: Box<RawValue>,
    operation: Option<String>,
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus")
}

fn documents() -> Vec<Document> {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).collect();
    files.sort();
    let mut documents = Vec::new();
    for path in files {
        let (text, file) =
            (fs::read_to_string(&path).unwrap(), path.file_name().unwrap().to_string_lossy().into_owned());
        for part in format!("\n{}", text.strip_suffix('\n').unwrap_or(&text)).split("\n=== ").skip(1) {
            documents.push(document(&file, part));
        }
    }
    documents
}

fn document(file: &str, part: &str) -> Document {
    let (name, mut text) = part.split_once('\n').unwrap_or((part, ""));
    let mut marked = |mark: &str| {
        let (line, rest) = text.strip_prefix(mark)?.split_once('\n')?;
        text = rest;
        Some(line.to_owned())
    };
    let (variables, operation) = (marked("%% "), marked("@@ "));
    let unusual = [
        ("BOM", "\u{FEFF}"),
        ("CR", "\r"),
        ("LF", "\n"),
        ("TAB", "\t"),
        ("BEL", "\u{7}"),
        ("NBSP", "\u{A0}"),
        ("LS", "\u{2028}"),
    ];
    let query = unusual.iter().fold(text.to_owned(), |text, (name, char)| text.replace(&format!("⟦{name}⟧"), char));
    let variables = RawValue::from_string(variables.unwrap_or_else(|| "{}".to_owned())).unwrap();
    Document { name: format!("{file}: {name}"), query, variables, operation }
}

/// The places of all errors, in order. Of fields that conflict deep inside, graphql-js names those around them, too.
fn places(errors: &Value) -> Vec<(String, Vec<String>)> {
    let errors = errors.as_array().into_iter().flatten();
    let mut places: Vec<_> = errors
        .map(|error| {
            let mut locations: Vec<_> = error["locations"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|at| format!("{}:{}", at["line"], at["column"]))
                .collect();
            locations.sort();
            (error["path"].to_string(), locations)
        })
        .collect();
    places.sort();
    places
}

/// Differences between an answer and the expected one.
fn difference(answer: &Value, expected: &Value) -> Option<String> {
    let data = |answer: &Value| answer.get("data").cloned().unwrap_or_default();
    let (ours, theirs) = (places(&answer["errors"]), places(&expected["errors"]));
    if data(answer) != data(expected) {
        return Some(format!("data: {} instead of {}; {}", data(answer), data(expected), answer["errors"]));
    }
    (ours != theirs).then(|| format!("places: {ours:?} instead of {theirs:?}; {}", answer["errors"]))
}

#[tokio::test]
async fn documents_are_answered_as_graphql_js_does() {
    let server = TestServer::seeded().await;
    let expected: BTreeMap<String, Value> =
        serde_json::from_slice(&fs::read(folder().join("expected.json")).unwrap()).unwrap();
    let documents = documents();
    assert_eq!(documents.len(), expected.len(), "expected.json is as old as the documents");

    let mut differences = Vec::new();
    for Document { name, query, variables, operation } in &documents {
        let body = json!({ "query": query, "operationName": operation });
        let body = format!("{},\"variables\":{variables}}}", body.to_string().strip_suffix('}').unwrap());
        let request = server.http(Method::POST).header("accept", "application/graphql-response+json");
        let answer = request.header("content-type", "application/json").body(body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        if let Some(difference) = difference(&answer, &expected[name]) {
            differences.push(format!("{name}\n  {difference}"));
        }
    }
    let is_known = |difference: &&String| DIFFERENT.iter().any(|(name, _)| difference.starts_with(name));
    let unknown: Vec<_> = differences.iter().filter(|difference| !is_known(difference)).cloned().collect();
    assert!(unknown.is_empty(), "{} of {}:\n{}", unknown.len(), documents.len(), unknown.join("\n"));
}
