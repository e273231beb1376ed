//! The tables of this module.
pub mod ai_impact;
pub mod ai_task;
