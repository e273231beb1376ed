//! What this module adds to types of other modules, a file per type.
pub(crate) mod career;
