//! The tables of this module.
pub mod advancement;
pub mod career;
pub mod career_code;
pub mod career_tag;
pub mod role;
