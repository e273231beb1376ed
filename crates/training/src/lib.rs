//! Ways into a career: programs with their time and cost, and the path that the guide recommends.
//!
//! Owns the section `training` of a career. Adds `Career.training`, and `trainingPathways` to the root and to the filter of
//! careers.
mod check;
mod document;
pub mod entity;
mod extend;
mod filter;
mod order;
mod pathway;
mod project;

pub use document::{Credential, PathStep, RecommendedPath, Training, TrainingFormat, TrainingPathway, TrainingSection};

use careers::Career;
use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::training::migrations);
    app.section::<Career, TrainingSection>();
    app.rule(check::UNKNOWN_PATHWAY);
    app.check::<Career>(check::check);
    app.project::<Career>(project::project);
    app.node::<TrainingPathway>();
    app.list::<TrainingPathway>();
    app.filter::<filter::PathwayConditions>();
    app.order::<order::PathwayOrder>();
    app.filter::<extend::career::CareerTrainingConditions>();
}
