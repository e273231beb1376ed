//! `changes`: a site that takes in the difference says the same as one that is built anew.
use std::collections::BTreeMap;

use kernel::store::{ChangeInfo, Mode, rename_entry, unpublish};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

/// The pages of a site, by slug, and the content version that they show.
#[derive(Default)]
struct Site {
    titles: BTreeMap<String, String>,
    version: String,
}

/// The page of changes after a version, and the rest of the answer.
async fn page(server: &TestServer, since: &str, arguments: &str) -> Value {
    let query = format!(
        "{{ changes(since: \"{since}\"{arguments}) {{ version pageInfo {{ hasNextPage endCursor }} nodes {{ \
         change kind slug formerSlug version cacheTags node {{ ... on Certification {{ slug title }} }} }} }} }}"
    );
    server.query(&query).await["changes"].clone()
}

impl Site {
    /// Reads everything.
    async fn built(server: &TestServer) -> Self {
        let query =
            "{ certifications(first: 100) { nodes { slug title } } changes(since: \"0\", first: 0) { version } }";
        let data = server.query(query).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let nodes = data["certifications"]["nodes"].as_array().unwrap();
        let titles = nodes.iter().map(|node| (text(&node["slug"]), text(&node["title"]))).collect();
        Self { titles, version: text(&data["changes"]["version"]) }
    }

    /// Takes in what changed since, page by page.
    async fn update(&mut self, server: &TestServer) {
        let mut after = String::new();
        loop {
            let page = page(server, &self.version, &format!(", first: 2, kinds: [CERTIFICATION]{after}")).await;
            for change in page["nodes"].as_array().unwrap() {
                let slug = change["slug"].as_str().unwrap();
                if change["node"].is_null() {
                    self.titles.remove(slug);
                } else if change["node"]["slug"] == slug {
                    self.titles.insert(slug.to_owned(), change["node"]["title"].as_str().unwrap().to_owned());
                } else {
                    // An old slug leads to the entry, which has a page of its own.
                    self.titles.remove(slug);
                }
            }
            if page["pageInfo"]["hasNextPage"] == false {
                page["version"].as_str().unwrap().clone_into(&mut self.version);
                return;
            }
            after = format!(", after: {}", page["pageInfo"]["endCursor"]);
        }
    }
}

#[tokio::test]
async fn a_site_that_takes_in_the_difference_is_the_site_built_anew() {
    let server = TestServer::empty().await;
    let (folder, content, change) = (Folder::new(), server.graph.content(), ChangeInfo::now("editor", ""));
    let mut site = Site::built(&server).await;
    assert_eq!(site.version, "0");
    for step in 0..24_usize {
        let slug = ["a", "b", "c", "d"][step % 4];
        match step % 7 {
            3 => {
                unpublish(&server.db, content, "certification", slug, &change).await.unwrap();
            }
            5 => {
                // The entry of that slug may be gone, or have another by now.
                let _renamed =
                    rename_entry(&server.db, content, "certification", slug, &format!("{slug}-{step}"), &change).await;
            }
            6 => server.import(&[folder.certification("e", &format!("Drafted {step}"))], Mode::Draft).await,
            _ => {
                let title = format!(
                    "kind: certification\nslug: {slug}\ntitle: Title {step}\nissuer: {{name: X}}\nlevel: ENTRY\nsummary: S.\n"
                );
                let paths = [folder.file("it.yaml", &title)];
                let progress = std::sync::Arc::new(|_, _| {});
                // A slug that was given up is refused.
                let _imported =
                    kernel::store::import_files(&server.db, content, &paths, Mode::Publish, &change, progress).await;
            }
        }
        if step % 3 == 0 {
            site.update(&server).await;
            let anew = Site::built(&server).await;
            assert_eq!((&site.titles, &site.version), (&anew.titles, &anew.version), "after step {step}");
        }
    }
    assert!(site.titles.len() > 2, "{:?}", site.titles);
}

#[tokio::test]
async fn each_change_says_what_it_was() {
    let server = TestServer::empty().await;
    let (folder, content, change) = (Folder::new(), server.graph.content(), ChangeInfo::now("editor", ""));
    server.publish(&[folder.certification("x", "A"), folder.certification("y", "A")]).await;
    let known = Site::built(&server).await.version;
    let nothing = page(&server, &known, "").await;
    assert_eq!(
        (&nothing["nodes"], &nothing["version"]),
        (&json!([]), &json!(known)),
        "where nothing changed, it says so"
    );

    server.import(&[folder.certification("x", "Drafted")], Mode::Draft).await;
    assert_eq!(page(&server, &known, "").await, nothing, "a draft is no change");
    server.publish(&[folder.certification("x", "B"), folder.certification("z", "A")]).await;
    rename_entry(&server.db, content, "certification", "x", "w", &change).await.unwrap();
    unpublish(&server.db, content, "certification", "y", &change).await.unwrap();

    let told = page(&server, &known, "").await;
    let nodes = told["nodes"].as_array().unwrap();
    let of =
        |node: &Value| [&node["change"], &node["slug"], &node["formerSlug"], &node["node"]["slug"]].map(Value::clone);
    let text = |texts: [&str; 4]| texts.map(|text| if text.is_empty() { Value::Null } else { json!(text) });
    assert_eq!(
        nodes.iter().map(of).collect::<Vec<_>>(),
        [
            text(["UPDATED", "x", "", "w"]),
            text(["PUBLISHED", "z", "", "z"]),
            text(["RENAMED", "w", "x", "w"]),
            text(["WITHDRAWN", "x", "", "w"]),
            text(["WITHDRAWN", "y", "", ""]),
        ],
        "{told:#}"
    );
    assert_eq!(nodes[2]["cacheTags"], json!(["certification", "certification:w", "certification:x"]));
    assert_eq!(told["version"], nodes[4]["version"]);
    assert_eq!(page(&server, &known, ", kinds: [CAREER]").await["nodes"], json!([]));
    let end = page(&server, &known, ", last: 2").await;
    assert_eq!(end["nodes"].as_array().unwrap()[..], nodes[3..], "from the end, the oldest first as well");
    let cursor = nodes[3]["version"].as_str().unwrap();
    let before = page(&server, &known, &format!(", last: 2, before: \"{cursor}\"")).await;
    assert_eq!(before["nodes"].as_array().unwrap()[..], nodes[1..3]);
    assert_eq!(before["pageInfo"]["hasNextPage"], true);

    let token = server.token(&["read-drafts"]).await;
    let query = "{ changes(since: \"0\") { version nodes { slug } } }";
    let before = format!("as-of:{}", (server.now() - chrono::TimeDelta::days(1)).to_rfc3339());
    let past = server.send_in(&before, &token, query, json!({})).await;
    assert_eq!(past["data"]["changes"], json!({ "version": "0", "nodes": [] }));
    let drafts = server.send_in("draft", &token, query, json!({})).await;
    assert_eq!(drafts["data"]["changes"], server.query(query).await["changes"], "the log is of what was published");
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_and_what_can_is_a_few_statements() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let ask = async |arguments: &str| {
        server.ask(&format!("{{ changes({arguments}) {{ nodes {{ slug }} }} }}"), json!({})).await
    };
    assert_eq!(ask("since: \"5\"").await.codes(), ["VERSION_UNKNOWN"], "as after a backup was restored");
    assert_eq!(ask("since: \"0\", after: \"x\"").await.codes(), ["BAD_CURSOR"]);
    assert_eq!(ask("since: \"0\", first: 101").await.codes(), ["PAGE_TOO_LARGE"]);
    assert_eq!(ask("since: \"soon\"").await.errors.len(), 1);
    for odd in ["-7", "+5", "05", "", "9999999999999999999", "5.0"] {
        assert_eq!(ask(&format!("since: \"{odd}\"")).await.errors.len(), 1, "{odd}");
        assert_eq!(ask(&format!("since: \"0\", after: \"{odd}\"")).await.codes(), ["BAD_CURSOR"], "{odd}");
    }

    let (both, none) =
        (ask("since: \"0\", first: 1, last: 1").await, ask("since: \"0\", last: 3, before: \"1\"").await);
    assert_eq!((both.codes(), &none.data["changes"]["nodes"]), (vec!["BAD_PAGE"], &json!([])));

    let statements = async |slugs: std::ops::Range<u32>| {
        let paths: Vec<_> = slugs.map(|number| folder.certification(&format!("c{number}"), "A")).collect();
        server.publish(&paths).await;
        let query = "{ changes(since: \"0\", first: 100) { nodes { slug cacheTags node { id ... on Certification { title updatedAt } } } } }";
        server.ask(query, json!({})).await.statements
    };
    let few = statements(0..2).await;
    assert_eq!(statements(2..60).await, few);

    let url = format!("{}?query={{changes(since:\"0\"){{nodes{{slug}}}}}}", server.url);
    let answer = reqwest::Client::new().request(Method::GET, url).send().await.unwrap();
    let tags = answer.headers()["cache-tag"].to_str().unwrap().to_owned();
    assert_eq!(tags, "career,category,certification,dataset,source", "whatever is published makes it another");
}
