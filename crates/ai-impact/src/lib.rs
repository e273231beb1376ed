//! Impact of AI on a career: a verdict, the tasks it takes over, and those that stay with people; and exposure as researchers measure it.
//!
//! Owns the section `aiImpact` of a career, and the data sets `ai-eloundou` and `ai-microsoft`. Adds `Career.aiImpact`, `aiTasks` to the root,
//! conditions to the filter of careers, and to `Occupation` the fields `exposure`, `taskExposure` and `activityExposure`, a condition and an
//! order.
mod check;
mod document;
mod exposure;
mod extend;
#[path = "../migrations/mod.rs"]
mod migrations;

pub use document::{AiEffect, AiImpact, AiImpactSection, AiTask, AiVerdict, TaskHolder};

use careers::Career;
use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.section::<Career, AiImpactSection>();
    app.check::<Career>(check::check);
    app.part::<AiTask>();
    app.table::<extend::career::ai_impact::Entity>();
    app.project::<Career>(extend::career::project);
    app.filter::<extend::career::VerdictConditions>();
    exposure::register(app);
}
