//! Connections: slow clients, silent ones, and too many of them.
use std::time::Duration;

use careerql_server::{Limits, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{Running, TestDatabase, TestServer};

/// Long enough for a busy machine; what is tested is that something ends at all.
const PATIENCE: Duration = Duration::from_secs(30);

async fn server(limits: Limits) -> TestServer {
    TestServer::with_settings(Settings { limits, ..Settings::default() }).await
}

async fn connect(server: &TestServer) -> TcpStream {
    let address = server.url.trim_start_matches("http://").trim_end_matches("/graphql");
    TcpStream::connect(address).await.unwrap()
}

/// What comes until the server closes the connection.
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

#[tokio::test]
async fn bodies_on_their_way_have_a_size_in_all() {
    let limits = Limits { max_body_bytes: 1000, max_concurrent_requests: 1, ..Limits::default() };
    let server = server(Limits { body_seconds: PATIENCE * 2, ..limits }).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut stream = connect(&server).await;
        stream.write_all(format!("{HEAD}content-length: 1000\r\n\r\n{}", " ".repeat(999)).as_bytes()).await.unwrap();
        open.push(stream);
    }
    let body = r#"{"query":"{ __typename }"}"#;
    let small = format!("{HEAD}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let ask = async || {
        let mut stream = connect(&server).await;
        stream.write_all(small.as_bytes()).await.unwrap();
        rest(stream).await
    };
    // The bytes may not have been read yet.
    let mut answer = ask().await;
    for _ in 0..100 {
        if answer.starts_with("HTTP/1.1 503") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        answer = ask().await;
    }

    assert!(answer.contains("TOO_MANY_REQUESTS") && answer.contains("4000"), "{answer}");
    drop(open);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(ask().await.starts_with("HTTP/1.1 200"));
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

    let begun = std::time::Instant::now();
    server.signal("TERM");

    assert_eq!(server.wait(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    drop(halves);
}
