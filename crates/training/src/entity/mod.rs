//! The tables of this module.
pub mod training_pathway;
