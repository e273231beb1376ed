//! Ways into a career: programs with their time and cost, routes with what they require, and the path that the guide recommends.
//!
//! Owns the section `training` of a career. Adds `Career.training`, `Career.entryRoutes` and `Career.courseLinks`, and
//! `trainingPathways` and `entryRoutes` to the root and to the filter of careers.
mod check;
mod document;
mod extend;
#[path = "../migrations/mod.rs"]
mod migrations;

pub use document::{
    Credential, EntryRoute, EntryRouteKind, PathStep, RecommendedPath, RouteLink, Training, TrainingFormat,
    TrainingPathway, TrainingSection,
};

use careers::Career;
use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.section::<Career, TrainingSection>();
    app.rule(check::UNKNOWN_PATHWAY);
    app.check::<Career>(check::check);
    app.part::<TrainingPathway>();
    app.part::<EntryRoute>();
    app.extend::<Career, extend::career::CareerCourses>();
}
