//! Impact of AI on a career: a verdict, the tasks it takes over, and those that stay with people.
//!
//! Owns the section `aiImpact` of a career. Adds `Career.aiImpact`, `aiTasks` to the root, and conditions to the filter of
//! careers.
mod check;
mod document;
pub mod entity;
mod extend;
mod filter;
mod order;
mod project;
mod task;

pub use document::{AiEffect, AiImpact, AiImpactSection, AiTask, AiVerdict, TaskHolder};

use careers::Career;
use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::ai_impact::migrations);
    app.section::<Career, AiImpactSection>();
    app.check::<Career>(check::check);
    app.project::<Career>(project::project);
    app.node::<AiTask>();
    app.list::<AiTask>();
    app.filter::<filter::AiTaskConditions>();
    app.order::<order::AiTaskOrder>();
    app.filter::<extend::career::CareerAiConditions>();
}
