//! Pages of logs: rows with a number that grows, the newest first. Their cursors are these numbers.
use async_graphql::connection::{Connection, EmptyFields};

use crate::{Error, Result};

use super::page::{DEFAULT_PAGE, size};

/// A page of a log.
pub(crate) type Log<T> = Connection<String, T, EmptyFields, EmptyFields>;

/// The size of the page.
pub(crate) fn page_size(first: Option<i32>, max: usize) -> Result<u64> {
    let (size, _) = size(first.or_else(|| i32::try_from(DEFAULT_PAGE.min(max)).ok()), None, max)?;
    Ok(u64::try_from(size).unwrap_or_default())
}

/// The number before which the page ends; none for the first page.
pub(crate) fn cursor_before(after: Option<&str>) -> Result<Option<i64>> {
    let bad = |after: &str| {
        let message = format!("`after` is no cursor of this list: `{after}`. Take `endCursor` of a page.");
        Error::caller("BAD_CURSOR", message)
    };
    after.map(|after| after.parse().map_err(|_| bad(after))).transpose()
}
