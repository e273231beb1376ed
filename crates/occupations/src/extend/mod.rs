//! Fields that this module adds to objects of other modules.
pub(crate) mod career;
