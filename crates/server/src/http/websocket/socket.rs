//! One socket: a loop that takes the client's messages and sends the responses of its operations, one at a time. Operations go on
//! only as fast as the client takes what they say, a response or two ahead, so a slow client costs little memory.
use std::time::Duration;

use async_graphql::Response as GraphResponse;
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{self, BoxStream},
};
use poem::{
    Upgraded,
    http::{HeaderMap, Uri},
};
use serde_json::{Map, Value, value::RawValue};
use tokio::{
    io::AsyncReadExt as _,
    time::{Instant, sleep_until, timeout},
};
use tokio_stream::StreamMap;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Bytes, Error, Message, Utf8Bytes,
        error::CapacityError,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::{
    super::{
        auth::Credentials,
        client::Client,
        live::Live,
        operations::Operations,
        request_error::{RequestError, well_formed},
        response::{is_request_error, json_of},
        settings::SocketOptions,
    },
    message::{FromClient, FromServer},
};
use crate::observe::RequestId;

/// Maximum time for a client to answer that the socket is closed.
const FAREWELL: Duration = Duration::from_secs(2);
/// Maximum size of the reason of a closure, in bytes.
const MAX_REASON: usize = 123;

/// Why a socket is closed.
#[derive(Debug)]
enum Closed {
    /// By the client, or by a network that failed: there is nobody to tell.
    Gone,
    /// By the server, with a code and a reason.
    With(u16, String),
    /// By the server, which could not read what the client sent and reads no more.
    Unreadable(u16, String),
}

impl Closed {
    fn with(code: u16, reason: impl Into<String>) -> Self {
        Self::With(code, reason.into())
    }

    fn stopping() -> Self {
        Self::with(1001, "The server is stopping")
    }
}

/// Message from an operation.
enum Said {
    Response(Box<GraphResponse>),
    End,
}

/// The request that opened a socket.
#[derive(Clone, Copy)]
pub(super) struct Opened<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) uri: &'a Uri,
    /// The client that it is for.
    pub(super) client: Client,
    /// Its id, which stands in the log lines of all operations of the socket.
    pub(super) id: &'a RequestId,
}

/// Serves a socket until one side closes it.
pub(super) async fn serve(
    stream: WebSocketStream<Upgraded>,
    speaks: bool,
    opened: Opened<'_>,
    operations: &Operations,
    live: &Live,
) {
    let settings = live.settings();
    let now = Instant::now();
    let mut socket = Socket {
        stream,
        live,
        settings,
        operations,
        opened,
        credentials: Credentials::default(),
        open: StreamMap::new(),
        init_until: Some(now + settings.init_seconds),
        ping_at: now + settings.ping_seconds,
        seen: now,
    };
    let closed = if speaks { socket.run().await } else { Closed::with(4406, "Subprotocol not acceptable") };
    // What the operations hold is not needed for the farewell.
    socket.open.clear();
    socket.close(closed).await;
}

struct Socket<'a> {
    stream: WebSocketStream<Upgraded>,
    live: &'a Live,
    settings: &'a SocketOptions,
    operations: &'a Operations,
    opened: Opened<'a>,
    /// Caller that opened the socket.
    credentials: Credentials,
    /// The open operations by their ids.
    open: StreamMap<String, BoxStream<'static, Said>>,
    /// Until when the client must say `connection_init`; none once it has.
    init_until: Option<Instant>,
    ping_at: Instant,
    /// Time at which the client last gave a sign of life.
    seen: Instant,
}

impl Socket<'_> {
    async fn run(&mut self) -> Closed {
        let closing = self.live.closing();
        tokio::pin!(closing);
        loop {
            let dead_at = self.seen + self.settings.idle_seconds;
            let wake_at = self.init_until.into_iter().fold(dead_at.min(self.ping_at), Instant::min);
            let done = tokio::select! {
                biased;
                () = &mut closing => Err(Closed::stopping()),
                () = sleep_until(wake_at) => self.tick(dead_at).await,
                frame = self.stream.next() => self.take(frame).await,
                Some((id, said)) = self.open.next() => self.tell(&id, said).await,
            };
            if let Err(closed) = done {
                return closed;
            }
        }
    }

    /// Something is due.
    async fn tick(&mut self, dead_at: Instant) -> Result<(), Closed> {
        let now = Instant::now();
        if self.init_until.is_some_and(|until| until <= now) {
            let seconds = self.settings.init_seconds.as_secs_f64();
            return Err(Closed::with(4408, format!("Connection initialisation timeout ({seconds} seconds)")));
        }
        if dead_at <= now {
            let seconds = self.settings.idle_seconds.as_secs_f64();
            return Err(Closed::with(1001, format!("No sign of life for {seconds} seconds")));
        }
        if self.ping_at <= now {
            self.ping_at = now + self.settings.ping_seconds;
            self.send(Message::Ping(Bytes::new())).await?;
        }
        Ok(())
    }

    async fn take(&mut self, frame: Option<Result<Message, Error>>) -> Result<(), Closed> {
        self.seen = Instant::now();
        match frame {
            Some(Ok(Message::Text(text))) => match FromClient::parse(&text) {
                Ok(message) => self.obey(message).await,
                Err(reason) => Err(Closed::with(4400, reason)),
            },
            Some(Ok(Message::Binary(_))) => Err(Closed::with(4400, "A message must be text.")),
            // The library answers pings and closures by itself, with the next read.
            Some(Ok(_)) => Ok(()),
            Some(Err(Error::Capacity(CapacityError::MessageTooLong { size, max_size }))) => {
                let reason = format!("The message has {size} bytes or more; the limit is {max_size}.");
                Err(Closed::Unreadable(1009, reason))
            }
            Some(Err(Error::Capacity(_))) => Err(Closed::Unreadable(1009, "The message is too big.".to_owned())),
            Some(Err(Error::Utf8(_))) => Err(Closed::Unreadable(1007, "The message is not valid UTF-8.".to_owned())),
            Some(Err(Error::Protocol(_))) => {
                Err(Closed::Unreadable(1002, "This is not a valid WebSocket frame.".to_owned()))
            }
            Some(Err(_)) | None => Err(Closed::Gone),
        }
    }

    async fn obey(&mut self, message: FromClient) -> Result<(), Closed> {
        match message {
            FromClient::Init(_) if self.init_until.is_none() => {
                Err(Closed::with(4429, "Too many initialisation requests"))
            }
            FromClient::Init(payload) => {
                let state = &self.operations.0;
                let credentials = match state.auth.credentials(self.opened.headers, self.opened.uri).await {
                    Ok(credentials) => state.auth.credentials_of(credentials, &payload).await,
                    Err(refusal) => Err(refusal),
                };
                self.credentials = credentials.map_err(|refusal| Closed::with(4403, refusal.message))?;
                self.init_until = None;
                self.say(FromServer::ConnectionAck).await
            }
            FromClient::Ping(payload) => self.say(FromServer::Pong { payload }).await,
            FromClient::Pong => Ok(()),
            FromClient::Complete(id) => {
                self.open.remove(&id);
                Ok(())
            }
            FromClient::Subscribe(..) if self.init_until.is_some() => Err(Closed::with(4401, "Unauthorized")),
            FromClient::Subscribe(id, _) if self.open.contains_key(&id) => {
                Err(Closed::with(4409, format!("Subscriber for {id} already exists")))
            }
            FromClient::Subscribe(id, parameters) => self.start(id, parameters).await,
        }
    }

    async fn start(&mut self, id: String, parameters: Map<String, Value>) -> Result<(), Closed> {
        let max = self.settings.max_subscriptions;
        if self.open.len() >= max {
            let message = format!("This socket has {} operations open; the limit is {max}.", self.open.len());
            return self.refuse(&id, &RequestError::graphql("TOO_MANY_SUBSCRIPTIONS", message)).await;
        }
        match self.started(parameters).await {
            Ok(responses) => {
                let responses = responses.map(|response| Said::Response(Box::new(response)));
                self.open.insert(id, responses.chain(stream::iter([Said::End])).boxed());
                Ok(())
            }
            Err(refusal) => self.refuse(&id, &refusal).await,
        }
    }

    /// Starts an operation for whoever opened the socket, if he may still ask.
    async fn started(
        &mut self,
        parameters: Map<String, Value>,
    ) -> Result<BoxStream<'static, GraphResponse>, RequestError> {
        let credentials = self.operations.0.auth.renewed(&self.credentials).await?;
        let client = self.opened.client;
        let prepared = self.operations.prepare(client, parameters).await?;
        self.operations.start_for(client, self.live, &credentials, prepared, self.opened.id).await
    }

    async fn refuse(&mut self, id: &str, refusal: &RequestError) -> Result<(), Closed> {
        self.operations.0.metrics.refused(refusal.code);
        self.say(FromServer::Error { id, payload: refusal.errors() }).await
    }

    /// Sends what an operation says. A response that only says what is wrong with the request ends it.
    async fn tell(&mut self, id: &str, said: Said) -> Result<(), Closed> {
        match said {
            Said::Response(response) if is_request_error(&response) => {
                self.open.remove(id);
                let payload = response.errors.iter().map(well_formed).collect();
                self.say(FromServer::Error { id, payload }).await
            }
            Said::Response(response) => {
                let json = String::from_utf8(json_of(&response)).ok().and_then(|json| RawValue::from_string(json).ok());
                let Some(payload) = json else {
                    return Err(Closed::with(1011, "The server could not write its answer"));
                };
                self.say(FromServer::Next { id, payload: &payload }).await
            }
            Said::End => {
                self.open.remove(id);
                self.say(FromServer::Complete { id }).await
            }
        }
    }

    async fn say(&mut self, message: FromServer<'_>) -> Result<(), Closed> {
        self.send(Message::text(message.to_json())).await
    }

    /// Waits until the client takes the message, but not longer than it may be silent, nor when the server stops.
    async fn send(&mut self, message: Message) -> Result<(), Closed> {
        let sent = timeout(self.settings.idle_seconds, self.stream.send(message));
        tokio::select! {
            biased;
            sent = sent => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) | Err(_) => Err(Closed::Gone),
            },
            () = self.live.closing() => Err(Closed::stopping()),
        }
    }

    async fn close(mut self, closed: Closed) {
        let (code, reason, is_readable) = match &closed {
            Closed::Gone => return,
            Closed::With(code, reason) => (*code, reason.as_str(), true),
            Closed::Unreadable(code, reason) => (*code, reason.as_str(), false),
        };
        let reason = Utf8Bytes::from(&reason[..reason.floor_char_boundary(MAX_REASON)]);
        let frame = CloseFrame { code: CloseCode::from(code), reason };
        let farewell = async {
            if self.stream.send(Message::Close(Some(frame))).await.is_err() {
                return;
            }
            // Whoever ends a connection with bytes unread resets it, and the client may lose the frame.
            if is_readable {
                while let Some(Ok(_)) = self.stream.next().await {}
            } else {
                let (mut bytes, raw) = ([0; 4096], self.stream.get_mut());
                while matches!(raw.read(&mut bytes).await, Ok(1..)) {}
            }
        };
        let _too_late = timeout(FAREWELL, farewell).await;
    }
}
