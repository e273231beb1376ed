//! Pages of logs: rows with a number that grows, the newest first. Their cursors are these numbers.
use async_graphql::connection::{Connection, Edge, EmptyFields};
use store::{End, Span};

use super::page::size;
use crate::{Error, Result, moment::number};

/// A page of a log.
pub(crate) type Log<T> = Connection<String, T, EmptyFields, EmptyFields>;

/// The arguments of a log.
pub(crate) struct LogArguments {
    span: Span,
    size: usize,
}

impl LogArguments {
    /// The arguments, where the size is within its limit and the cursors are some.
    pub(crate) fn new(
        (first, after): (Option<i32>, Option<String>),
        (last, before): (Option<i32>, Option<String>),
        max: usize,
    ) -> Result<Self> {
        let (size, is_backwards) = size(first, last, max)?;
        let span = Span {
            older_than: log_cursor("after", after.as_deref())?,
            newer_than: log_cursor("before", before.as_deref())?,
            from: if is_backwards { End::Oldest } else { End::Newest },
            // One more tells whether the list goes on.
            limit: u64::try_from(size).unwrap_or(u64::MAX).saturating_add(1),
        };
        Ok(Self { span, size })
    }

    /// The rows to look for.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The page that these rows make.
    pub(crate) fn page<R, T: async_graphql::OutputType>(
        &self,
        mut rows: Vec<R>,
        number: impl Fn(&R) -> i64,
        node: impl Fn(R) -> T,
    ) -> Log<T> {
        let goes_on = rows.len() > self.size;
        rows.truncate(self.size);
        let mut page = match self.span.from {
            End::Newest => Log::new(self.span.older_than.is_some(), goes_on),
            End::Oldest => {
                rows.reverse();
                Log::new(goes_on, self.span.newer_than.is_some())
            }
        };
        page.edges = rows.into_iter().map(|row| Edge::new(number(&row).to_string(), node(row))).collect();
        page
    }
}

/// Number that a cursor of a log stands for.
pub(crate) fn log_cursor(argument: &str, cursor: Option<&str>) -> Result<Option<i64>> {
    let bad = |cursor: &str| {
        let message = format!(
            "`{argument}` is not a cursor of this list: `{cursor}`. Use the `endCursor` or `startCursor` of a page."
        );
        Error::caller("BAD_CURSOR", message)
    };
    cursor.map(|cursor| number(cursor).ok_or_else(|| bad(cursor))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_from_the_end_has_the_newest_first_as_well() {
        let arguments = LogArguments::new((None, None), (Some(2), Some("7".to_owned())), 100).expect("arguments");
        assert_eq!(arguments.span(), Span { older_than: None, newer_than: Some(7), from: End::Oldest, limit: 3 });

        let page = arguments.page(vec![8, 9, 10], |row| *row, |row: i64| row.to_string());

        let cursors: Vec<_> = page.edges.iter().map(|edge| edge.cursor.as_str()).collect();
        assert_eq!((cursors, page.has_previous_page, page.has_next_page), (vec!["9", "8"], true, true));
    }
}
