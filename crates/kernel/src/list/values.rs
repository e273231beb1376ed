//! Pages of lists that are in memory as a whole, such as the titles of an occupation. Their cursors are places in the list.
use async_graphql::{
    Context,
    connection::{Connection, Edge, EmptyFields},
};

use super::{
    keyset::log_cursor,
    page::{Total, size},
};
use crate::{Error, Result, request::request};

/// A page of a list that is in memory as a whole.
pub type Values<T> = Connection<String, T, Total, EmptyFields>;

/// The first values after a cursor.
pub fn values<T: async_graphql::OutputType>(
    ctx: &Context<'_>,
    all: impl ExactSizeIterator<Item = T>,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<Values<T>> {
    let (size, _) = size(first, None, request(ctx).max_page())?;
    let after = log_cursor("after", after)?;
    let skipped = match after {
        None => 0,
        Some(place) => {
            usize::try_from(place).map_err(|_| Error::caller("BAD_CURSOR", "`after` is not a cursor of this list."))?
        }
    };
    let total = all.len();
    let number = i64::try_from(total).unwrap_or(i64::MAX);
    let has_next = total > skipped.saturating_add(size);
    let total = Total::new(move || Box::pin(async move { Ok(number) }));
    let mut page = Connection::with_additional_fields(skipped > 0, has_next, total);
    page.edges = (skipped + 1..)
        .zip(all.skip(skipped))
        .take(size)
        .map(|(place, value)| Edge::new(place.to_string(), value))
        .collect();
    Ok(page)
}
