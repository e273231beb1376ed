//! The end of a server: it comes soon, whatever is open, and what is executed is answered first.
#![cfg(target_os = "linux")]
use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

use crate::{
    harness::{Binary, PATIENCE, Running, Socket, TestDatabase, eventually, metric},
    server::doors::{HEAD, ONE, PROTOCOL, QUERY, SUBSCRIPTION, connect, half_a_body, rest, said},
    server::starting::hold,
};

const SAVE: &str = r#"mutation { saveCareer(document: { slug: "late", title: "Late", summary: "S" }) { revision { number } errors { code } } }"#;

/// Waits until the server executes a request.
async fn executes(server: &Running) {
    eventually("a request is executed", async || metric(server.address(), "executing").await == 1).await;
}

#[tokio::test]
async fn a_server_that_stops_waits_for_no_request_that_is_half_there() {
    let database = TestDatabase::fresh().await;
    let mut server = Running::start(Running::on(&database));
    let mut silent = connect(ONE, server.address()).await;
    let mut head = said(ONE, server.address(), HEAD).await;
    let mut body = half_a_body(ONE, server.address()).await;
    let mut idle = said(ONE, server.address(), &format!("{HEAD}content-length: 26\r\n\r\n{QUERY}")).await;
    assert!(timeout(PATIENCE, idle.read(&mut [0; 4096])).await.unwrap().unwrap() > 0);

    server.signal("TERM");
    server.ends().await;

    let refused = rest(&mut body).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("SERVER_STOPPING"), "{refused}");
    assert!(refused.contains("connection: close") && refused.contains("Send it again"), "{refused}");
    for stream in [&mut silent, &mut head, &mut idle] {
        assert_eq!(rest(stream).await, "");
    }
}

#[tokio::test]
async fn a_body_that_goes_on_coming_has_longer_when_the_server_stops_but_not_for_ever() {
    let database = TestDatabase::fresh().await;
    let mut server = Running::start(Running::on(&database));
    let mut slow = half_a_body(ONE, server.address()).await;
    let endless = said(ONE, server.address(), &format!("{HEAD}content-length: 1000\r\n\r\n{{")).await;
    server.signal("TERM");

    let ask = async {
        let (bytes, last) = QUERY.as_bytes()[1..].split_at(QUERY.len() - 2);
        for byte in bytes {
            sleep(Duration::from_millis(80)).await;
            slow.write_all(&[*byte]).await.unwrap();
        }
        slow.write_all(last).await.unwrap();
        rest(&mut slow).await
    };
    let cut = async {
        let (mut answer, mut body) = endless.into_split();
        let mut bytes = Vec::new();
        let trickle = async {
            while body.write_all(b" ").await.is_ok() {
                sleep(Duration::from_millis(80)).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            closed = answer.read_to_end(&mut bytes) => { closed.expect("no reset"); }
            () = trickle => {}
        }
        String::from_utf8(bytes).unwrap()
    };
    let (answer, cut) = timeout(PATIENCE, async { tokio::join!(ask, cut) }).await.expect("both have an end");

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(cut.starts_with("HTTP/1.1 503") && cut.contains("SERVER_STOPPING"), "{cut}");
    server.ends().await;
}

#[tokio::test]
async fn what_is_executed_is_answered_though_the_server_stops() {
    let database = TestDatabase::fresh().await;
    let mut server = Running::start(Running::on(&database));
    let token =
        Binary::new(&["token", "create", "--name", "test", "--scope", "write"]).database(&database.url).run().await;
    assert_eq!(token.status, 0, "{token:?}");
    let token = token.out.lines().last().unwrap().trim().to_owned();
    let other = hold(&database.url).await;
    let request = reqwest::Client::new().post(&server.url).bearer_auth(token).json(&json!({ "query": SAVE }));
    let asked = tokio::spawn(async move { request.send().await.unwrap().json::<Value>().await.unwrap() });
    executes(&server).await;
    let mut idle = connect(ONE, server.address()).await;

    server.signal("TERM");
    assert_eq!(rest(&mut idle).await, "", "it stops");
    assert_eq!(server.try_wait(), None, "it waits for what it executes");
    other.close().await.unwrap();

    let answer = asked.await.unwrap();
    assert_eq!(answer["data"]["saveCareer"]["revision"]["number"], 1, "{answer}");
    server.ends().await;
}

#[tokio::test]
async fn a_server_that_stops_ends_though_a_request_does_not() {
    let database = TestDatabase::fresh().await;
    let token = Binary::new(&["token", "create", "--name", "test", "--scope", "write"]).database(&database.url).run();
    let token = token.await.out.lines().last().unwrap().trim().to_owned();
    let mut server = Running::start(Running::on(&database).env("CAREERQL_MAX_EXECUTION_SECONDS", "120"));
    let _other = hold(&database.url).await;
    let request = reqwest::Client::new().post(&server.url).bearer_auth(token).json(&json!({ "query": SAVE }));
    let asked = tokio::spawn(request.send());
    executes(&server).await;

    server.signal("TERM");
    server.ends().await;

    assert!(asked.await.unwrap().is_err(), "the request is given up");
}

#[tokio::test]
async fn sockets_and_streams_hear_that_the_server_stops() {
    let database = TestDatabase::fresh().await;
    let mut server = Running::start(Running::on(&database));
    let stream = reqwest::Client::new().get(&server.url).header("accept", "text/event-stream");
    let stream = stream.query(&[("query", SUBSCRIPTION)]).send().await.unwrap();
    let socket = Socket::over(connect(ONE, server.address()).await, PROTOCOL).await.unwrap();
    let mut socket = socket.initialised().await;
    socket.subscribed("1", SUBSCRIPTION).await;
    let _half = half_a_body(ONE, server.address()).await;

    server.signal("TERM");

    let (closed, text) = tokio::join!(socket.closed(), stream.text());
    assert_eq!(closed, (1001, "The server is stopping".to_owned()));
    let text = text.expect("the stream ends as it should");
    assert!(text.starts_with(':') && !text.contains("complete"), "{text}");
    server.ends().await;
}
