//! WebSockets with the protocol `graphql-transport-ws`, to the letter of
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>.
mod message;
mod socket;

use poem::{
    Request, Response,
    http::{self, HeaderMap, HeaderValue, StatusCode, header},
};
use serde_json::json;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::server::create_response,
        protocol::{Role, WebSocketConfig},
    },
};

use self::socket::Opened;
use super::{
    client::Called,
    live::Live,
    operations::Operations,
    origin::{Origins, is_own},
    response::error_response,
};
use crate::observe::RequestId;

/// The name of the protocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// Tells whether the client asks for a WebSocket.
pub(super) fn is_asked_for(http: &Request) -> bool {
    let upgrade = http.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Tells whether a page of this origin may open a socket: the server's own, and those in the settings.
fn may_open(headers: &HeaderMap, origins: &Origins, called: impl FnOnce() -> Called) -> bool {
    // Only browsers send an origin.
    let Some(origin) = headers.get("origin") else { return true };
    origins.allow(origin) || is_own(origin.to_str().unwrap_or_default(), &called())
}

/// Opens the socket and serves it in the background.
pub(super) fn open(http: &Request, operations: &Operations, live: &Live) -> Response {
    let Some(handshake) = handshake(http) else { return StatusCode::BAD_REQUEST.into() };
    let state = &operations.0;
    if !may_open(http.headers(), &state.socket_origins, || state.clients.called(http)) {
        return forbidden();
    }
    let client = state.clients.client(http);
    let place = match live.place(client, state.metrics.sockets()) {
        Ok(place) => place,
        Err(refusal) => return error_response(&refusal),
    };
    let Ok(upgrade) = http.take_upgrade() else { return StatusCode::BAD_REQUEST.into() };
    let speaks = speaks(http.headers());
    let (headers, uri) = (http.headers().clone(), http.uri().clone());
    let id = RequestId::of(&headers);
    let header = id.header();
    let (operations, live) = (operations.clone(), live.clone());
    tokio::spawn(async move {
        let _place = place;
        // The client may go away before the upgrade.
        let Ok(upgraded) = upgrade.await else { return };
        let max = live.settings().max_message_bytes;
        let config = WebSocketConfig::default()
            .max_message_size(Some(max))
            .max_frame_size(Some(max))
            .read_buffer_size(8 * 1024)
            .write_buffer_size(0);
        let stream = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await;
        socket::serve(stream, speaks, Opened { headers: &headers, uri: &uri, client, id: &id }, &operations, &live)
            .await;
    });
    let (parts, ()) = handshake.into_parts();
    let mut response = Response::builder().status(parts.status).finish();
    response.headers_mut().extend(parts.headers);
    response.headers_mut().insert("x-request-id", header);
    if speaks {
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(PROTOCOL));
    }
    response
}

fn forbidden() -> Response {
    let message = "Pages of this origin may not open a WebSocket here. Name the origin in the server's setting --cors-origins. If it is \
         the server's own, behind a proxy, name the proxy in --trusted-proxies and have it send `X-Forwarded-Host` and \
         `X-Forwarded-Proto`.";
    let error = json!({ "message": message, "extensions": { "code": "ORIGIN_NOT_ALLOWED" } });
    Response::builder()
        .status(StatusCode::FORBIDDEN)
        .content_type("application/json; charset=utf-8")
        .body(json!({ "errors": [error] }).to_string())
}

/// The answer to the handshake; none where the request is not a whole one.
fn handshake(request: &Request) -> Option<http::Response<()>> {
    let mut asked = http::Request::new(());
    *asked.method_mut() = request.method().clone();
    *asked.version_mut() = request.version();
    asked.headers_mut().clone_from(request.headers());
    create_response(&asked).ok()
}

/// Tells whether the client offers to speak the protocol.
fn speaks(headers: &HeaderMap) -> bool {
    let offered = headers.get_all("sec-websocket-protocol").iter().filter_map(|value| value.to_str().ok());
    offered.flat_map(|value| value.split(',')).any(|name| name.trim() == PROTOCOL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called() -> Called {
        Called { names: vec!["api.example.com:8000".to_owned()], scheme: None }
    }

    fn allowed(origin: &str, origins: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("origin", origin.parse().expect("a header"));
        may_open(&headers, &origins.parse().expect("origins"), called)
    }

    #[test]
    fn a_page_of_another_origin_must_be_allowed() {
        assert!(may_open(&HeaderMap::new(), &Origins::none(), called), "a program is no page");
        assert!(allowed("http://api.example.com:8000", "none"));
        for other in ["http://api.example.com", "https://www.example.com", "null", "file://", ""] {
            assert!(!allowed(other, "https://app.example.com"), "{other}");
            assert!(allowed(other, "*"), "{other}");
        }
        assert!(allowed("https://www.example.com", "https://app.example.com, https://www.example.com/"));
    }
}
