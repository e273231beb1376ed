//! Tokens and scopes: who may do what, and what those who may not can find out.
use chrono::Duration;
use kernel::store::{self, ChangeInfo, Mode};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestDatabase, TestServer};

fn codes(body: &Value) -> Vec<&str> {
    body["errors"].as_array().into_iter().flatten().filter_map(|error| error["extensions"]["code"].as_str()).collect()
}

#[tokio::test]
async fn each_mutation_needs_its_scope_and_says_which() {
    let server = TestServer::empty().await;
    let document = "{slug: \"a\", title: \"A\", summary: \"S\"}";
    let entries = "entries: [{kind: CAREER, slug: \"a\"}]";
    let needs = [
        (format!("mutation {{ saveCareer(document: {document}) {{ errors {{ code }} }} }}"), "write"),
        ("mutation { saveCareerSections(slug: \"a\", sections: {}, baseRevision: 1) { isNew } }".to_owned(), "write"),
        (format!("mutation {{ publish({entries}) {{ errors {{ code }} }} }}"), "publish"),
        (format!("mutation {{ unpublish({entries}) {{ errors {{ code }} }} }}"), "publish"),
        (format!("mutation {{ archive({entries}) {{ errors {{ code }} }} }}"), "publish"),
        ("mutation { restore(kind: CAREER, slug: \"a\", revision: 1) { errors { code } } }".to_owned(), "write"),
        ("mutation { rename(kind: CAREER, slug: \"a\", to: \"b\") { errors { code } } }".to_owned(), "publish"),
        ("mutation { createRelease(release: \"r\") { errors { code } } }".to_owned(), "publish"),
        (format!("mutation {{ addToRelease(release: \"r\", {entries}) {{ errors {{ code }} }} }}"), "publish"),
        (format!("mutation {{ removeFromRelease(release: \"r\", {entries}) {{ errors {{ code }} }} }}"), "publish"),
        ("mutation { scheduleRelease(release: \"r\") { errors { code } } }".to_owned(), "publish"),
        ("mutation { publishRelease(release: \"r\") { errors { code } } }".to_owned(), "publish"),
        ("mutation { deleteRelease(release: \"r\") { errors { code } } }".to_owned(), "publish"),
        ("mutation { createWebhook(url: \"http://x.example\") { secret } }".to_owned(), "administer"),
        ("mutation { deleteWebhook(id: 1) { errors { code } } }".to_owned(), "administer"),
        ("mutation { redeliver(id: 1) { errors { code } } }".to_owned(), "administer"),
        ("{ webhooks { id } }".to_owned(), "administer"),
        ("{ release(name: \"r\") { name } }".to_owned(), "read-drafts"),
        ("{ releases { name } }".to_owned(), "read-drafts"),
        ("{ findings { nodes { finding { rule } } } }".to_owned(), "read-drafts"),
        ("mutation { createToken(name: \"x\", scopes: [\"publish\"]) { secret } }".to_owned(), "administer"),
        ("mutation { revokeToken(id: 1) { token { id } } }".to_owned(), "administer"),
        ("{ tokens { id } }".to_owned(), "administer"),
        ("{ audit { nodes { at } } }".to_owned(), "administer"),
        ("{ entry(kind: CAREER, slug: \"a\") { slug } }".to_owned(), "read-drafts"),
    ];
    for (query, scope) in &needs {
        let answer = server.http(Method::POST).json(&json!({ "query": query })).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(codes(&body), ["UNAUTHENTICATED"], "{query}: {body}");
        assert!(body["errors"][0]["message"].as_str().unwrap().contains(&format!("`{scope}`")), "{body}");

        let others: Vec<_> =
            ["read-drafts", "write", "publish", "administer"].into_iter().filter(|other| other != scope).collect();
        let body = server.send(&server.token(&others).await, query, json!({})).await;
        assert_eq!(codes(&body), ["FORBIDDEN"], "{query}: {body}");
        assert!(body["errors"][0]["message"].as_str().unwrap().contains(&format!("`{scope}`")), "{body}");
    }
    assert!(store::is_empty(&server.db).await.unwrap(), "nothing was written");
}

#[tokio::test]
async fn a_section_needs_the_scope_of_its_module() {
    let server = TestServer::empty().await;
    let all = server.token(&["write"]).await;
    let save = "mutation($d: CareerDocument!, $b: Int) { saveCareer(document: $d, baseRevision: $b) { revision { number } \
                errors { path code message } } }";
    let document = json!({ "slug": "a", "title": "A", "summary": "S" });
    assert_eq!(server.send(&all, save, json!({ "d": document })).await["data"]["saveCareer"]["revision"]["number"], 1);

    let faq = server.token(&["write:faq"]).await;
    let mut changed = document.clone();
    changed["title"] = "B".into();
    let body = server.send(&faq, save, json!({ "d": changed, "b": 1 })).await;
    assert_eq!(codes(&body), ["FORBIDDEN"], "{body}");
    assert!(body["errors"][0]["message"].as_str().unwrap().contains("`write:careers`"), "{body}");

    let mut changed = document;
    changed["faq"] = json!([{ "key": "q", "question": "Why?", "answer": "Because." }]);
    let body = server.send(&faq, save, json!({ "d": changed, "b": 1 })).await;
    assert_eq!(body["data"]["saveCareer"]["revision"]["number"], 2, "{body}");
}

#[tokio::test]
async fn tokens_that_are_of_no_use_are_refused_whole() {
    let server = TestServer::seeded().await;
    let expired = {
        let scopes = ["publish".parse().unwrap()];
        let change = ChangeInfo::now("test", "");
        let past = server.now() - Duration::seconds(1);
        store::create_token(&server.db, "old", &scopes, Some(past), &change).await.unwrap().1
    };
    let (token, revoked) = {
        let scopes = ["publish".parse().unwrap()];
        let (token, secret) =
            store::create_token(&server.db, "lost", &scopes, None, &ChangeInfo::now("test", "")).await.unwrap();
        store::revoke_token(&server.db, token.id, &ChangeInfo::now("test", "")).await.unwrap();
        (token, secret)
    };
    assert!(!revoked.contains(&token.hash), "the secret is not kept");
    for secret in [expired.as_str(), &revoked, "careerql_unknown", "nonsense", ""] {
        let request = server.http(Method::POST).bearer_auth(secret).json(&json!({ "query": "{ viewer { token } }" }));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{secret}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert_eq!(codes(&response.json().await.unwrap()), ["UNAUTHENTICATED"]);
    }
    // A password is for a proxy in front of the server.
    let basic = server.http(Method::POST).basic_auth("a", Some("b"));
    let response = basic.json(&json!({ "query": "{ viewer { token } }" })).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap()["data"]["viewer"]["token"], Value::Null);
}

#[tokio::test]
async fn nobody_gives_away_more_than_they_have() {
    let server = TestServer::empty().await;
    let admin = server.token(&["administer", "write:faq"]).await;
    let create = "mutation($s: [Scope!]!) { createToken(name: \"n\", scopes: $s) { secret token { name scopes } errors { path code } } }";

    let body = server.send(&admin, create, json!({ "s": ["write:faq"] })).await;
    let payload = &body["data"]["createToken"];
    assert_eq!(payload["token"], json!({ "name": "n", "scopes": ["write:faq"] }), "{body}");
    let viewer = server.send(payload["secret"].as_str().unwrap(), "{ viewer { token scopes } }", json!({})).await;
    assert_eq!(viewer["data"]["viewer"], json!({ "token": "n", "scopes": ["write:faq"] }));

    for (scopes, path, code) in [
        (vec!["write:faq", "publish"], "scopes[1]", "FORBIDDEN"),
        (vec!["write"], "scopes[0]", "FORBIDDEN"),
        (vec!["write:cooking"], "scopes[0]", "BAD_SCOPE"),
        (vec![], "name", "BAD_TOKEN"),
    ] {
        let body = server.send(&admin, create, json!({ "s": scopes })).await;
        let payload = &body["data"]["createToken"];
        assert_eq!(payload["errors"], json!([{ "path": path, "code": code }]), "{body}");
        assert_eq!(payload["secret"], Value::Null);
    }
    let body = server.send(&admin, create, json!({ "s": ["everything"] })).await;
    assert_eq!(codes(&body), ["GRAPHQL_VALIDATION_FAILED"], "{body}");
    assert!(body.to_string().contains("Write `read-drafts`, `write`"), "{body}");
}

#[tokio::test]
async fn an_unknown_slug_and_an_unpublished_one_look_the_same() {
    let server = TestServer::seeded().await;
    let folder = Folder::new();
    server.import(&[folder.career("secret", "Secret plans", "")], Mode::Draft).await;
    let ask = async |slug: &str| {
        let id = kernel::global_id("Career".into(), slug).to_string();
        let query = "query($slug: String!, $id: ID!) { career(slug: $slug) { title } node(id: $id) { id } \
                     careers(filter: {slug: {eq: $slug}}) { totalCount nodes { slug } } }";
        let request = json!({ "query": query, "variables": { "slug": slug, "id": id } });
        let response = server.http(Method::POST).json(&request).send().await.unwrap();
        let headers: Vec<_> = ["cache-control", "cache-tag"].map(|name| response.headers()[name].clone()).into();
        let tags = headers[1].to_str().unwrap().replace(slug, "SLUG");
        let before = server.statements();
        let answer = server.ask(query, request["variables"].clone()).await;
        (response.status(), tags, response.text().await.unwrap(), answer.statements, before > 0)
    };
    assert_eq!(ask("secret").await, ask("absent").await);

    for (name, value) in [("draft", "draft"), ("as-of", "as-of:2026-01-01T00:00:00Z")] {
        let request = server.http(Method::POST).header("careerql-perspective", value);
        let response = request.json(&json!({ "query": "{ careers { totalCount } }" })).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(codes(&response.json().await.unwrap()), ["UNAUTHENTICATED"], "{name}");
    }
}

#[tokio::test]
async fn a_perspective_is_chosen_by_header_or_extension() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.publish(&[folder.career("a", "Published", "")]).await;
    let then = server.now().to_rfc3339();
    server.publish(&[folder.career("a", "Published again", "")]).await;
    server.import(&[folder.career("a", "Drafted", "")], Mode::Draft).await;
    let token = server.token(&["read-drafts"]).await;
    let query = "{ career(slug: \"a\") { title } careers(filter: {title: {contains: \"Draft\"}}) { totalCount } }";
    let seen = |body: &Value| {
        let total = body["data"]["careers"]["totalCount"].as_i64();
        (body["data"]["career"]["title"].as_str().map(str::to_owned), total)
    };
    let of = |title: &str, total| (Some(title.to_owned()), Some(total));
    for (perspective, expected) in [
        ("published", of("Published again", 0)),
        ("draft", of("Drafted", 1)),
        (&format!("as-of:{then}"), of("Published", 0)),
    ] {
        let body = server.send_in(perspective, &token, query, json!({})).await;
        assert_eq!(seen(&body), expected, "{perspective}: {body}");

        let request = json!({ "query": query, "extensions": { "perspective": perspective } });
        let response = server.http(Method::POST).bearer_auth(&token).json(&request).send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store", "{perspective}");
        assert_eq!(seen(&response.json().await.unwrap()), expected, "{perspective}");
    }
    // The same bytes without the header are answered as everybody's.
    let response = server.http(Method::POST).json(&json!({ "query": query })).send().await.unwrap();
    assert_eq!(seen(&response.json().await.unwrap()), of("Published again", 0));

    for name in ["drafts", "as-of:yesterday", "", "draft:x"] {
        let body = server.send_in(name, &token, query, json!({})).await;
        assert_eq!(codes(&body), ["BAD_PERSPECTIVE"], "{name}");
    }
}

#[tokio::test]
async fn the_command_makes_lists_and_revokes_tokens() {
    let database = TestDatabase::fresh().await;
    let run = |arguments: &[&str]| Binary::new(arguments).database(&database.url).run();

    let made =
        run(&["token", "create", "--name", "site", "--scope", "read-drafts", "--scope", "write:faq", "--days", "30"])
            .await;
    assert_eq!(made.status, 0, "{made:?}");
    assert!(made.out.starts_with("careerql_") && made.out.trim().len() > 40, "{made:?}");
    let all = run(&["token", "create", "--name", "root", "--scope", "all"]).await;
    assert_ne!(made.out, all.out);

    let listed = run(&["token", "list"]).await.out;
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(lines[0], "2  root  [read-drafts, write, publish, administer, read-metrics]  does not expire");
    assert!(lines[1].starts_with("1  site  [read-drafts, write:faq]  expires on "), "{listed}");
    assert!(!listed.contains(made.out.trim()));

    assert_eq!(run(&["token", "revoke", "1"]).await.out, "revoked site\n");
    assert!(run(&["token", "list"]).await.out.contains("1  site  [read-drafts, write:faq]  revoked on "));
    let output = run(&["token", "revoke", "7"]).await;
    assert_eq!(
        (output.status, output.err.as_str()),
        (1, "careerql: there is no token 7; `careerql token list` shows all.\n")
    );
    let output = run(&["token", "create", "--name", "x", "--scope", "write:cooking"]).await;
    assert_eq!(output.status, 1);
    assert!(output.err.contains("there is no module `cooking`") || output.err.contains("There is no module `cooking`"));
    let output = run(&["token", "create", "--name", "x", "--scope", "root"]).await;
    assert_eq!(output.status, 1);
    assert!(output.err.contains("`root` is not a scope"), "{output:?}");
}

#[tokio::test]
async fn whoever_may_write_or_publish_reads_no_draft_by_the_answer() {
    let server = TestServer::empty().await;
    let editor = server.token(&["read-drafts", "write", "publish"]).await;
    let save = "mutation { saveCareer(document: {slug: \"a\", title: \"Secret\", summary: \"S\"}) { errors { code } } \
                publish(entries: [{kind: CAREER, slug: \"a\"}]) { errors { code } } \
                again: saveCareer(document: {slug: \"a\", title: \"More secret\", summary: \"S\"}, baseRevision: 1) { errors { code } } }";
    assert_eq!(server.send(&editor, save, json!({})).await.get("errors"), None);
    let writer = server.token(&["write:faq"]).await;
    let publisher = server.token(&["publish"]).await;
    let conflict = "saveCareer(document: {slug: \"a\", title: \"x\", summary: \"x\"})";
    let unchanged = "saveCareerSections(slug: \"a\", sections: {}, baseRevision: 2)";
    let nothing = "publish(entries: [{kind: CAREER, slug: \"a\", revision: 1}])";
    let asked = [
        (&writer, format!("mutation {{ it: {conflict} {{ latest {{ number yaml }} }} }}")),
        (&writer, format!("mutation {{ it: {conflict} {{ latest {{ summary }} }} }}")),
        (&writer, format!("mutation {{ it: {conflict} {{ latest {{ changes {{ text }} }} }} }}")),
        (&writer, format!("mutation {{ it: {unchanged} {{ revision {{ yaml }} }} }}")),
        (&writer, format!("mutation {{ it: {unchanged} {{ career {{ title }} }} }}")),
        (&publisher, format!("mutation {{ it: {nothing} {{ entries {{ draft {{ yaml }} }} }} }}")),
        (&publisher, format!("mutation {{ it: {nothing} {{ entries {{ revisions {{ nodes {{ number }} }} }} }} }}")),
        (&publisher, format!("mutation {{ it: {nothing} {{ entries {{ revision(number: 2) {{ number }} }} }} }}")),
        (&publisher, format!("mutation {{ it: {nothing} {{ entries {{ diff(from: 1, to: 2) {{ text }} }} }} }}")),
    ];
    for (token, mutation) in asked {
        let body = server.send(token, &mutation, json!({})).await;
        assert_eq!(codes(&body), ["FORBIDDEN"], "{mutation}: {body}");
        assert!(body["errors"][0]["message"].as_str().unwrap().contains("`read-drafts`"), "{body}");
        assert!(!body.to_string().contains("ecret"), "{mutation}: {body}");
    }

    let named = server
        .send(&writer, &format!("mutation {{ it: {conflict} {{ errors {{ code }} latest {{ number }} }} }}"), json!({}))
        .await;
    assert_eq!(named["data"]["it"], json!({ "errors": [{ "code": "CONFLICT" }], "latest": null }));
}
