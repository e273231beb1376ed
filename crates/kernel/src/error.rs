//! The one error of the kernel and its way into a GraphQL answer.
//!
//! What a caller did wrong keeps its message and a stable code. Everything else is logged with its cause and leaves the
//! server as `INTERNAL`, without a word of SQL, paths or panics.
use std::{error::Error as StdError, sync::Arc};

use async_graphql::{ErrorExtensionValues, Response, ServerError};

use crate::store::{Failure, nothing_stored, told};

/// The result of everything in the kernel that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request could not be answered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The caller can mend it: the message says how.
    #[error("{message}")]
    Caller {
        /// The stable code, in `extensions.code`.
        code: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// The server failed; the cause is for the log only.
    #[error("The server could not answer this field. The cause is in its log.")]
    Internal(#[source] Arc<dyn StdError + Send + Sync>),
}

impl Error {
    /// An error that the caller can mend.
    pub fn caller(code: &'static str, message: impl Into<String>) -> Self {
        Self::Caller { code, message: message.into() }
    }

    /// A failure of the server itself; `cause` goes to the log.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(cause.into()))
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Caller { code, .. } => code,
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// What the log says of it.
    pub(crate) fn cause(&self) -> String {
        match self {
            Self::Caller { message, .. } => message.clone(),
            Self::Internal(cause) => chain(&**cause),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(cause: sea_orm::DbErr) -> Self {
        // Only transactions that write fail so, and they leave no trace.
        let is_write = matches!(cause, sea_orm::DbErr::Exec(_));
        let error = told(Failure::of(&cause), cause);
        if is_write { nothing_stored(error) } else { error }
    }
}

impl From<serde_json::Error> for Error {
    fn from(cause: serde_json::Error) -> Self {
        Self::internal(cause)
    }
}

/// How many mistakes in a document are reported at once.
const MAX_MISTAKES: usize = 8;
/// How many failures of fields are reported at once.
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
        let message = format!("There are {} more errors. Mend these first.", errors - most);
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

/// The code of a change that may be stored or not.
pub(crate) const OUTCOME_UNKNOWN: &str = "DATABASE_OUTCOME_UNKNOWN";
/// Message to a caller whose change may be stored, where its answer cannot be read.
const READ_AFTERWARDS: &str = "The server failed while it read this for the answer, after the change. What you changed may be stored: look before \
                               you repeat it.";

/// Sets `extensions.code`.
fn set_code(error: &mut ServerError, code: &str) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
