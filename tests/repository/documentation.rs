//! The documentation, held true: its queries can be asked, and its commands exist.
use std::{collections::BTreeSet, fs, path::Path};

use crate::harness::{Binary, TestServer};

/// The pages for users, by name.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = docs
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .chain(["README.md", "CONTRIBUTING.md", "UPGRADING.md"].map(|page| root.join(page)));
    let mut pages: Vec<_> =
        pages.map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())).collect();
    pages.sort();
    pages
}

/// The blocks of code in a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    page.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[tokio::test]
async fn every_query_can_be_asked() {
    let (server, mut asked) = (TestServer::seeded().await, 0);
    let (graph, _) = careerql_server::app().build().unwrap();
    for (page, text) in pages() {
        for query in blocks(&text, "graphql") {
            asked += 1;
            let document = language::parse(query).unwrap_or_else(|error| panic!("{page}: {}\n{query}", error.message));
            let broken = graph.language().validate(&document).err().unwrap_or_default();
            assert!(broken.is_empty(), "{page}: {:?}\n{query}", broken.iter().map(|broken| &broken.message));
            if query.trim_start().starts_with('{') {
                server.query(query).await;
            }
        }
    }
    assert!(asked >= 4, "{asked} queries are found");
}

/// The words of a command line, without what is a comment.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" #").next().unwrap();
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

#[tokio::test]
async fn every_command_exists() {
    let mut commands = BTreeSet::new();
    for (page, text) in pages() {
        let lines = blocks(&text, "sh").into_iter().flat_map(str::lines).map(str::to_owned);
        let code = text.split('`').map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "));
        for line in lines.chain(code) {
            if let Some(command) = line.trim().strip_prefix("careerql ").filter(|command| !command.contains('…')) {
                commands.insert((page.clone(), words(command)));
            }
        }
    }
    assert!(commands.len() > 15, "{commands:?}");
    for (page, mut arguments) in commands {
        // What stands for a value, such as `ID`, is none.
        arguments.retain(|word| !word.bytes().all(|byte| byte.is_ascii_uppercase()));
        arguments.push("--help".to_owned());
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = Binary::new(&arguments).run().await;
        assert_eq!(output.status, 0, "{page}: {arguments:?}: {output:?}");
    }
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    for (page, text) in pages() {
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            if file.contains("://") || file.is_empty() {
                continue;
            }
            let target = Path::new(&page).parent().unwrap().join(file);
            assert!(target.exists(), "{page} links to {file}");
            if let Some((_, anchor)) = link.split_once('#') {
                let titles = fs::read_to_string(&target).unwrap();
                let is_it = |line: &str| line.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-") == anchor;
                assert!(titles.lines().any(is_it), "{page} links to {link}");
            }
        }
    }
}

#[test]
fn the_first_page_is_short() {
    let readme = pages().into_iter().find(|(page, _)| page.ends_with("README.md")).unwrap().1;
    assert!(readme.lines().count() <= 120, "{} lines", readme.lines().count());
}
