//! The tables of this module.
pub mod source;
