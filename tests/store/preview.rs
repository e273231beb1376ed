//! Preview links: the draft of one entry, for whoever has the link, and nothing else.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::store::{self, ChangeInfo, Mode};
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

const QUERY: &str = "{ a: career(slug: \"a\") { title } b: career(slug: \"b\") { title } \
                     careers(orderBy: [{title: ASC}]) { totalCount nodes { title } } \
                     drafts: careers(filter: {title: {contains: \"draft\"}}) { totalCount } \
                     certification(code: \"c\") { careers { totalCount } } }";

/// Careers `a` (published, drafted anew) and `b` (drafted only), both linking to the certification `c` in their drafts.
async fn server() -> TestServer {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let link = "certifications: [{certification: c, why: It helps., when: Early.}]\n";
    server.publish(&[folder.career("a", "A", ""), folder.certification("c", "X")]).await;
    server.import(&[folder.career("a", "A draft", link), folder.career("b", "B draft", link)], Mode::Draft).await;
    server
}

async fn get(server: &TestServer, preview: &str) -> (StatusCode, String, Value) {
    let query = [("query", QUERY), ("preview", preview)];
    let response = server.http(Method::GET).query(&query).send().await.unwrap();
    let control = response.headers()["cache-control"].to_str().unwrap().to_owned();
    (response.status(), control, response.json().await.unwrap())
}

/// Makes a link to the draft of a career: its id and its token.
pub async fn preview_link(server: &TestServer, slug: &str, until: DateTime<Utc>) -> (i64, String) {
    let change = ChangeInfo::now("test", "");
    let made = store::create_preview_link(&server.db, "career", slug, until, &change).await.unwrap();
    let (linked, token) = made.expect("there is such an entry");
    (linked.link.id, token)
}

async fn token(server: &TestServer, slug: &str, hours: i64) -> String {
    preview_link(server, slug, server.now() + TimeDelta::hours(hours)).await.1
}

async fn is_refused(server: &TestServer, preview: &str) -> bool {
    let (status, _, body) = get(server, preview).await;
    let is_refused = body["errors"][0]["extensions"]["code"] == "BAD_PREVIEW";
    assert_eq!(is_refused, status == StatusCode::FORBIDDEN, "{body}");
    is_refused
}

#[tokio::test]
async fn a_link_shows_the_draft_of_its_entry_and_of_nothing_else() {
    let server = server().await;
    let lists = json!({
        "careers": { "totalCount": 1, "nodes": [{ "title": "A" }] },
        "drafts": { "totalCount": 0 },
        "certification": { "careers": { "totalCount": 0 } },
    });
    for (slug, a, b) in [
        ("a", json!({ "title": "A draft" }), Value::Null),
        ("b", json!({ "title": "A" }), json!({ "title": "B draft" })),
    ] {
        let (status, control, body) = get(&server, &token(&server, slug, 1).await).await;
        assert_eq!((status, control.as_str()), (StatusCode::OK, "no-store"));
        let data = &body["data"];
        assert_eq!((&data["a"], &data["b"]), (&a, &b), "{slug}: {body}");
        for (list, expected) in lists.as_object().unwrap() {
            assert_eq!(&data[list], expected, "{slug}: a link is not for lists");
        }
    }
    let body = server.query("{ a: career(slug: \"a\") { title } }").await;
    assert_eq!(body["a"]["title"], "A", "everybody else sees what is published");
}

#[tokio::test]
async fn a_link_that_is_not_valid_shows_nothing() {
    let server = server().await;
    let valid = token(&server, "a", 1).await;
    let stranger = self::server().await;
    let elsewhere = token(&stranger, "a", 1).await;
    let (claim, signature) = valid.split_once('.').unwrap();
    let (other, _) = token(&server, "b", 1).await.split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for bad in [
        token(&server, "a", -1).await,
        elsewhere,
        format!("{other}.{signature}"),
        format!("{claim}."),
        "x".to_owned(),
        String::new(),
    ] {
        let (status, control, body) = get(&server, &bad).await;
        assert_eq!((status, control.as_str()), (StatusCode::FORBIDDEN, "no-store"), "{bad}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_PREVIEW", "{bad}");
        assert_eq!(body.get("data"), None);
    }
}

#[tokio::test]
async fn a_link_ends_at_its_time() {
    let server = server().await;
    let preview = token(&server, "b", 2).await;
    server.advance(TimeDelta::hours(1));
    assert!(!is_refused(&server, &preview).await);
    server.advance(TimeDelta::hours(1));
    assert!(is_refused(&server, &preview).await);
}

#[tokio::test]
async fn links_come_from_the_command_and_from_the_entry() {
    let server = server().await;
    let run = |arguments: &[&str]| Binary::new(arguments).database(&server.database.url).run();
    let output =
        run(&["preview-link", "career", "b", "--hours", "2", "--url", "https://site.example/preview?lang=en"]).await;
    assert_eq!(output.status, 0, "{output:?}");
    let (page, preview) = output.out.trim().split_once("&preview=").unwrap();
    assert_eq!(page, "https://site.example/preview?lang=en");
    assert_eq!(get(&server, preview).await.2["data"]["b"]["title"], "B draft", "from another process");
    assert_eq!(run(&["preview-link", "career", "z"]).await.err, "careerql: there is no career `z` to preview.\n");
    assert_eq!(run(&["preview-link", "carer", "b"]).await.status, 1);
    assert_ne!(run(&["preview-link", "career", "b", "--hours", "0"]).await.status, 0);

    let editor = server.token(&["read-drafts"]).await;
    let create = |hours: u32| {
        format!(
            "mutation {{ createPreviewLink(kind: CAREER, slug: \"b\", hours: {hours}) {{ token errors {{ code }} }} }}"
        )
    };
    let body = server.send_once(&editor, &create(1)).await;
    let preview = body["data"]["createPreviewLink"]["token"].as_str().unwrap();
    assert_eq!(get(&server, preview).await.2["data"]["b"]["title"], "B draft");
    let request = server.http(Method::POST).header("careerql-perspective", format!("preview:{preview}"));
    let response = request.json(&json!({ "query": QUERY })).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap()["data"]["b"]["title"], "B draft");
    let body = server.send_once(&editor, &create(9999)).await;
    assert_eq!(body["data"]["createPreviewLink"]["errors"][0]["code"], "BAD_USER_INPUT", "{body}");
    let absent = "mutation { createPreviewLink(kind: CAREER, slug: \"z\") { token errors { code path } } }";
    let body = server.send_once(&editor, absent).await;
    assert_eq!(body["data"]["createPreviewLink"]["errors"][0], json!({ "code": "NOT_FOUND", "path": "slug" }));
}

/// A token and what it does with preview links.
async fn send(server: &TestServer, token: &str, query: &str) -> Value {
    server.send_once(token, query).await["data"].clone()
}

#[tokio::test]
async fn a_link_ends_when_it_is_revoked_and_only_that_one() {
    let server = server().await;
    let (editor, other) = (server.token(&["read-drafts"]).await, server.token(&["read-drafts", "write"]).await);
    let administrator = server.token(&["administer"]).await;
    let create =
        "mutation { createPreviewLink(kind: CAREER, slug: \"b\") { token previewLink { number slug author } } }";
    let made = send(&server, &editor, create).await["createPreviewLink"].clone();
    let (id, preview) = (made["previewLink"]["number"].as_str().unwrap(), made["token"].as_str().unwrap());
    let kept = token(&server, "b", 1).await;
    let list = "{ previewLinks { number } }";
    assert_eq!(send(&server, &editor, list).await["previewLinks"], json!([{ "number": id }]));
    assert_eq!(send(&server, &other, list).await["previewLinks"], json!([]), "others' are not theirs to see");
    assert_eq!(send(&server, &administrator, list).await["previewLinks"].as_array().unwrap().len(), 2);
    let revoke =
        format!("mutation {{ revokePreviewLink(id: \"{id}\") {{ previewLink {{ revokedAt }} errors {{ code }} }} }}");
    let refused = send(&server, &other, &revoke).await;
    assert_eq!(refused["revokePreviewLink"]["errors"][0]["code"], "NOT_FOUND");
    assert!(!is_refused(&server, preview).await);

    let revoked = send(&server, &editor, &revoke).await;
    assert_eq!(revoked["revokePreviewLink"]["errors"], json!([]), "{revoked}");
    assert!(is_refused(&server, preview).await);
    assert!(!is_refused(&server, &kept).await, "others go on");
    let audit = send(&server, &administrator, "{ audit(first: 1) { nodes { action kind slug details } } }").await;
    let expected = json!([{
        "action": "REVOKED_PREVIEW_LINK", "kind": "CAREER", "slug": "b", "details": format!("link {id}")
    }]);
    assert_eq!(audit["audit"]["nodes"], expected);
}

#[tokio::test]
async fn the_command_lists_and_revokes_links() {
    let server = server().await;
    let run = |arguments: &[&str]| Binary::new(arguments).database(&server.database.url).run();
    let ((first, one), (_, two)) = (
        preview_link(&server, "a", server.now() + TimeDelta::hours(1)).await,
        preview_link(&server, "b", server.now() + TimeDelta::hours(1)).await,
    );
    let listed = run(&["preview-link", "list"]).await;
    assert_eq!(listed.out.lines().count(), 2, "{listed:?}");
    assert!(listed.out.contains(&format!("{first}  career  a  by test")), "{listed:?}");
    let revoked = run(&["preview-link", "revoke", &first.to_string()]).await;
    assert_eq!((revoked.status, revoked.out.as_str()), (0, format!("revoked {first}: career a\n").as_str()));
    assert!(is_refused(&server, &one).await && !is_refused(&server, &two).await);
    assert_eq!(run(&["preview-link", "revoke", "99"]).await.status, 1);
    assert_ne!(run(&["preview-link", "revoke"]).await.status, 0);

    let all = run(&["preview-link", "revoke", "--all"]).await;
    assert_eq!(all.status, 0, "{all:?}");
    assert!(is_refused(&server, &two).await);
    assert_eq!(run(&["preview-link", "list"]).await.out, "");
    assert!(!is_refused(&server, &token(&server, "b", 1).await).await, "new ones have the new key");
}

#[tokio::test]
async fn what_the_old_key_signed_is_refused_also_where_its_row_came_back() {
    let server = server().await;
    let (id, preview) = preview_link(&server, "b", server.now() + TimeDelta::hours(1)).await;
    store::revoke_all_preview_links(&server.db, &ChangeInfo::now("test", "")).await.unwrap();
    let back = format!("UPDATE preview_link SET revoked_at = NULL WHERE id = {id}");
    server.db.execute_unprepared(&back).await.unwrap();
    assert!(is_refused(&server, &preview).await);
}

#[tokio::test]
async fn a_link_ends_with_the_token_it_was_made_with() {
    for end in ["revoked_at = created_at", "expires_at = created_at"] {
        let server = server().await;
        let editor = server.token(&["read-drafts"]).await;
        let create = "mutation { createPreviewLink(kind: CAREER, slug: \"b\") { token } }";
        let made = send(&server, &editor, create).await;
        let preview = made["createPreviewLink"]["token"].as_str().unwrap();
        assert!(!is_refused(&server, preview).await);
        server.db.execute_unprepared(&format!("UPDATE token SET {end}")).await.unwrap();
        assert!(is_refused(&server, preview).await, "{end}");
    }
}

#[tokio::test]
async fn an_entry_that_comes_back_does_not_bring_its_links_back() {
    let server = server().await;
    let editor = server.token(&["publish", "read-drafts", "write"]).await;
    let preview = token(&server, "b", 1).await;
    let archive = "mutation { archive(entries: [{kind: CAREER, slug: \"b\"}]) { errors { code } } }";
    assert_eq!(send(&server, &editor, archive).await["archive"]["errors"], json!([]));
    assert!(is_refused(&server, &preview).await);
    let restore = "mutation { restore(kind: CAREER, slug: \"b\", revision: 1) { errors { code } } }";
    let restored = send(&server, &editor, restore).await;
    assert_eq!(restored["restore"]["errors"], json!([]), "{restored}");
    assert!(is_refused(&server, &preview).await);
    assert!(!is_refused(&server, &token(&server, "b", 1).await).await, "a new one shows it");
}

#[tokio::test]
async fn what_is_no_link_asks_nothing_of_the_database_and_writes_nothing() {
    let server = TestServer::empty().await;
    let claim = |text: &str| format!("{}.{}", URL_SAFE_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode([0; 32]));
    let until = server.now().timestamp();
    let expired = claim(&format!(r#"{{"link":1,"key":1,"until":{}}}"#, until - 1));
    let old = claim(&format!(r#"{{"kind":"career","slug":"a","until":{}}}"#, until + 3_600));
    let forged = claim(&format!(r#"{{"link":1,"key":1,"until":{}}}"#, until + 3_600));
    for (preview, most) in [("a.b".to_owned(), 0), (String::new(), 0), (expired, 0), (old, 0), (forged, 1)] {
        let before = server.statements();
        assert!(is_refused(&server, &preview).await);
        assert!(server.statements() - before <= most, "{preview}: {}", server.statements() - before);
    }
    let keys = server.db.query_one_raw(count(&server, "SELECT count(*) AS n FROM signing_key")).await.unwrap().unwrap();
    assert_eq!(keys.try_get::<i64>("", "n").unwrap(), 0, "no key was made");
}

fn count(server: &TestServer, text: &str) -> Statement {
    Statement::from_string(server.db.get_database_backend(), text)
}
