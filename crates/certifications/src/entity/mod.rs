//! The tables of this module.
pub mod career_certification;
pub mod certification;
