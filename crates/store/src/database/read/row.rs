//! A row, whichever way it was read.
use rusqlite::types::{Value, ValueRef};
use sea_orm::{QueryResult, sqlx::Row as _};

use crate::{Error, Result};

/// A row that a statement found. Columns are told by their index.
pub enum Row<'r> {
    /// Of a file, while the statement stands at it.
    Embedded(&'r rusqlite::Row<'r>),
    /// Of a file, kept on the way from another thread.
    Kept(&'r [Value]),
    /// Of a driver.
    Driver(&'r QueryResult),
}

impl Row<'_> {
    /// A whole number, of 64 bits.
    pub fn integer(&self, index: usize) -> Result<i64> {
        if let Self::Driver(row) = self {
            return Ok(row.try_get_by_index(index)?);
        }
        self.value(index)?.as_i64().map_err(Error::internal)
    }

    /// A number, where there is one.
    pub fn number(&self, index: usize) -> Result<Option<f64>> {
        if let Self::Driver(row) = self {
            return Ok(row.try_get_by_index(index)?);
        }
        match self.value(index)? {
            // As the driver does.
            #[expect(clippy::cast_precision_loss, reason = "numbers beyond 2^53 are no figures of a guide")]
            ValueRef::Integer(number) => Ok(Some(number as f64)),
            value => value.as_f64_or_null().map_err(Error::internal),
        }
    }

    /// A text, where there is one.
    pub fn text(&self, index: usize) -> Result<Option<&str>> {
        let Self::Driver(row) = self else { return self.value(index)?.as_str_or_null().map_err(Error::internal) };
        match (row.try_as_sqlite_row(), row.try_as_pg_row()) {
            (Some(row), _) => row.try_get(index).map_err(Error::internal),
            (_, Some(row)) => row.try_get(index).map_err(Error::internal),
            (None, None) => Err(Error::internal("a row of a driver that is not used")),
        }
    }

    /// Bytes, where there are some.
    pub fn bytes(&self, index: usize) -> Result<Option<&[u8]>> {
        let Self::Driver(row) = self else { return self.value(index)?.as_blob_or_null().map_err(Error::internal) };
        match (row.try_as_sqlite_row(), row.try_as_pg_row()) {
            (Some(row), _) => row.try_get(index).map_err(Error::internal),
            (_, Some(row)) => row.try_get(index).map_err(Error::internal),
            (None, None) => Err(Error::internal("a row of a driver that is not used")),
        }
    }

    /// A text that is always there.
    pub fn required_text(&self, index: usize) -> Result<&str> {
        self.text(index)?.ok_or_else(|| Error::internal(format!("column {index} of a row is null")))
    }

    fn value(&self, index: usize) -> Result<ValueRef<'_>> {
        match self {
            Self::Embedded(row) => row.get_ref(index).map_err(Error::internal),
            Self::Kept(row) => Ok(row.get(index).map_or(ValueRef::Null, ValueRef::from)),
            Self::Driver(_) => Err(Error::internal("a driver has its own values")),
        }
    }
}
