//! The doors of the server: one client keeps no other out, whatever it opens and leaves half sent.
#![cfg(target_os = "linux")]
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use careerql_server::{ClientOptions, Limits, Settings, SocketOptions};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::harness::{PATIENCE, Running, Socket, TestDatabase, TestServer, eventually};

/// A client; all addresses of this network are of this machine.
pub const ONE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
pub const HEAD: &str = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
pub const QUERY: &str = r#"{"query":"{ __typename }"}"#;
pub const SUBSCRIPTION: &str = "subscription { contentChanged { slug } }";
pub const PROTOCOL: Option<&str> = Some("graphql-transport-ws");

pub async fn connect(client: Ipv4Addr, server: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((client, 0).into()).unwrap();
    timeout(PATIENCE, socket.connect(server)).await.expect("a connection in time").unwrap()
}

/// A connection on which the client said this.
pub async fn said(client: Ipv4Addr, server: SocketAddr, text: &str) -> TcpStream {
    let mut stream = connect(client, server).await;
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything that the server says until it closes the connection.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset counts as closed.
    let _closed = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The answer to a query on a connection of its own.
async fn ask(client: Ipv4Addr, server: SocketAddr) -> String {
    let mut stream = connect(client, server).await;
    let request = format!("{HEAD}connection: close\r\ncontent-length: {}\r\n\r\n{QUERY}", QUERY.len());
    // The server may have refused the connection.
    let _said = stream.write_all(request.as_bytes()).await;
    rest(&mut stream).await
}

async fn is_answered(client: Ipv4Addr, server: SocketAddr) {
    let answer = ask(client, server).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{client}: {answer:?}");
}

/// A request whose body does not come, and which the server has begun to read.
pub async fn half_a_body(client: Ipv4Addr, server: SocketAddr) -> TcpStream {
    let mut stream =
        said(client, server, &format!("{HEAD}expect: 100-continue\r\ncontent-length: {}\r\n\r\n", QUERY.len())).await;
    let mut answer = [0; 25];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("it waits for the body").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{").await.unwrap();
    stream
}

/// Sends the rest of the body; the answer.
async fn finish(mut stream: TcpStream) -> String {
    stream.write_all(&QUERY.as_bytes()[1..]).await.unwrap();
    let mut answer = [0; 4096];
    let length = timeout(PATIENCE, stream.read(&mut answer)).await.expect("an answer in time").unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// Tells whether the server has closed the connection, or does in a moment.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let read = timeout(Duration::from_millis(100), stream.read(&mut [0; 1])).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}

async fn server(limits: Limits, clients: ClientOptions) -> TestServer {
    TestServer::with_settings(Settings { limits, clients, ..Settings::default() }).await
}

fn limits(max_connections: usize) -> Limits {
    Limits { max_connections, header_seconds: PATIENCE * 3, body_seconds: PATIENCE * 3, ..Limits::default() }
}

#[tokio::test]
async fn a_thousand_sockets_of_one_client_leave_a_neighbour_his() {
    let database = TestDatabase::fresh().await;
    let server = Running::start(Running::on(&database).env("CAREERQL_INIT_SECONDS", "300"));
    let (mut open, mut refused) = (Vec::new(), 0);
    for _ in 0..1_000 {
        match Socket::over(connect(ONE, server.address()).await, PROTOCOL).await {
            Ok(socket) => open.push(socket),
            Err(status) => {
                assert_eq!(status, 503);
                refused += 1;
            }
        }
    }

    assert_eq!((open.len(), refused), (250, 750), "a quarter of the default");
    let neighbour = Socket::over(connect(OTHER, server.address()).await, PROTOCOL).await;
    let mut neighbour = neighbour.expect("the neighbour has a place").initialised().await;
    assert_eq!(neighbour.answer("1", "{ __typename }").await["data"]["__typename"], "Query");
    is_answered(OTHER, server.address()).await;
    is_answered(ONE, server.address()).await;
}

#[tokio::test]
async fn half_open_connections_beyond_the_limit_of_files_keep_nobody_out() {
    let database = TestDatabase::fresh().await;
    let mut server = Running::start(Running::on(&database).ulimit("-n 256").env("CAREERQL_LOG_LEVEL", "warn"));
    let mut open = Vec::new();
    for number in 0..400 {
        open.push(said(ONE, server.address(), if number % 2 == 0 { "" } else { HEAD }).await);
        if number % 40 == 0 {
            is_answered(OTHER, server.address()).await;
        }
    }
    is_answered(OTHER, server.address()).await;
    is_answered(ONE, server.address()).await;

    // Many addresses, each within its share.
    for number in 0..400_u16 {
        let [_, low] = (number / 10).to_be_bytes();
        open.push(said(Ipv4Addr::new(127, 0, 1, low), server.address(), HEAD).await);
    }
    is_answered(OTHER, server.address()).await;

    server.signal("TERM");
    let log = server.log();
    assert_eq!(server.wait(), Some(0));
    for word in ["may open 256 files", "--max-connections is 103 instead of 4096", "--max-sockets 25", "ulimit -n 5224"]
    {
        assert!(log.contains(word), "{word}: {log}");
    }
    assert!(!log.contains("cannot be accepted"), "the files suffice: {log}");
}

#[tokio::test]
async fn a_flood_of_connections_waits_without_being_turned_away() {
    let server = server(Limits::default(), ClientOptions::default()).await;
    let allowed = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap().trim().parse().unwrap();
    let ss = std::process::Command::new("ss").args(["-Hlnt", &format!("sport = :{}", server.address.port())]).output();
    let Ok(output) = ss else { return };
    let text = String::from_utf8(output.stdout).unwrap();

    let waiting: usize = text.split_whitespace().nth(2).unwrap().parse().unwrap();

    assert_eq!(waiting, 4_096.min(allowed), "{text}");
}

/// The soft limit of open files of the process, and its hard one.
fn files(server: &Running) -> (String, String) {
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let mut numbers = line.split_whitespace().skip(3).map(str::to_owned);
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[tokio::test]
async fn the_soft_limit_of_files_is_raised_to_the_hard_one() {
    let database = TestDatabase::fresh().await;
    let server = Running::start(Running::on(&database).ulimit("-Sn 64").env("CAREERQL_LOG_LEVEL", "warn"));
    let (soft, hard) = files(&server);
    assert_eq!(soft, hard);
    assert_ne!(soft, "64");
    server.signal("TERM");
    assert!(!server.log().contains("ulimit"), "what fits is not told of");
}

#[tokio::test]
async fn a_server_without_files_gives_up_idle_connections() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let database = TestDatabase::fresh().await;
    let server = Running::start(Running::on(&database).env("CAREERQL_LOG_LEVEL", "warn"));
    is_answered(OTHER, server.address()).await;
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
    let few = Rlimit { current: Some(open as u64 + 8), maximum: Some(20_000) };
    let pid = Pid::from_raw(server.id().try_into().unwrap());
    prlimit(pid, Resource::Nofile, few).unwrap();

    let mut half = Vec::new();
    for _ in 0..40 {
        half.push(said(ONE, server.address(), HEAD).await);
    }
    for _ in 0..5 {
        is_answered(OTHER, server.address()).await;
    }

    server.signal("TERM");
    let log = server.log();
    assert_eq!(log.matches("no connection can be accepted").count(), 1, "once, not for each: {log}");
}

#[tokio::test]
async fn a_client_over_its_share_gives_up_the_longest_idle_of_its_own() {
    let server = server(limits(20), ClientOptions::default()).await;
    let mut neighbour = connect(OTHER, server.address).await;
    let mut open = Vec::new();
    // The first has had its answer; others send a head byte by byte, or nothing.
    let mut kept = half_a_body(ONE, server.address).await;
    for number in 0..15 {
        open.push(said(ONE, server.address, if number % 2 == 0 { "P" } else { "" }).await);
        sleep(Duration::from_millis(2)).await;
    }
    open[0].write_all(b"O").await.unwrap();

    let mut newer = said(ONE, server.address, "").await;

    assert_eq!(rest(&mut open[0]).await, "", "a byte now and then helps nobody");
    assert!(!is_closed(&mut open[1]).await);
    assert!(!is_closed(&mut newer).await);
    assert!(!is_closed(&mut neighbour).await);
    assert!(!is_closed(&mut kept).await, "a request is no idle connection");
    assert!(finish(kept).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_client_whose_share_is_in_use_is_refused_in_words() {
    let server = server(limits(100), ClientOptions::default()).await;
    let mut busy = Vec::new();
    for _ in 0..25 {
        busy.push(half_a_body(ONE, server.address).await);
    }

    let refused = ask(ONE, server.address).await;

    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    for word in ["retry-after: 1", "TOO_MANY_CONNECTIONS", "25", "your address", "its share"] {
        assert!(refused.to_lowercase().contains(&word.to_lowercase()), "{word}: {refused}");
    }
    is_answered(OTHER, server.address).await;
    assert!(finish(busy.pop().unwrap()).await.starts_with("HTTP/1.1 200"));
    is_answered(ONE, server.address).await;
    let metrics = reqwest::get(format!("http://{}/metrics", server.address)).await.unwrap().text().await.unwrap();
    assert!(metrics.contains(r#"code="TOO_MANY_CONNECTIONS"} 1"#), "{metrics}");
}

#[tokio::test]
async fn a_full_server_gives_up_what_is_idle_and_else_says_that_it_is_full() {
    let server = server(limits(16), ClientOptions::default()).await;
    let mut busy = Vec::new();
    for number in 0..14 {
        busy.push(half_a_body(Ipv4Addr::new(127, 0, 1, number), server.address).await);
    }
    let mut idle = said(ONE, server.address, &format!("{HEAD}content-length: {}\r\n\r\n{QUERY}", QUERY.len())).await;
    let mut bytes = [0; 4096];
    assert!(timeout(PATIENCE, idle.read(&mut bytes)).await.unwrap().unwrap() > 0);
    let stream = reqwest::Client::new().get(&server.url).header("accept", "text/event-stream");
    let mut stream = stream.query(&[("query", SUBSCRIPTION)]).send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some());

    busy.push(half_a_body(OTHER, server.address).await);

    assert_eq!(rest(&mut idle).await, "", "it had its answer");
    let refused = ask(OTHER, server.address).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("This server has 16 open"), "{refused}");
    drop(stream);
    for stream in busy {
        assert!(finish(stream).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn a_proxy_has_no_share_of_connections() {
    let clients = ClientOptions { trusted_proxies: vec!["127.0.0.1".parse().unwrap()], ..ClientOptions::default() };
    let server = server(limits(40), clients).await;
    let mut busy = Vec::new();
    for _ in 0..30 {
        busy.push(half_a_body(ONE, server.address).await);
    }
    is_answered(ONE, server.address).await;
}

#[tokio::test]
async fn a_client_that_reads_only_when_it_has_sent_everything_hears_why_it_is_refused() {
    let limits = Limits { max_body_bytes: 1000, ..Limits::default() };
    let server = server(limits, ClientOptions::default()).await;
    let megabytes = 4 * 1024 * 1024;
    let length = format!("content-length: {megabytes}\r\n\r\n");
    let heads = [
        (format!("{HEAD}{length}"), "HTTP/1.1 413"),
        (format!("{}{length}", HEAD.replace("json", "xml")), "HTTP/1.1 415"),
        (format!("{}{length}", HEAD.replace("/graphql", "/nothing")), "HTTP/1.1 404"),
        (format!("{}{length}", HEAD.replace("POST", "DELETE")), "HTTP/1.1 405"),
        (format!("{HEAD}x-long: "), "HTTP/1.1 431"),
    ];
    for (head, refusal) in heads {
        let mut stream = said(ONE, server.address, &head).await;
        let sent = timeout(PATIENCE, stream.write_all(&vec![b'x'; megabytes])).await.expect("the server reads");
        sent.unwrap_or_else(|cause| panic!("{refusal}: {cause}"));
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with(refusal), "{refusal}: {answer:?}");
    }
}

#[tokio::test]
async fn a_client_that_goes_on_sending_after_its_refusal_is_closed() {
    let limits = Limits { max_body_bytes: 1000, ..limits(4) };
    let server = server(limits, ClientOptions::default()).await;
    let mut stream = said(ONE, server.address, &format!("{HEAD}content-length: 1000000\r\n\r\n")).await;
    let closed = async {
        while stream.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(80)).await;
        }
    };
    timeout(PATIENCE, closed).await.expect("the rest is read for a while, not for ever");
}

#[tokio::test]
async fn subscriptions_of_all_sockets_and_streams_of_a_client_have_a_share() {
    let sockets = SocketOptions { max_open_subscriptions: 40, ..SocketOptions::default() };
    let server = TestServer::with_sockets(sockets).await;
    let stream = async |client: Ipv4Addr| {
        let http = reqwest::Client::builder().local_address(Some(client.into())).build().unwrap();
        let request = http.get(&server.url).header("accept", "text/event-stream").query(&[("query", SUBSCRIPTION)]);
        request.send().await.unwrap()
    };
    let mut sockets = [Socket::ready(&server).await, Socket::ready(&server).await];
    for number in 0..15 {
        sockets[number % 2].subscribed(&number.to_string(), SUBSCRIPTION).await;
    }
    let mut last = stream(ONE).await;
    assert!(last.chunk().await.unwrap().unwrap().starts_with(b":"));

    sockets[0].subscribe("more", SUBSCRIPTION).await;
    let refused = sockets[0].hear().await;
    let told = stream(ONE).await.text().await.unwrap();

    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("more")), "{refused}");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_SUBSCRIPTIONS");
    let message = refused["payload"][0]["message"].as_str().unwrap();
    assert!(message.contains("Your address has 16") && message.contains("its share"), "{message}");
    assert!(told.contains("TOO_MANY_SUBSCRIPTIONS") && told.contains("its share"), "{told}");
    // Others have theirs, and a query is no subscription.
    assert!(stream(OTHER).await.chunk().await.unwrap().unwrap().starts_with(b":"));
    sockets[1].answer("query", "{ __typename }").await;
    // What is over leaves its place.
    sockets[0].say(json!({ "type": "complete", "id": "0" })).await;
    sockets[0].subscribed("more", SUBSCRIPTION).await;
    sockets[0].subscribe("again", SUBSCRIPTION).await;
    assert_eq!(sockets[0].hear().await["payload"][0]["extensions"]["code"], "TOO_MANY_SUBSCRIPTIONS");
    drop(last);
    let [_open, closed] = sockets;
    closed.close().await;
    eventually("the places of a socket that was closed are free", async || {
        stream(ONE).await.chunk().await.unwrap().unwrap().starts_with(b":")
    })
    .await;
}
