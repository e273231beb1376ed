//! A stretch of a log: rows with a number that grows, the newest first.
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select};

/// The rows of a page of a log, and the end from which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Only rows with a smaller number.
    pub older_than: Option<i64>,
    /// Only rows with a larger number.
    pub newer_than: Option<i64>,
    /// Which end the page is taken from.
    pub from: End,
    /// The largest number of rows.
    pub limit: u64,
}

/// An end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The beginning of the list.
    Newest,
    /// The end of the list.
    Oldest,
}

impl Span {
    /// The newest rows.
    pub fn newest(limit: u64) -> Self {
        Self { older_than: None, newer_than: None, from: End::Newest, limit }
    }

    /// The condition on the number.
    pub fn condition(&self, number: impl ColumnTrait) -> Condition {
        Condition::all()
            .add_option(self.older_than.map(|than| number.lt(than)))
            .add_option(self.newer_than.map(|than| number.gt(than)))
    }

    /// The rows of the page. From the oldest end, the oldest come first.
    pub(crate) fn of<E: EntityTrait>(&self, rows: Select<E>, number: impl ColumnTrait) -> Select<E> {
        let rows = rows.filter(self.condition(number)).limit(self.limit);
        match self.from {
            End::Newest => rows.order_by_desc(number),
            End::Oldest => rows.order_by_asc(number),
        }
    }
}
