//! The schema: committed, complete, and described to the last argument.
use std::{fs, path::Path};

use language::Schema;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

#[tokio::test]
async fn the_committed_schema_is_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/schema.graphql");
    let output = Binary::new(&["schema"]).run().await;

    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(output.out == committed, "schema/schema.graphql is stale; regenerate it with `just schema`");
}

#[tokio::test]
async fn the_committed_list_of_changes_is_that_since_the_last_release() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Binary::new(&["schema", "--changes-since", "schema/released.graphql"]).within(&root).run().await;

    let committed = fs::read_to_string(root.join("schema/CHANGELOG.md")).unwrap_or_default();
    assert!(output.out == committed, "schema/CHANGELOG.md is stale; regenerate it with `just schema`: {}", output.err);
    let (graph, _) = careerql_server::app().build().unwrap();
    let before = Schema::of(&fs::read_to_string(root.join("schema/released.graphql")).unwrap());
    for line in committed.lines().filter_map(|line| line.strip_prefix("- `")) {
        let (coordinate, what) = line.split_once('`').unwrap();
        let schema = if what == " is removed" { &before } else { graph.language() };
        assert!(schema.has_coordinate(coordinate), "{line}");
    }
}

#[tokio::test]
async fn what_is_no_schema_is_not_compared() {
    let folder = Folder::new();
    folder.file("other.graphql", "type Other { a: Int }");
    for (file, code) in [("none.graphql", "FILE_UNREADABLE"), ("other.graphql", "SCHEMA_INVALID")] {
        let output = Binary::new(&["schema", "--changes-since", file]).within(folder.path()).run().await;
        assert_eq!((output.status, output.out.as_str()), (1, ""), "{output:?}");
        assert!(output.err.contains(code) && output.err.contains(file), "{output:?}");
    }
}

const INTROSPECTION: &str = "{ __schema { types { name kind description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";

#[tokio::test]
async fn everything_has_a_sentence() {
    let server = TestServer::empty().await;
    let schema = server.query(INTROSPECTION).await;
    let mut silent = Vec::new();
    let mut check = |place: String, item: &Value| {
        let description = item["description"].as_str().unwrap_or_default();
        if !description.ends_with(['.', ')']) {
            silent.push(format!("{place}: {description:?}"));
        }
    };
    let items = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let is_own = |name: &&Value| {
        let name = name["name"].as_str().unwrap();
        !name.starts_with("__") && !["Boolean", "Float", "ID", "Int", "String"].contains(&name)
    };
    for own in schema["__schema"]["types"].as_array().unwrap().iter().filter(is_own) {
        let name = own["name"].as_str().unwrap();
        check(name.to_owned(), own);
        for member in ["fields", "inputFields", "enumValues"].iter().flat_map(|members| items(&own[members])) {
            check(format!("{name}.{}", member["name"].as_str().unwrap()), &member);
            for argument in items(&member["args"]) {
                check(
                    format!("{name}.{}({}:)", member["name"].as_str().unwrap(), argument["name"].as_str().unwrap()),
                    &argument,
                );
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[tokio::test]
async fn every_type_has_fields_and_is_used() {
    let server = TestServer::empty().await;
    let query = "{ __schema { types { name kind possibleTypes { name } fields(includeDeprecated: true) { type { ...T } args { type { ...T } } }
                   inputFields { type { ...T } } } } }
                 fragment T on __Type { name ofType { name ofType { name ofType { name } } } }";
    let schema = server.query(query).await;
    let types = schema["__schema"]["types"].as_array().unwrap();
    for own in types.iter().filter(|own| !own["name"].as_str().unwrap().starts_with("__")) {
        let name = own["name"].as_str().unwrap();
        for (kind, members) in [("OBJECT", "fields"), ("INTERFACE", "fields"), ("INPUT_OBJECT", "inputFields")] {
            assert!(
                own["kind"] != kind || own[members].as_array().is_some_and(|members| !members.is_empty()),
                "{name}"
            );
        }
        let named = format!("\"name\":\"{name}\"");
        let uses = schema.to_string().matches(&named).count();
        assert!(
            uses > 1
                || ["Query", "Mutation", "Subscription", "Int", "Float", "ID", "String", "Boolean"].contains(&name),
            "{name} is not used"
        );
    }
}

#[tokio::test]
async fn the_first_query_of_a_newcomer_works() {
    let server = TestServer::seeded().await;

    let found = server
        .query(
            r#"{ career(slug: "health-information-technology") { title roles(levels: [ENTRY]) { title duties { title } }
                 certifications { certification { title issuer { name } } } } }"#,
        )
        .await;

    assert_eq!(found["career"]["title"], "Health Information Technology");
    assert_eq!(found["career"]["roles"][0]["duties"].as_array().unwrap().len(), 6);
    assert_eq!(found["career"]["certifications"][0]["certification"]["issuer"], json!({ "name": "AHIMA" }));
}
