//! Answers to probes: `/healthz` and `/readyz`.
use std::{sync::Arc, time::Duration};

use kernel::store::Failure;
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Data, Json},
};
use serde_json::json;

use super::{live::Live, state::ServerState};

/// Maximum time for the database to answer a probe.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process lives.
#[handler]
pub(super) fn healthz() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

/// The process can answer and take changes: the database does, and it is not about to stop.
#[handler]
pub(super) async fn readyz(state: Data<&Arc<ServerState>>, live: Data<&Live>) -> Response {
    let answers = tokio::time::timeout(PATIENCE, state.db.refresh());
    let status = match answers.await {
        _ if live.is_closing() => "the server is stopping",
        Ok(Ok(())) => match state.db.write_failure() {
            None => "ok",
            Some(Failure::Full) => "the database cannot be written: its disk is full",
            Some(_) => "the database cannot be written",
        },
        Ok(Err(cause)) => {
            tracing::warn!(?cause, "the database does not answer");
            "the database does not answer"
        }
        Err(_) => "the database does not answer in time",
    };
    let code = if status == "ok" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Response::builder().status(code).content_type("application/json").body(json!({ "status": status }).to_string())
}
