//! Requests that are not executed: a status, a code and a message.
use async_graphql::{Response as GraphResponse, ServerError};
use poem::http::StatusCode;
use serde_json::{Value, json};

use crate::{limits::Exceeded, validation::Broken};

/// Why a request is not executed.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The status, where the media type lets it speak.
    pub(super) status: StatusCode,
    /// The stable code, in `extensions.code`.
    pub(super) code: &'static str,
    /// What is wrong and what to do.
    pub(super) message: String,
    /// Where in the GraphQL document, as line and column.
    location: Option<(usize, usize)>,
    /// Whether the HTTP request itself was well formed, so that `application/json` answers with 200.
    pub(super) is_graphql: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), location: None, is_graphql: false }
    }

    /// The HTTP request is malformed.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    /// The HTTP request is well formed, what it asks is not.
    pub(super) fn graphql(code: &'static str, message: impl Into<String>) -> Self {
        Self { is_graphql: true, ..Self::new(StatusCode::BAD_REQUEST, code, message) }
    }

    /// The server has as much to do as it may have.
    pub(super) fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_REQUESTS", message)
    }

    /// The method does not suit what is asked.
    pub(super) fn method(message: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
    }

    /// At this line and column of the GraphQL document.
    pub(super) fn at(mut self, line: usize, column: usize) -> Self {
        self.location = Some((line, column));
        self
    }

    /// The error as GraphQL has it.
    pub(super) fn error(&self) -> Value {
        let mut error = json!({ "message": self.message, "extensions": { "code": self.code } });
        if let Some((line, column)) = self.location {
            error["locations"] = json!([{ "line": line, "column": column }]);
        }
        error
    }
}

impl Refusal {
    /// The same as a response, which has nothing but this error.
    pub(super) fn response(&self) -> GraphResponse {
        let mut error = ServerError::new(&*self.message, None);
        error.extensions.get_or_insert_default().set("code", self.code);
        GraphResponse::from_errors(vec![error])
    }
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        Self::graphql("GRAPHQL_VALIDATION_FAILED", broken.message).at(broken.at.line, broken.at.column)
    }
}

impl From<Exceeded> for Refusal {
    fn from(exceeded: Exceeded) -> Self {
        Self::graphql(exceeded.code, exceeded.to_string())
    }
}
