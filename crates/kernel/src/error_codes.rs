//! Errors of an executed request: each gets its stable code, and the internal ones are logged.
use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response, ServerError};
use store::{Error, OUTCOME_UNKNOWN};

/// Message to a caller whose change may be stored, where its answer cannot be read.
const READ_AFTERWARDS: &str = "The server failed to read this for the answer, after the change. Your change may be stored: check before you \
                               repeat it.";
/// Maximum number of mistakes in a document that are reported at once.
const MAX_MISTAKES: usize = 8;
/// Maximum number of failures of fields that are reported at once.
const MAX_FAILURES: usize = 100;

/// Gives every error of an executed request its `extensions.code` and logs the internal ones.
///
/// Errors without a kernel cause come from the library: with a path they arose in a field (`BAD_USER_INPUT`, an argument
/// that does not parse), without one in the document (`GRAPHQL_VALIDATION_FAILED`).
pub(crate) fn give_codes(response: &mut Response) {
    let is_refused = response.errors.iter().all(|error| error.path.is_empty());
    let (errors, most) = (response.errors.len(), if is_refused { MAX_MISTAKES } else { MAX_FAILURES });
    if errors > most {
        response.errors.truncate(most);
        let message = format!("There are {} more errors. Fix these first.", errors - most);
        let mut more = ServerError::new(message, None);
        set_code(&mut more, "TOO_MANY_ERRORS");
        response.errors.push(more);
    }
    for error in &mut response.errors {
        let code = match error.source::<Error>() {
            Some(internal @ Error::Internal(_)) => {
                tracing::error!(path = ?error.path, cause = %internal.cause(), "a field failed");
                "INTERNAL"
            }
            Some(Error::Caller { code, .. }) => {
                if code.starts_with("DATABASE_") {
                    tracing::warn!(path = ?error.path, code, "the database failed a field");
                }
                code
            }
            None if error.extensions.as_ref().is_some_and(|e| e.get("code").is_some()) => continue,
            None if error.path.is_empty() => "GRAPHQL_VALIDATION_FAILED",
            None => "BAD_USER_INPUT",
        };
        set_code(error, code);
    }
}

/// Says of each failure of the server below the field of a mutation that it came after the change: what its caller asked for may be
/// stored, though the answer is incomplete or null.
pub(crate) fn tell_of_changes(response: &mut Response) {
    for error in response.errors.iter_mut().filter(|error| error.path.len() > 1) {
        let failed = match error.source::<Error>() {
            Some(internal @ Error::Internal(_)) => internal.cause(),
            Some(Error::Caller { code, message }) if code.starts_with("DATABASE_") => message.clone(),
            Some(Error::Caller { .. }) | None => continue,
        };
        tracing::error!(path = ?error.path, cause = %failed, "a field of an answer to a mutation failed");
        let told = Error::caller(OUTCOME_UNKNOWN, READ_AFTERWARDS);
        error.message = told.to_string();
        error.source = Some(Arc::new(told));
    }
}

/// Sets `extensions.code`.
fn set_code(error: &mut ServerError, code: &str) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
}
