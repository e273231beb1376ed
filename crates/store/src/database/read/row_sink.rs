//! Rows of a statement, on their way to values of any type. The drivers are compiled once, in this crate: what reads through them
//! in another crate hands a [`RowSink`] over, whatever it makes of its rows.
use super::Row;
use crate::Result;

/// Takes the rows of a statement one after the other.
pub(crate) trait RowSink: Send {
    /// Forgets what was taken: the statement begins anew.
    fn restart(&mut self);
    /// Takes a row.
    fn take(&mut self, row: &Row<'_>) -> Result<()>;
}

/// Values that are made of rows.
pub(crate) struct Collected<T, F> {
    pub(crate) values: Vec<T>,
    row: F,
}

impl<T: Send, F: Fn(&Row<'_>) -> Result<T> + Send> Collected<T, F> {
    /// No values yet; each row becomes one by this function.
    pub(crate) fn new(row: F) -> Self {
        Self { values: Vec::new(), row }
    }
}

impl<T: Send, F: Fn(&Row<'_>) -> Result<T> + Send> RowSink for Collected<T, F> {
    fn restart(&mut self) {
        self.values.clear();
    }

    fn take(&mut self, row: &Row<'_>) -> Result<()> {
        self.values.push((self.row)(row)?);
        Ok(())
    }
}
