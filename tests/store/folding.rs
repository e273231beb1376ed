//! Text is compared by what it says: upper and lower case, and ways to write one letter, make no difference, in old databases too.
use sea_orm::ConnectionTrait as _;

use crate::harness::{Binary, Folder, TestServer};

async fn slugs(server: &TestServer, arguments: &str) -> String {
    let data = server.query_once(&format!("{{ careers({arguments}) {{ nodes {{ slug }} }} }}")).await;
    let nodes = data["careers"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
}

async fn content() -> (TestServer, Folder) {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    for (slug, title) in [
        ("a", "Σίσυφος"),
        ("b", "Straße"),
        ("c", "Cafe\u{301}"),
        ("d", "İstanbul"),
        ("e", "Oﬃce"),
        ("f", "Caf\u{e9} owner"),
        ("g", "ẞ Zürich"),
    ] {
        folder.career(slug, &format!("\"{title}\""), "");
    }
    server.publish(&[folder.path().to_owned()]).await;
    (server, folder)
}

const CASES: [(&str, &str); 17] = [
    (r#"{startsWith: "ΣΊΣ"}"#, "a"),
    (r#"{eq: "ΣΊΣΥΦΟΣ"}"#, "a"),
    (r#"{endsWith: "Σ"}"#, "a"),
    (r#"{endsWith: "ς"}"#, "a"),
    (r#"{eq: "STRASSE"}"#, "b"),
    (r#"{contains: "ß"}"#, "b g"),
    (r#"{in: ["strasse", "OFFICE"]}"#, "b e"),
    ("{eq: \"caf\u{e9}\"}", "c"),
    ("{eq: \"CAFE\u{301}\"}", "c"),
    ("{startsWith: \"cafe\u{301}\"}", "c f"),
    ("{contains: \"CAF\u{c9}\"}", "c f"),
    ("{contains: \"cafe\"}", ""),
    (r#"{startsWith: "i̇"}"#, "d"),
    (r#"{startsWith: "istanbul"}"#, ""),
    (r#"{contains: "ffi"}"#, "e"),
    (r#"{startsWith: "SS Z"}"#, "g"),
    (r#"{notIn: ["σίσυφος", "STRASSE", "café", "İSTANBUL", "office", "CAFÉ OWNER"]}"#, "g"),
];

#[tokio::test]
async fn letters_are_compared_by_what_they_are() {
    let (server, _folder) = content().await;
    for (filter, expected) in CASES {
        let found = slugs(&server, &format!("filter: {{title: {filter}}}, orderBy: {{slug: ASC}}")).await;
        assert_eq!(found, expected, "{filter}");
    }
    let titles = server.query("{ c: career(slug: \"c\") { title } b: career(slug: \"b\") { title } }").await;
    assert_eq!(titles["c"]["title"], "Cafe\u{301}", "what people read stays");
    assert_eq!(titles["b"]["title"], "Straße");
    // Pages go on where they stopped.
    let whole = slugs(&server, "orderBy: {title: ASC}").await;
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let query = format!(
            "{{ careers(first: 1, orderBy: {{title: ASC}}{after}) {{ nodes {{ slug }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let page = server.query_once(&query).await["careers"].clone();
        found.push(page["nodes"][0]["slug"].as_str().unwrap().to_owned());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(found.join(" "), whole);
    assert!(whole.starts_with("c f "), "{whole}");
}

#[tokio::test]
async fn texts_of_an_old_database_are_found_after_its_migration() {
    let (server, _folder) = content().await;
    // As an earlier version left it.
    for (slug, title) in
        [("a", "σίσυφος"), ("b", "straße"), ("c", "cafe\u{301}"), ("d", "i̇stanbul"), ("e", "oﬃce"), ("g", "ß zürich")]
    {
        let old = format!("UPDATE career SET title = '{title}' WHERE node_key = '{slug}'");
        server.db.execute_unprepared(&old).await.unwrap();
    }
    let undone = "DELETE FROM migration_careers WHERE version LIKE '%000050_text'";
    server.db.execute_unprepared(undone).await.unwrap();

    let output = Binary::new(&["migrate"]).database(&server.database.url).run().await;

    assert_eq!(output.status, 0, "{}", output.err);
    for (filter, expected) in CASES {
        let found = slugs(&server, &format!("filter: {{title: {filter}}}, orderBy: {{slug: ASC}}")).await;
        assert_eq!(found, expected, "{filter}");
    }
}
