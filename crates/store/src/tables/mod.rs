//! Tables of entries, revisions, sections, publications and releases. The others stand beside what writes them.
pub mod entry;
pub mod publication;
pub(crate) mod release;
pub mod revision;
pub mod section;
pub(crate) mod span;
pub(crate) mod unlisted;
