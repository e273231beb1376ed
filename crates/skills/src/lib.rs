//! Skills: what occupations ask of people and what they use, as O*NET rates and lists it.
//!
//! Adds the tables `elements`, `element-facts`, `scales`, `skills`, `knowledge`, `abilities`, `work-activities`, `work-context`, `work-styles`, `interests`,
//! `work-values`, `software`, `tools` and `commodities` to the data set `onet`, `contentElement` to the root, and to `Occupation` its ratings,
//! its software and its tools, with filters and orders by them. Tables whose files a release does not have are empty.
mod commodity;
mod element;
mod extend;
mod facts;
mod filter;
mod known;
#[path = "../migrations/mod.rs"]
mod migrations;
mod onet;
mod query;
mod rating;
mod scale;
mod software;

pub use element::{ContentElement, ElementRow, Elements};
pub use scale::{RatingScale, ScaleRow, Scales};

use kernel::{App, QueryRoot};
use occupations::Occupation;

use rating::{
    answer::{OccupationSkill, OccupationWorkStyle, RatedElement, WorkContextElement},
    tables::{Abilities, Interests, Knowledge, Ratings, Skills, WorkActivities, WorkContext, WorkStyles, WorkValues},
};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.scalar::<element::ElementKey>();
    datasets::table::<Elements>(app);
    datasets::table::<facts::ElementFacts>(app);
    datasets::table::<Scales>(app);
    datasets::table::<Ratings<Skills>>(app);
    datasets::table::<Ratings<Knowledge>>(app);
    datasets::table::<Ratings<Abilities>>(app);
    datasets::table::<Ratings<WorkActivities>>(app);
    datasets::table::<Ratings<WorkContext>>(app);
    datasets::table::<Ratings<WorkStyles>>(app);
    datasets::table::<Ratings<Interests>>(app);
    datasets::table::<Ratings<WorkValues>>(app);
    datasets::table::<software::Software>(app);
    datasets::table::<software::Tools>(app);
    datasets::table::<commodity::Commodities>(app);
    app.table::<element::element_name::Entity>();
    app.table::<rating::occupation_rating::Entity>();
    app.table::<software::occupation_software::Entity>();
    app.values::<OccupationSkill>();
    app.values::<RatedElement>();
    app.values::<OccupationWorkStyle>();
    app.values::<WorkContextElement>();
    app.values::<software::OccupationSoftware>();
    app.values::<software::OccupationTool>();
    app.filter::<filter::SkillConditions>();
    app.order::<filter::SkillOrders>();
    app.extend::<QueryRoot, query::SkillQueries>();
    app.extend::<Occupation, extend::occupation::OccupationRatings>();
    app.extend::<Occupation, extend::occupation_tools::OccupationTools>();
}
