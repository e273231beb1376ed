//! What this module adds to lists of other modules.
pub(crate) mod career;
pub(crate) mod occupation;
mod wage;
