//! One request: its id, and the statements that it takes.
use std::{
    cell::Cell,
    collections::hash_map::RandomState,
    fmt,
    hash::BuildHasher,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use poem::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that names a request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Maximum length of the id that a client gives its request.
const MAX_LENGTH: usize = 64;

tokio::task_local! {
    static STATEMENTS: Cell<u32>;
}

/// Runs the future; tells how many SQL statements it took.
pub(crate) async fn counted<F: Future>(future: F) -> (F::Output, u32) {
    STATEMENTS.scope(Cell::new(0), async { (future.await, STATEMENTS.with(Cell::get)) }).await
}

/// Counts a statement of the request that runs; false outside of requests.
pub(crate) fn statement() -> bool {
    STATEMENTS.try_with(|statements| statements.set(statements.get() + 1)).is_ok()
}

/// The id of a request: its client's own (`X-Request-Id`), or a new one. It stands in the answer and in every line of the log.
#[derive(Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let is_fit = |id: &&HeaderValue| {
            let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            !id.is_empty() && id.len() <= MAX_LENGTH && id.as_bytes().iter().all(fits)
        };
        Self(headers.get(REQUEST_ID).filter(is_fit).cloned().unwrap_or_else(new_id))
    }

    /// The span in which an operation of the request is logged.
    pub(crate) fn span(&self, operation: &str) -> tracing::Span {
        tracing::info_span!("graphql", request_id = %self, operation)
    }

    /// The value of the header in the answer.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Unlike any other in this process and, most likely, in others.
fn new_id() -> HeaderValue {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut id = [0; 24];
    for (place, shift) in id.iter_mut().zip((0..24).rev()) {
        let digit = if shift >= 8 { *PROCESS >> ((shift - 8) * 4) } else { u64::from(number) >> (shift * 4) };
        *place = b"0123456789abcdef"[(digit & 15) as usize];
    }
    HeaderValue::from_bytes(&id).unwrap_or(HeaderValue::from_static("-"))
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(given: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", given.parse().expect("a header"));
        RequestId::of(&headers).to_string()
    }

    #[test]
    fn a_clients_id_is_kept_where_it_is_fit() {
        assert_eq!(id("abc-1.2_3"), "abc-1.2_3");
        for unfit in ["", "with space", "{json}", &"x".repeat(65)] {
            assert_ne!(id(unfit), unfit);
        }
        let (first, second) = (RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
        assert_ne!(first.to_string(), second.to_string());
        assert_eq!(first.to_string().len(), 24);
    }

    #[tokio::test]
    async fn statements_are_counted_within_requests() {
        assert!(!statement());
        let (inside, statements) = counted(async { statement() && statement() }).await;
        assert!(inside);
        assert_eq!(statements, 2);
    }
}
