//! Ways into a career: programs with their time and cost, and the path that the guide recommends.
//!
//! Owns the section `training` of a career. Adds `Career.training`, and `trainingPathways` to the root and to the filter of
//! careers.
mod check;
mod document;
#[path = "../migrations/mod.rs"]
mod migrations;

pub use document::{Credential, PathStep, RecommendedPath, Training, TrainingFormat, TrainingPathway, TrainingSection};

use careers::Career;
use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.section::<Career, TrainingSection>();
    app.rule(check::UNKNOWN_PATHWAY);
    app.check::<Career>(check::check);
    app.part::<TrainingPathway>();
}
