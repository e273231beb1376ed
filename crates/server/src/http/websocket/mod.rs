//! WebSockets with the protocol `graphql-transport-ws`, to the letter of
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>.
mod message;
mod socket;

use poem::{
    Request, Response,
    http::{self, HeaderMap, HeaderValue, StatusCode},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::server::create_response,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    sockets::Sockets,
    streams::{Operations, full},
};

/// The name of the protocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// Whether the client asks for a WebSocket.
pub(super) fn is_asked_for(http: &Request) -> bool {
    let upgrade = http.headers().get("upgrade").and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Opens the socket and serves it in the background.
pub(super) fn open(http: &Request, operations: &Operations, sockets: &Sockets) -> Response {
    let Some(handshake) = handshake(http) else { return StatusCode::BAD_REQUEST.into() };
    let Some(place) = sockets.place(operations.0.metrics.sockets()) else { return full() };
    let Ok(upgrade) = http.take_upgrade() else { return StatusCode::BAD_REQUEST.into() };
    let speaks = speaks(http.headers());
    let (operations, sockets) = (operations.clone(), sockets.clone());
    tokio::spawn(async move {
        let _place = place;
        // The client may go away before the upgrade.
        let Ok(upgraded) = upgrade.await else { return };
        let max = sockets.settings().max_message_bytes;
        let config = WebSocketConfig::default()
            .max_message_size(Some(max))
            .max_frame_size(Some(max))
            .read_buffer_size(8 * 1024)
            .write_buffer_size(0);
        let stream = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await;
        socket::serve(stream, speaks, &operations, &sockets).await;
    });
    let (parts, ()) = handshake.into_parts();
    let mut response = Response::builder().status(parts.status).finish();
    response.headers_mut().extend(parts.headers);
    if speaks {
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(PROTOCOL));
    }
    response
}

/// The answer to the handshake; none where the request is not a whole one.
fn handshake(request: &Request) -> Option<http::Response<()>> {
    let mut asked = http::Request::new(());
    *asked.method_mut() = request.method().clone();
    *asked.version_mut() = request.version();
    asked.headers_mut().clone_from(request.headers());
    create_response(&asked).ok()
}

/// Whether the client offers to speak the protocol.
fn speaks(headers: &HeaderMap) -> bool {
    let offered = headers.get_all("sec-websocket-protocol").iter().filter_map(|value| value.to_str().ok());
    offered.flat_map(|value| value.split(',')).any(|name| name.trim() == PROTOCOL)
}
