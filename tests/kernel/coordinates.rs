//! Schema coordinates in findings.
use kernel::{
    async_graphql::registry::{MetaType, MetaTypeName},
    coordinate,
    document::Path,
    store::ContentModel,
};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

#[tokio::test]
async fn a_finding_names_the_field_of_the_schema_that_answers_its_place() {
    let server = TestServer::empty().await;
    let found = server
        .query(
            r#"{ checkCareer(document: { slug: "x", title: "X", summary: "S", tags: ["a", "a"],
                 roles: [{ key: "a", title: "A" }, { key: "a", title: "B" }],
                 pay: { median: { amount: 5, currency: "USD", period: YEAR, source: "none", asOf: "2025-05-01" } } })
                 { rule path coordinate } }"#,
        )
        .await;

    let found = found["checkCareer"].as_array().unwrap();
    let of = |path: &str| &found.iter().find(|finding| finding["path"] == path).unwrap()["coordinate"];
    assert_eq!(of("roles[1].key"), "Role.key", "{found:?}");
    assert_eq!(of("pay.median.source"), "Money.source", "{found:?}");
}

#[tokio::test]
async fn a_check_for_programs_has_a_line_for_each_finding() {
    let folder = Folder::new();
    folder.career("x", "X", "titel: Y\nroles: [{key: a, title: 5}]\npay: {median: 5}\n");
    folder.file("broken.yaml", "kind: career\nslug: [\n");

    let checked = Binary::new(&["check", "--format", "json", "."]).within(folder.path()).run().await;

    assert_eq!(checked.status, 1, "{checked:?}");
    let lines: Vec<Value> = checked.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        lines.iter().map(|line| (&line["line"], &line["rule"], &line["path"], &line["coordinate"])).collect();
    let expected = [
        (json!(2), json!("yaml"), json!(""), Value::Null),
        (json!(5), json!("unknown-field"), json!("titel"), Value::Null),
        (json!(6), json!("wrong-type"), json!("roles[0].title"), json!("Role.title")),
        (json!(7), json!("wrong-type"), json!("pay.median"), json!("Pay.median")),
    ];
    let expected: Vec<_> = expected.iter().map(|(line, rule, path, of)| (line, rule, path, of)).collect();
    assert_eq!(told, expected);
    assert!(lines.iter().all(|line| line["message"].is_string() && line["severity"] == "error"), "{lines:?}");
}

/// All places of fields within a type of documents.
fn places(content: &ContentModel, ty: &str, at: &Path, found: &mut Vec<Path>) {
    found.push(at.clone());
    let Some(MetaType::InputObject { input_fields, .. }) =
        content.input_types.types.get(MetaTypeName::concrete_typename(ty))
    else {
        return;
    };
    for field in input_fields.values() {
        places(content, &field.ty, &at.then(field.name.as_str()), found);
    }
}

#[test]
fn every_field_of_a_document_has_a_coordinate_unless_answers_hold_it_otherwise() {
    let (graph, _) = careerql_server::app().build().unwrap();
    let (content, mut without) = (graph.content(), Vec::new());
    for kind in content.kinds() {
        let mut found = vec![Path::default().then("slug")];
        for (name, field) in &kind.fields {
            places(content, &field.shape.ty, &Path::default().then(name.as_str()), &mut found);
        }
        assert!(found.len() > 5, "{}: {found:?}", kind.name);
        let missing = found.iter().filter(|path| coordinate(graph.language(), content, kind.name, path).is_none());
        without.extend(missing.map(|path| format!("{}: {}", kind.name, path)));
    }
    let outer = |path: &String| without.iter().all(|other| !path.starts_with(&format!("{other}.")));
    let outermost: Vec<_> = without.iter().filter(|path| outer(path)).collect();
    // Bands are answered by `Career.salaryBands`, with what they are derived from.
    assert_eq!(outermost, ["career: pay.bands"]);
}
