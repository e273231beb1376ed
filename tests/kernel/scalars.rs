//! Scalars: each says what specifies it, and the configurations of code generators map them all.
use std::{collections::BTreeSet, fs, path::Path};

use crate::harness::TestServer;

/// Scalars of the language itself.
const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap()
}

/// The scalars of the schema.
fn scalars() -> BTreeSet<String> {
    let sdl = file("schema/schema.graphql");
    let lines = sdl.lines().filter_map(|line| line.strip_prefix("scalar "));
    lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_scalar_says_what_specifies_it() {
    let server = TestServer::empty().await;
    let schema = server.query("{ __schema { types { kind name specifiedByURL } } }").await;
    let types = schema["__schema"]["types"].as_array().unwrap().iter();
    let own = types.filter(|own| own["kind"] == "SCALAR" && !BUILT_IN.contains(&own["name"].as_str().unwrap()));
    let sdl = file("schema/schema.graphql");
    let mut names = BTreeSet::new();
    for scalar in own {
        let name = scalar["name"].as_str().unwrap();
        let url = scalar["specifiedByURL"].as_str().unwrap_or_default();
        assert!(url.starts_with("https://"), "{name}: {url:?}");
        assert!(sdl.contains(&format!("\nscalar {name} @specifiedBy(url: \"{url}\")\n")), "{name}");
        names.insert(name.to_owned());
    }
    assert_eq!(names, scalars());
}

/// The scalars that a block of configuration maps, by what stands before and after their names.
fn mapped(block: &str, before: &str, after: &str) -> BTreeSet<String> {
    let lines = block.lines().filter_map(|line| line.trim_start().strip_prefix(before));
    let names = lines.filter_map(|rest| rest.split_once(after).map(|(name, _)| name));
    names
        .filter(|name| name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_configurations_of_code_generators_map_every_scalar() {
    let page = file("docs/codegen.md");
    let block = |heading: &str, language: &str| {
        let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("{heading}"));
        let section = section.split("\n## ").next().unwrap();
        let (_, block) =
            section.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("{heading}: {language}"));
        block.split("```").next().unwrap().to_owned()
    };
    for (heading, language, before, after) in [
        ("GraphQL Code Generator", "ts", "", ": \""),
        ("gql.tada", "ts", "", ": "),
        ("Apollo Kotlin", "kotlin", "mapScalarToKotlinString(\"", "\""),
        ("graphql-client for Rust", "rust", "type ", " = "),
    ] {
        let block = block(heading, language);
        let mut names = mapped(&block, before, after);
        if block.contains("mapScalarToKotlinAny(\"JSON\")") {
            names.insert("JSON".to_owned());
        }
        assert_eq!(names, scalars(), "{heading}");
    }
}
