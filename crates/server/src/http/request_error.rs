//! Requests that are not executed: a status, a code and a message.
use async_graphql::{Pos, Response as GraphResponse, ServerError, parser::types::OperationType};
use language::{Broken, SyntaxError};
use poem::http::{Method, StatusCode};
use serde_json::Value;

use crate::{
    limits::Exceeded,
    pipeline::{Cause, Invalid},
};

/// One more error.
#[derive(Clone, Debug)]
struct Told {
    message: String,
    at: Vec<Pos>,
}

/// Why a request is not executed.
#[derive(Clone, Debug)]
pub(super) struct RequestError {
    /// The status.
    pub(super) status: StatusCode,
    /// The stable code, in `extensions.code`.
    pub(super) code: &'static str,
    /// Problem, and what to do.
    pub(super) message: String,
    /// Positions in the GraphQL document.
    locations: Vec<Pos>,
    /// Type of the operation, where that is known.
    operation: Option<OperationType>,
    /// Other problems with the same code.
    others: Vec<Told>,
    /// Tells whether the HTTP request itself was well formed, so that an event stream tells of it.
    pub(super) is_graphql: bool,
}

impl RequestError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            locations: Vec::new(),
            operation: None,
            others: Vec::new(),
            is_graphql: false,
        }
    }

    /// The HTTP request cannot be read.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    /// The HTTP request can be read, and its parameters are not those of a GraphQL request.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "BAD_REQUEST", message)
    }

    /// The HTTP request is well formed, what it asks is not.
    pub(super) fn graphql(code: &'static str, message: impl Into<String>) -> Self {
        Self { is_graphql: true, ..Self::new(status_of(code), code, message) }
    }

    /// The server has as much to do as it may have.
    pub(super) fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_REQUESTS", message)
    }

    /// The method does not suit what is asked.
    pub(super) fn method(message: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
    }

    /// Of an operation of this type.
    pub(super) fn of(mut self, operation: Option<OperationType>) -> Self {
        self.operation = operation;
        self
    }

    /// The same, or that the method does not suit the operation: that is told first, whatever else is wrong with it.
    pub(super) fn by(self, method: &Method) -> Self {
        match self.operation {
            Some(OperationType::Mutation) if *method != Method::POST => {
                Self::method("GET is for queries only. Send this operation by POST.")
            }
            _ => self,
        }
    }

    /// At this line and column of the GraphQL document.
    pub(super) fn at(mut self, line: usize, column: usize) -> Self {
        self.locations = vec![Pos { line, column }];
        self
    }

    /// The errors as GraphQL has them.
    pub(super) fn errors(&self) -> Vec<Value> {
        self.server_errors().iter().map(well_formed).collect()
    }

    /// The same as a response, which has nothing but these errors.
    pub(super) fn response(&self) -> GraphResponse {
        GraphResponse::from_errors(self.server_errors())
    }

    fn server_errors(&self) -> Vec<ServerError> {
        let others = self.others.iter().map(|other| (&other.message, &other.at));
        let all = std::iter::once((&self.message, &self.locations)).chain(others);
        let errors = all.map(|(message, locations)| {
            let mut error = ServerError::new(&**message, None);
            error.locations.clone_from(locations);
            error.extensions.get_or_insert_default().set("code", self.code);
            error
        });
        errors.collect()
    }
}

/// The status of a GraphQL request that is not executed, by the code of its error: 422 (Unprocessable Content) for everything that
/// is wrong with a document that can be parsed, and with its variables.
pub(super) fn status_of(code: &str) -> StatusCode {
    match code {
        "GRAPHQL_PARSE_FAILED" => StatusCode::BAD_REQUEST,
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "FORBIDDEN" | "DOCUMENT_NOT_TRUSTED" => StatusCode::FORBIDDEN,
        "INTERNAL" => StatusCode::INTERNAL_SERVER_ERROR,
        "TOO_MANY_SUBSCRIPTIONS" => StatusCode::SERVICE_UNAVAILABLE,
        code if code.starts_with("DATABASE_") => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl From<Vec<Broken>> for RequestError {
    fn from(broken: Vec<Broken>) -> Self {
        let mut broken = broken.into_iter().map(|Broken { message, at }| Told { message, at });
        let first = broken.next();
        let message = first.as_ref().map_or_else(String::new, |first| first.message.clone());
        let locations = first.map_or_else(Vec::new, |first| first.at);
        Self { locations, others: broken.collect(), ..Self::graphql("GRAPHQL_VALIDATION_FAILED", message) }
    }
}

impl From<Invalid> for RequestError {
    fn from(Invalid { cause, operation }: Invalid) -> Self {
        let error = match cause {
            Cause::Exceeded(exceeded) => exceeded.into(),
            Cause::Broken(broken) => broken.into(),
            Cause::Syntax(SyntaxError { message, at }) => {
                Self::graphql("GRAPHQL_PARSE_FAILED", message).at(at.line, at.column)
            }
            Cause::Operation(message) => Self::graphql("OPERATION_RESOLUTION_FAILED", message),
            Cause::Introspection => {
                let message = "This server does not show its schema. Its contract is published elsewhere.";
                Self::graphql("INTROSPECTION_DISABLED", message)
            }
        };
        error.of(operation)
    }
}

impl From<Exceeded> for RequestError {
    fn from(exceeded: Exceeded) -> Self {
        Self::graphql(exceeded.code, exceeded.to_string())
    }
}

/// An error without the empty lists that the specification does not allow.
pub(super) fn well_formed(error: &ServerError) -> serde_json::Value {
    let mut value = serde_json::to_value(error).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| value.as_array().is_none_or(|items| !items.is_empty()));
    }
    value
}
