//! The work itself: the tasks of occupations, and the work activities that they stand for, as O*NET lists them.
//!
//! Adds the tables `tasks`, `emerging-tasks`, `task-activities`, `task-ratings`, `task-categories` and `activities` to the data set `onet`,
//! `detailedActivity` and `intermediateActivity` to the root, and `Occupation.tasks` and `Occupation.emergingTasks`. Tables whose files a
//! release does not have are empty.
mod activity;
mod emerging;
mod extend;
mod layout;
mod query;
mod rating;
mod task;

use kernel::{App, QueryRoot};
use occupations::Occupation;

/// The module.
pub fn module(app: &mut App) {
    datasets::table::<task::Tasks>(app);
    datasets::table::<emerging::EmergingTasks>(app);
    datasets::table::<activity::links::TaskActivities>(app);
    datasets::table::<activity::Activities>(app);
    datasets::table::<rating::TaskRatings>(app);
    datasets::table::<rating::TaskCategories>(app);
    app.values::<task::OccupationTask>();
    app.values::<emerging::EmergingTask>();
    app.extend::<QueryRoot, query::WorkQueries>();
    app.extend::<Occupation, extend::occupation::OccupationWork>();
}
