//! `/metrics`: the figures of the server, for whoever runs it.
use std::sync::Arc;

use kernel::Scope;
use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, Result, Route, handler, web::Data};

use super::{client::Called, edge::Edge, forwarded::TRACES, graphql::refused, host::Hosts, refusal::Refusal};

/// The routes of an address of its own, which nobody else reaches.
pub(super) fn routes(edge: Arc<Edge>) -> impl IntoEndpoint<Endpoint = impl Endpoint<Output = Response> + 'static> {
    Route::new().at("/metrics", alone.data(edge))
}

/// The figures, without a question.
#[handler]
fn alone(edge: Data<&Arc<Edge>>) -> Response {
    text(edge.0)
}

/// The figures, on the address that everybody asks: for programs on this machine, and for tokens that allow it.
#[handler]
pub(super) async fn metrics(http: &Request, edge: Data<&Arc<Edge>>) -> Response {
    match may_read(http, edge.0).await {
        Ok(()) => text(edge.0),
        Err(refusal) => refused(&refusal),
    }
}

async fn may_read(http: &Request, edge: &Edge) -> Result<(), Refusal> {
    let asker = edge.asker(http.headers(), http.uri()).await?;
    if is_on_this_machine(http) {
        return Ok(());
    }
    asker.require(&Scope::ReadMetrics)
}

/// Tells whether a program on this machine asks, and no page whose name was made to lead here.
fn is_on_this_machine(http: &Request) -> bool {
    let headers = http.headers();
    let is_near = http.remote_addr().as_socket_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let is_passed_on = TRACES.iter().any(|name| headers.contains_key(*name));
    is_near && !is_passed_on && Hosts::local().allow(|| Called::directly(http.uri(), headers))
}

fn text(edge: &Edge) -> Response {
    let text = edge.metrics.text(&edge.graph, &edge.db, edge.answers.bytes());
    Response::builder()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .header("cache-control", "no-store")
        .body(text)
}
