//! Connections: slow clients, silent ones, and too many of them.
use std::{pin::pin, time::Duration};

use careerql_server::{Limits, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{PATIENCE, Running, TestDatabase, TestServer};

async fn server(limits: Limits) -> TestServer {
    TestServer::with_settings(Settings { limits, ..Settings::default() }).await
}

async fn connect(server: &TestServer) -> TcpStream {
    let address = server.url.trim_start_matches("http://").trim_end_matches("/graphql");
    TcpStream::connect(address).await.unwrap()
}

/// All that comes until the server closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // A reset counts as closed.
    let _closed = timeout(PATIENCE, stream.read_to_end(&mut text)).await.expect("the server closes the connection");
    String::from_utf8_lossy(&text).into_owned()
}

const HEAD: &str = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let server = server(Limits { header_seconds: Duration::from_millis(200), ..Limits::default() }).await;
    let mut trickle = connect(&server).await;
    for byte in HEAD.bytes() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if trickle.write_all(&[byte]).await.is_err() {
            break;
        }
    }
    rest(trickle).await;
    rest(connect(&server).await).await;
    server.query("{ __typename }").await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_refused() {
    let server = server(Limits { body_seconds: Duration::from_millis(200), ..Limits::default() }).await;
    for length in ["content-length: 100\r\n\r\n{", "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n"] {
        let mut stream = connect(&server).await;
        stream.write_all(format!("{HEAD}{length}").as_bytes()).await.unwrap();
        let answer = rest(stream).await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("REQUEST_TIMEOUT"), "{answer}");
    }
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_a_place() {
    let server =
        server(Limits { max_connections: 2, header_seconds: Duration::from_secs(1), ..Limits::default() }).await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(connect(&server).await);
    }
    // Those that ask nothing are closed one after the other; whoever asks has its turn.
    let asked = timeout(PATIENCE, server.query("{ __typename }")).await;
    assert!(asked.is_ok());
}

/// Number of bytes that a request may have without waiting for anything.
const SMALL: usize = 16 * 1024;

#[tokio::test]
async fn large_bodies_wait_for_room_and_small_ones_do_not() {
    let limits = Limits { max_body_bytes: 20_000, max_concurrent_requests: 1, ..Limits::default() };
    let max_execution_seconds = PATIENCE * 2;
    let server = server(Limits { body_seconds: PATIENCE * 2, max_execution_seconds, ..limits }).await;
    let body = |length: usize| {
        let query = r#"{"query":"{ __typename }"}"#;
        format!("{query}{}", " ".repeat(length.saturating_sub(query.len())))
    };
    let start = |length: usize| format!("{HEAD}connection: close\r\ncontent-length: {length}\r\n");
    let ask = async |length: usize| {
        let mut stream = connect(&server).await;
        stream.write_all(format!("{}\r\n{}", start(length), body(length)).as_bytes()).await.unwrap();
        rest(stream).await
    };
    // One large body of a client is on its way at once here. Of this one, the server waits for the last byte.
    let mut held = connect(&server).await;
    held.write_all(format!("{}expect: 100-continue\r\n\r\n", start(20_000)).as_bytes()).await.unwrap();
    let mut told = [0; 25];
    timeout(PATIENCE, held.read_exact(&mut told)).await.expect("it has room").unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    held.write_all(&body(20_000).as_bytes()[..19_999]).await.unwrap();

    let mut large = pin!(ask(19_000));
    let small = tokio::select! {
        biased;
        large = &mut large => panic!("it waits for room: {large}"),
        small = ask(SMALL) => small,
    };
    assert!(small.starts_with("HTTP/1.1 200"), "{small}");
    held.write_all(b" ").await.unwrap();
    let (held, large) = (rest(held).await, large.await);
    assert!(held.starts_with("HTTP/1.1 200"), "{held}");
    assert!(large.starts_with("HTTP/1.1 200"), "{large}");
}

#[tokio::test]
async fn a_large_body_that_finds_no_room_in_time_is_told_the_share_of_its_client() {
    let limits = Limits { max_body_bytes: 20_000, max_concurrent_requests: 1, ..Limits::default() };
    let max_execution_seconds = Duration::from_millis(500);
    let server = server(Limits { body_seconds: Duration::from_secs(2), max_execution_seconds, ..limits }).await;
    let large = || async {
        let mut stream = connect(&server).await;
        stream.write_all(format!("{HEAD}content-length: 20000\r\n\r\n{}", " ".repeat(9_000)).as_bytes()).await.unwrap();
        rest(stream).await
    };
    let answers = futures_util::future::join_all((0..4).map(|_| large())).await;
    assert!(answers.iter().any(|answer| answer.contains("REQUEST_TIMEOUT")), "{answers:?}");
    let refused: Vec<_> = answers.iter().filter(|answer| answer.contains("TOO_MANY_REQUESTS")).collect();
    assert!(!refused.is_empty() && refused.iter().all(|answer| answer.contains("20000")), "{answers:?}");
}

#[tokio::test]
async fn connections_speak_http_1_only() {
    let server = server(Limits::default()).await;
    let mut stream = connect(&server).await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();

    let answer = rest(stream).await;

    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test]
async fn what_is_no_http_is_answered_or_closed() {
    let server = server(Limits::default()).await;
    let long = format!("GET /graphql?query={} HTTP/1.1\r\n\r\n", "x".repeat(200_000));
    let headers = format!("{HEAD}{}\r\n", "x: y\r\n".repeat(5_000));
    let twice = format!("{HEAD}content-length: 5\r\ncontent-length: 6\r\n\r\n{{}}");
    for garbage in
        ["\0\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\r\n".repeat(10_000).as_str(), &long, &headers, &twice]
    {
        let mut stream = connect(&server).await;
        let _refused = stream.write_all(garbage.as_bytes()).await;
        let _closed = stream.shutdown().await;
        let answer = rest(stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{garbage:.20}: {answer}");
    }
    server.query("{ __typename }").await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_request_that_never_comes_whole_does_not_keep_the_server_from_its_end() {
    use std::io::Write as _;
    let database = TestDatabase::fresh().await;
    let mut server = Running::start(Running::on(&database));
    let address = server.url.trim_start_matches("http://").trim_end_matches("/graphql").to_owned();
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let halves = [head.to_owned(), format!("{head}content-length: 100\r\n\r\n{{")].map(|half| {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.write_all(half.as_bytes()).unwrap();
        stream
    });

    server.signal("TERM");

    server.ends().await;
    drop(halves);
}
