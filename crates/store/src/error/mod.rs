//! The one error of requests and commands.
//!
//! A mistake of the caller keeps its message and a stable code. Everything else is logged with its cause and leaves the
//! server as `INTERNAL`, without a word of SQL, paths or panics.
pub(crate) mod failure;

use std::{error::Error as StdError, sync::Arc};

use self::failure::{Failure, nothing_stored, told};

/// The result of what can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request could not be answered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The caller can mend it: the message says how.
    #[error("{message}")]
    Caller {
        /// The stable code, in `extensions.code`.
        code: &'static str,
        /// Text that tells what is wrong and what to do.
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

    /// Description of it in the log.
    pub fn cause(&self) -> String {
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

impl From<document::WriteError> for Error {
    fn from(cause: document::WriteError) -> Self {
        Self::internal(cause)
    }
}

impl From<serde_json::Error> for Error {
    fn from(cause: serde_json::Error) -> Self {
        Self::internal(cause)
    }
}

/// The code of a change that may be stored or not.
pub const OUTCOME_UNKNOWN: &str = "DATABASE_OUTCOME_UNKNOWN";

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
