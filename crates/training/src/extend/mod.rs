//! Additions of this module to types of other modules, a file per type.
pub(crate) mod career;
