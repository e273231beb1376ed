//! `/metrics`: the figures of the server, for whoever runs it.
use std::sync::Arc;

use kernel::Scope;
use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, Result, Route, handler, web::Data};

use super::{
    client::Called, forwarded::TRACES, host::Hosts, request_error::RequestError, response::error_response,
    state::ServerState,
};

/// The routes of an address of its own, which nobody else reaches.
pub(super) fn routes(
    state: Arc<ServerState>,
) -> impl IntoEndpoint<Endpoint = impl Endpoint<Output = Response> + 'static> {
    Route::new().at("/metrics", alone.data(state))
}

/// The figures, without a question.
#[handler]
fn alone(state: Data<&Arc<ServerState>>) -> Response {
    text(state.0)
}

/// The figures, on the address that everybody asks: for programs on this machine, and for tokens that allow it.
#[handler]
pub(super) async fn metrics(http: &Request, state: Data<&Arc<ServerState>>) -> Response {
    match may_read(http, state.0).await {
        Ok(()) => text(state.0),
        Err(refusal) => error_response(&refusal),
    }
}

async fn may_read(http: &Request, state: &ServerState) -> Result<(), RequestError> {
    let credentials = state.auth.credentials(http.headers(), http.uri()).await?;
    if is_on_this_machine(http) {
        return Ok(());
    }
    credentials.require(&Scope::ReadMetrics)
}

/// Tells whether a program on this machine asks, and no page whose name was made to lead here.
fn is_on_this_machine(http: &Request) -> bool {
    let headers = http.headers();
    let is_near = http.remote_addr().as_socket_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let is_passed_on = TRACES.iter().any(|name| headers.contains_key(*name));
    is_near && !is_passed_on && Hosts::local().allow(|| Called::directly(http.uri(), headers))
}

fn text(state: &ServerState) -> Response {
    let text = state.metrics.text(&state.graph, &state.db, state.answers.bytes());
    Response::builder()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .header("cache-control", "no-store")
        .body(text)
}
