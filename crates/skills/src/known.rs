//! The elements of a release, which ratings and facts are held against.
use std::collections::HashSet;

use datasets::{Column, Fault, Input, Record};
use occupations::layout;

use crate::onet::ELEMENTS_FILE;

/// The identifiers of the elements of a release.
pub(crate) struct KnownElements(HashSet<String>);

impl KnownElements {
    /// Reads them. A release with ratings has them.
    pub(crate) fn read(input: &Input<'_>) -> Result<Self, Fault> {
        let records = input.files.required(ELEMENTS_FILE)?.records()?;
        let id = records.column(layout::ELEMENT)?;
        let mut known = HashSet::new();
        records.each(|record| {
            known.insert(record.text(id)?.to_owned());
            Ok(())
        })?;
        Ok(Self(known))
    }

    /// Rule `unknown-element`: the fault of a row about an element that the release does not have.
    pub(crate) fn unknown(&self, record: &Record<'_>, column: Column) -> Option<Fault> {
        let id = record.raw(column);
        let message =
            format!("`{id}` is not among the elements of this release, which the Content Model Reference lists");
        (!self.0.contains(id)).then(|| record.fault("unknown-element", column, message))
    }
}
