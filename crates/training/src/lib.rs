//! Ways into a career: programs with their time and cost, routes with what they require, and the path that the guide recommends; and what
//! publishers know of the education and the preparation of occupations.
//!
//! Owns the section `training` of a career, the data set `cip-soc`, and the tables of education and job zones of `onet`. Adds
//! `Career.training`, `Career.entryRoutes` and `Career.courseLinks`; `trainingPathways` and `entryRoutes` to the root and to the filter of
//! careers; `Occupation.education`, `Occupation.preparation` and `Occupation.programs`; and `instructionalProgram` to the root.
mod check;
mod document;
mod education;
mod extend;
#[path = "../migrations/mod.rs"]
mod migrations;
mod programs;

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
    education::register(app);
    programs::register(app);
}
