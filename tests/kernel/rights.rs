//! Rights on connections that stay open: they end when the token is revoked, or the preview link expires.
use chrono::TimeDelta;
use kernel::{
    Scope,
    store::{self, ChangeInfo},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Folder, PATIENCE, Socket, TestServer},
    store::preview::preview_link,
};

const LISTEN: &str = "subscription { contentChanged { slug } }";
const ENTRY: &str = "{ entry(kind: CAREER, slug: \"none\") { slug } }";

/// A token and its id.
async fn token(server: &TestServer) -> (String, i64) {
    let change = ChangeInfo::now("test", "");
    let (token, secret) =
        store::create_token(&server.db, "an editor", &[Scope::ReadDrafts], None, &change).await.unwrap();
    (secret, token.id)
}

async fn revoke(server: &TestServer, id: i64) {
    store::revoke_token(&server.db, id, &ChangeInfo::now("test", "")).await.unwrap();
}

fn code(message: &Value) -> (&str, &str) {
    let error = &message["payload"][0]["extensions"]["code"];
    (message["type"].as_str().unwrap_or_default(), error.as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_socket_has_no_more_rights_than_its_token() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let (secret, id) = token(&server).await;
    let mut socket = Socket::silent(&server).await;
    socket.say(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {secret}") } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
    let mut other = Socket::ready(&server).await;
    for socket in [&mut socket, &mut other] {
        socket.subscribed("1", LISTEN).await;
    }
    assert_eq!(socket.answer("2", ENTRY).await["data"], json!({ "entry": null }));

    revoke(&server, id).await;

    socket.subscribe("2", ENTRY).await;
    assert_eq!(code(&socket.hear().await), ("error", "UNAUTHENTICATED"));
    server.publish(&[folder.career("a", "A", "")]).await;
    let ended = socket.hear().await;
    assert_eq!((code(&ended), &ended["id"]), (("error", "UNAUTHENTICATED"), &json!("1")));
    assert_eq!(other.next("1").await["data"]["contentChanged"]["slug"], "a", "others go on");
}

#[tokio::test]
async fn an_event_stream_ends_with_the_right_to_it() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let (secret, id) = token(&server).await;
    let until = server.now() + TimeDelta::hours(1);
    server.publish(&[folder.career("a", "A", "")]).await;
    let preview = preview_link(&server, "a", until).await.1;
    let listen = || server.http(Method::GET).header("accept", "text/event-stream").query(&[("query", LISTEN)]);
    let with_token = listen().bearer_auth(&secret).send().await.unwrap();
    let with_link = listen().query(&[("preview", &preview)]).send().await.unwrap();
    assert_eq!((with_token.status().as_u16(), with_link.status().as_u16()), (200, 200));

    revoke(&server, id).await;
    server.advance(TimeDelta::hours(2));
    server.publish(&[folder.career("b", "B", "")]).await;

    for (stream, code) in [(with_token, "UNAUTHENTICATED"), (with_link, "BAD_PREVIEW")] {
        let text = tokio::time::timeout(PATIENCE, stream.text()).await.expect("the stream ends").unwrap();
        assert!(text.contains(code) && !text.contains("contentChanged\":{"), "{text}");
        assert!(text.ends_with("event: complete\ndata: \n\n"), "{text}");
    }
}
