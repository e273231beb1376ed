//! Relay's rules, over the whole schema and for the logs of editors.
use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::{Value, json};

use crate::harness::TestServer;

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
