//! Relay's rules, over the whole schema and for the logs of editors.
use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer, eventual, eventually};

/// The objects and interfaces of the schema: their name, what they implement, their fields.
fn objects() -> Vec<(String, Vec<String>, Vec<FieldDefinition>)> {
    let sdl = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/schema.graphql")).unwrap();
    let definitions = parse_schema(sdl).unwrap().definitions.into_iter();
    let objects = definitions.filter_map(|definition| {
        let TypeSystemDefinition::Type(definition) = definition else { return None };
        let (implements, fields) = match definition.node.kind {
            TypeKind::Object(object) => (object.implements, object.fields),
            TypeKind::Interface(interface) => (interface.implements, interface.fields),
            _ => return None,
        };
        let implements = implements.into_iter().map(|name| name.node.to_string()).collect();
        Some((definition.node.name.node.to_string(), implements, fields.into_iter().map(|field| field.node).collect()))
    });
    objects.collect()
}

#[test]
fn what_has_an_id_is_a_node() {
    for (name, implements, fields) in objects() {
        let has_id = fields.iter().any(|field| field.name.node == "id" && field.ty.node.to_string() == "ID!");
        assert!(!has_id || name == "Node" || implements.contains(&"Node".to_owned()), "{name}");
    }
}

#[test]
fn every_connection_pages_both_ways() {
    for (name, _, fields) in objects() {
        for field in &fields {
            if !field.ty.node.to_string().trim_end_matches('!').ends_with("Connection") {
                continue;
            }
            for (argument, ty) in [("first", "Int"), ("after", "String"), ("last", "Int"), ("before", "String")] {
                let has = field
                    .arguments
                    .iter()
                    .any(|known| known.node.name.node == argument && known.node.ty.node.to_string() == ty);
                assert!(has, "{name}.{} has no `{argument}: {ty}`", field.name.node);
            }
        }
        if name.ends_with("Connection") {
            let ty =
                |name: &str| fields.iter().find(|field| field.name.node == name).map(|field| field.ty.node.to_string());
            assert_eq!(ty("pageInfo").as_deref(), Some("PageInfo!"), "{name}");
            assert_eq!(ty("edges"), Some(format!("[{}Edge!]!", name.trim_end_matches("Connection"))), "{name}");
        }
    }
}

#[test]
fn no_field_begins_with_the_name_of_its_type() {
    for (name, _, fields) in objects() {
        for field in fields {
            let field = field.name.node.to_string();
            assert!(!field.to_lowercase().starts_with(&name.to_lowercase()), "{name}.{field}");
        }
    }
}

/// Pages through a list forwards and backwards; expects the same objects.
async fn pages_both_ways(server: &TestServer, token: &str, around: (&str, &str), at: &str) {
    let ask = async |arguments: &str| {
        let query = format!(
            "{}{arguments}{} {{ edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} {}",
            around.0, "", around.1
        );
        let answer = server.send(token, &query, json!({})).await;
        let page = answer.pointer(at).cloned().unwrap_or_default();
        assert!(page.is_object(), "{query}: {answer}");
        page
    };
    let cursors = |page: &Value| -> Vec<String> {
        page["edges"].as_array().unwrap().iter().map(|edge| edge["cursor"].as_str().unwrap().to_owned()).collect()
    };
    let all = cursors(&ask("(first: 100)").await);
    assert!(all.len() > 2, "{all:?}");

    let (mut forwards, mut after) = (Vec::new(), String::new());
    loop {
        let page = ask(&format!("(first: 2{after})")).await;
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_empty());
        forwards.extend(cursors(&page));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
    let (mut backwards, mut before) = (Vec::new(), String::new());
    loop {
        let page = ask(&format!("(last: 2{before})")).await;
        assert_eq!(page["pageInfo"]["hasNextPage"], !before.is_empty());
        backwards = [cursors(&page), backwards].concat();
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
        before = format!(", before: {}", page["pageInfo"]["startCursor"]);
    }
    assert_eq!((&forwards, &backwards), (&all, &all));

    let between = ask(&format!("(first: 100, after: {:?}, before: {:?})", all[0], all[2])).await;
    assert_eq!(cursors(&between), all[1..2]);
    let both = server
        .send(token, &format!("{}(first: 1, last: 1) {{ edges {{ cursor }} }} {}", around.0, around.1), json!({}))
        .await;
    assert_eq!(both["errors"][0]["extensions"]["code"], "BAD_PAGE", "{both}");
}

#[tokio::test]
async fn logs_page_both_ways() {
    let server = TestServer::seeded().await;
    let token = server.token(&["administer", "read-drafts", "write", "publish"]).await;
    for index in 0..5 {
        let query = format!(
            "mutation {{ createToken(name: \"t{index}\", scopes: [\"publish\"]) {{ errors {{ message }} }} saveSourceSections(slug: \"bls-medical-records\", baseRevision: {}, sections: {{ source: {{ title: \"Records {index}\", publisher: \"BLS\" }} }}) {{ errors {{ message }} }} }}",
            index + 1
        );
        let answer = server.send(&token, &query, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
    }

    pages_both_ways(&server, &token, ("{ audit", "}"), "/data/audit").await;
    pages_both_ways(
        &server,
        &token,
        ("{ source(slug: \"bls-medical-records\") { revisions", "} }"),
        "/data/source/revisions",
    )
    .await;
    pages_both_ways(
        &server,
        &token,
        ("{ entry(kind: SOURCE, slug: \"bls-medical-records\") { revisions", "} }"),
        "/data/entry/revisions",
    )
    .await;
}

#[tokio::test]
async fn deliveries_and_findings_page_both_ways() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let token = server.token(&["administer", "read-drafts"]).await;
    let made = "mutation { createWebhook(url: \"http://127.0.0.1:9/hook\") { errors { code } } }";
    assert_eq!(server.send(&token, made, json!({})).await["data"]["createWebhook"]["errors"], json!([]));
    let related =
        "relatedGuides: [{title: One, career: one}, {title: Two, career: two}, {title: Three, career: three}]\n";
    let careers =
        ["a", "b", "c", "d", "e"].map(|slug| folder.career(slug, slug, if slug == "c" { "" } else { related }));
    server.publish(&careers).await;
    server.publish(&[folder.source("f"), folder.certification("g", "G")]).await;
    let told = "{ webhooks { deliveries { nodes { id } } } }";
    eventually("there are 7 deliveries", async || {
        let webhooks = server.send_once(&token, told).await["data"]["webhooks"].clone();
        webhooks[0]["deliveries"]["nodes"].as_array().map(Vec::len) == Some(7)
    })
    .await;

    pages_both_ways(&server, &token, ("{ webhooks { deliveries", "} }"), "/data/webhooks/0/deliveries").await;
    pages_both_ways(&server, &token, ("{ findings", "}"), "/data/findings").await;

    // Those of a kind, one at a time, from a page in the middle.
    let page = async |arguments: &str| {
        let query = format!(
            "{{ findings(kinds: [CAREER], {arguments}) {{ edges {{ cursor node {{ slug finding {{ path }} }} }} pageInfo {{ hasPreviousPage startCursor }} }} }}"
        );
        server.send(&token, &query, json!({})).await["data"]["findings"].clone()
    };
    let all = page("first: 100").await["edges"].as_array().unwrap().clone();
    assert_eq!(all.len(), 12, "{all:?}");
    let (mut found, mut before) = (Vec::new(), all[7]["cursor"].clone());
    loop {
        let one = page(&format!("last: 1, before: {before}")).await;
        found.extend(one["edges"].as_array().unwrap().iter().cloned());
        if one["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
        before = one["pageInfo"]["startCursor"].clone();
    }
    found.reverse();
    assert_eq!(found, all[..7]);
    for (list, cursor) in [("findings", "7"), ("webhooks { deliveries", "a/b/1")] {
        let end = if list.contains('{') { "}" } else { "" };
        let query = format!("{{ {list}(last: 1, before: \"{cursor}\") {{ edges {{ cursor }} }} {end} }}");
        let answer = server.send(&token, &query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_CURSOR", "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("startCursor"), "{answer}");
    }
}

/// The answers to `node` and `nodes` of an id, without the id.
async fn nodes_of(server: &TestServer, token: Option<&str>, id: &str) -> String {
    let query = "query($id: ID!) { node(id: $id) { __typename id } nodes(ids: [$id]) { __typename id } }";
    let variables = json!({ "id": id });
    let answer = if let Some(token) = token {
        server.send(token, query, variables).await
    } else {
        let answer = server.ask(query, variables).await;
        json!({ "data": answer.data, "errors": answer.errors })
    };
    answer.to_string().replace(id, "ID")
}

#[tokio::test]
async fn ids_of_administrators_tell_nobody_else_whether_they_exist() {
    let server = TestServer::seeded().await;
    let folder = Folder::new();
    let admin = server.token(&["administer", "read-drafts"]).await;
    let made = "mutation { createWebhook(url: \"http://127.0.0.1:9/hook\") { webhook { id } } \
                createPreviewLink(kind: CAREER, slug: \"health-information-technology\") { previewLink { number } } }";
    let made = server.send(&admin, made, json!({})).await["data"].clone();
    server.publish(&[folder.career("a", "A", "")]).await;
    let query = "{ tokens { id } webhooks { id deliveries { nodes { id } } } }";
    let listed = eventual("there is a delivery", async || {
        let listed = server.send_once(&admin, query).await["data"].clone();
        listed["webhooks"][0]["deliveries"]["nodes"][0]["id"].is_string().then_some(listed)
    })
    .await;
    let others = ["read-drafts", "write", "publish", "read-metrics"];
    let mut tokens = Vec::new();
    for scope in others {
        tokens.push(server.token(&[scope]).await);
    }

    for (kind, exists) in [
        ("Token", &listed["tokens"][0]["id"]),
        ("Webhook", &made["createWebhook"]["webhook"]["id"]),
        ("Delivery", &listed["webhooks"][0]["deliveries"]["nodes"][0]["id"]),
    ] {
        let exists = exists.as_str().unwrap();
        let absent = kernel::global_id(kind.into(), "999999").to_string();
        let odd = kernel::global_id(kind.into(), "none").to_string();
        let found = nodes_of(&server, Some(&admin), exists).await;
        assert_eq!(found.matches(kind).count(), 2, "{found}");
        for id in [&absent, &odd] {
            let none = json!({ "data": { "node": null, "nodes": [null] } });
            assert_eq!(nodes_of(&server, Some(&admin), id).await, none.to_string(), "{kind}");
        }
        for (token, code) in
            tokens.iter().map(|token| (Some(token.as_str()), "FORBIDDEN")).chain([(None, "UNAUTHENTICATED")])
        {
            let told = nodes_of(&server, token, exists).await;
            assert!(told.contains("\"node\":null,\"nodes\":[null]"), "{kind}: {told}");
            assert_eq!(told.matches(code).count(), 2, "{kind}: {told}");
            assert!(told.contains("administer") && !told.contains(&format!("\"{kind}\"")), "{kind}: {told}");
            for id in [&absent, &odd] {
                assert_eq!(nodes_of(&server, token, id).await, told, "{kind}: the same where there is none");
            }
        }
    }
    // A preview link is no node, for nobody.
    let number = made["createPreviewLink"]["previewLink"]["number"].as_str().unwrap();
    for token in [Some(admin.as_str()), Some(tokens[0].as_str()), None] {
        let told = nodes_of(&server, token, kernel::global_id("PreviewLink".into(), number).as_str()).await;
        let absent = nodes_of(&server, token, kernel::global_id("PreviewLink".into(), "999999").as_str()).await;
        assert_eq!(told, absent);
        assert_eq!(told.matches("BAD_ID").count(), 2, "{told}");
    }
}

#[tokio::test]
async fn objects_of_administrators_are_nodes_for_administrators() {
    let server = TestServer::seeded().await;
    let (admin, editor) = (server.token(&["administer"]).await, server.token(&["read-drafts"]).await);
    let listed = server.send(&admin, "{ tokens { id name } }", json!({})).await;
    let id = listed["data"]["tokens"][0]["id"].clone();
    let query =
        "query($id: ID!) { node(id: $id) { id __typename ... on Token { name scopes } } nodes(ids: [$id]) { id } }";

    let found = server.send(&admin, query, json!({ "id": id })).await;
    assert_eq!(found["data"]["node"]["id"], id, "{found}");
    assert_eq!(found["data"]["node"]["__typename"], "Token");
    assert_eq!(found["data"]["nodes"][0]["id"], id);
    for token in [&editor, ""] {
        let refused = server.send(token, query, json!({ "id": id })).await;
        assert_eq!(refused["data"]["node"], Value::Null, "{refused}");
        assert!(!refused.to_string().contains("scopes"), "{refused}");
    }

    let revoked = server
        .send(
            &admin,
            "mutation($id: ID!) { revokeToken(id: $id) { token { id revokedAt } errors { code } } }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(revoked["data"]["revokeToken"]["token"]["id"], id, "{revoked}");
    let made = server
        .send(&admin, "mutation { createWebhook(url: \"https://example.org/hook\") { webhook { id } } }", json!({}))
        .await;
    let id = made["data"]["createWebhook"]["webhook"]["id"].clone();
    let hook = "query($id: ID!) { node(id: $id) { id ... on Webhook { url deliveries(last: 1) { nodes { id } } } } }";
    let found = server.send(&admin, hook, json!({ "id": id })).await;
    assert_eq!(found["data"]["node"]["id"], id, "{found}");
    let deleted = server
        .send(&admin, "mutation($id: ID!) { deleteWebhook(id: $id) { errors { code } } }", json!({ "id": id }))
        .await;
    assert_eq!(deleted["data"]["deleteWebhook"]["errors"], json!([]), "{deleted}");
    let gone = server.send(&admin, hook, json!({ "id": id })).await;
    assert_eq!(gone["data"]["node"], Value::Null, "{gone}");
}
