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

/// Size of a page from one end of a list, and the cursor that it begins beyond.
pub type PageEnd = (Option<i32>, Option<String>);

/// A page of these values: the first ones after a cursor, or the last ones before one.
pub fn values<T: async_graphql::OutputType>(
    ctx: &Context<'_>,
    all: impl ExactSizeIterator<Item = T>,
    (first, after): PageEnd,
    (last, before): PageEnd,
) -> Result<Values<T>> {
    let (size, is_backwards) = size(first, last, request(ctx).max_page())?;
    let place = |argument, cursor: Option<&str>| {
        let place = log_cursor(argument, cursor)?;
        Ok::<_, Error>(place.map(|place| usize::try_from(place).unwrap_or_default()))
    };
    let total = all.len();
    let begin = place("after", after.as_deref())?.unwrap_or_default().min(total);
    let end = place("before", before.as_deref())?.map_or(total, |place| place.saturating_sub(1)).clamp(begin, total);
    let number = size.min(end - begin);
    let begin = if is_backwards { end - number } else { begin };
    let count = i64::try_from(total).unwrap_or(i64::MAX);
    let counted = Total::new(move || Box::pin(async move { Ok(count) }));
    let mut page = Connection::with_additional_fields(begin > 0, begin + number < total, counted);
    let edge = |(place, value): (usize, T)| Edge::new(place.to_string(), value);
    page.edges = (begin + 1..).zip(all.skip(begin).take(number)).map(edge).collect();
    Ok(page)
}
