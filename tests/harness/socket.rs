//! A client that speaks, or misspeaks, `graphql-transport-ws`.
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue, protocol::frame::coding::CloseCode},
};

use super::{PATIENCE, TestServer};

/// A WebSocket.
pub struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Opens a socket that offers this protocol; the status where the server refuses.
    pub async fn offering(server: &TestServer, protocol: Option<&str>) -> Result<Self, u16> {
        Self::over(TcpStream::connect(server.address).await.unwrap(), protocol).await
    }

    /// Opens a socket over this connection; the status where the server refuses.
    pub async fn over(stream: TcpStream, protocol: Option<&str>) -> Result<Self, u16> {
        let url = format!("ws://{}/graphql", stream.peer_addr().unwrap());
        let mut request = url.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_str(protocol).unwrap());
        }
        match client_async(request, stream).await {
            Ok((stream, response)) => {
                let agreed = response.headers().get("sec-websocket-protocol");
                assert!(agreed.is_none_or(|agreed| agreed == "graphql-transport-ws"));
                Ok(Self(stream))
            }
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket and says nothing.
    pub async fn silent(server: &TestServer) -> Self {
        Self::offering(server, Some("graphql-transport-ws")).await.unwrap()
    }

    /// Opens a socket that is ready for operations.
    pub async fn ready(server: &TestServer) -> Self {
        Self::silent(server).await.initialised().await
    }

    /// The same socket, ready for operations.
    pub async fn initialised(self) -> Self {
        let mut socket = self;
        socket.say(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
        socket
    }

    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// Starts an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    /// Starts an operation, and waits until the server has.
    pub async fn subscribed(&mut self, id: &str, query: &str) {
        self.subscribe(id, query).await;
        self.answer("barrier", "{ __typename }").await;
    }

    /// The next frame; none where the connection is closed.
    pub async fn frame(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.0.next()).await.expect("a frame in time").map(Result::unwrap)
    }

    /// The next message. Waits for it.
    pub async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Some(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("{other:?} is no message"),
            }
        }
    }

    /// The payload of the next message, which must be `next` for this operation.
    pub async fn next(&mut self, id: &str) -> Value {
        let mut message = self.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)), "{message}");
        message["payload"].take()
    }

    /// The answer to a query, which must be the next that the server says.
    pub async fn answer(&mut self, id: &str, query: &str) -> Value {
        self.subscribe(id, query).await;
        let answer = self.next(id).await;
        assert_eq!(self.hear().await, json!({ "type": "complete", "id": id }));
        answer
    }

    /// The code and the reason with which the server closes the socket; messages before are dropped.
    pub async fn closed(mut self) -> (u16, String) {
        loop {
            match self.frame().await {
                Some(Message::Close(Some(frame))) => return (CloseCode::into(frame.code), frame.reason.to_string()),
                Some(Message::Close(None)) | None => panic!("the socket was closed without a code"),
                Some(_) => {}
            }
        }
    }

    /// All bytes that come until the server closes the connection, for a client that answers nothing, no pings either.
    pub async fn unanswered(self) -> Vec<u8> {
        let (mut stream, mut bytes) = (self.0.into_inner(), Vec::new());
        // A reset counts as closed.
        let _closed =
            timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the server closes the connection");
        bytes
    }

    /// Closes the socket as a client does.
    pub async fn close(mut self) {
        self.0.close(None).await.unwrap();
        while self.frame().await.is_some() {}
    }
}
