//! Careers: what a career is, what people in it do, earn and become, and the article that explains it.
//!
//! Owns the kind `career` with the sections `profile`, `article`, `roles`, `pay`, `outlook`, `advancement`, `work`, `stories`
//! and `page`. Adds `career`, `careers`, `roles` and `advancements` to the root, and `Category.careers`. Other modules extend
//! [`Career`]; it knows none of them.
mod advancement;
mod career;
mod category;
mod check;
mod classification;
pub mod document;
mod figures;
mod live_links;
#[path = "../migrations/mod.rs"]
mod migrations;
mod query;
mod reshape;
mod role;
mod rules;
mod salary;

pub use career::Career;
pub use document::{Advancement, Role};
pub use live_links::{check_links, live_links};
pub use salary::{SalaryBand, SalaryDerivation};

use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.kind::<Career>();
    app.section::<Career, document::Profile>();
    app.section::<Career, document::ArticleSection>();
    app.section::<Career, document::RolesSection>();
    app.section::<Career, document::PaySection>();
    app.section::<Career, document::OutlookSection>();
    app.section::<Career, document::AdvancementSection>();
    app.section::<Career, document::WorkSection>();
    app.section::<Career, document::StoriesSection>();
    app.section::<Career, document::PageSection>();
    app.reshape::<Career>(reshape::CATEGORY);
    rules::register(app);
    app.listed::<Career>(document::is_listed);
    app.check::<Career>(check::check);
    app.check::<Career>(figures::check);
    app.check::<Career>(check::check_page);
    app.check::<Career>(check::check_work);

    app.entries::<Career>();
    app.extend::<QueryRoot, query::CareerQueries>();
    app.table::<classification::career_tag::Entity>();
    app.table::<classification::career_code::Entity>();
    app.project::<Career>(classification::project);
    app.filter::<classification::Conditions>();

    app.part::<Role>();
    app.extend::<Role, role::RoleFields>();
    app.part::<Advancement>();
    app.back_links::<advancement::IntoCareer>();
    app.back_links::<advancement::IntoRole>();
    app.back_links::<category::OfCategory>();
    app.filter::<category::HasCareers>();
    app.extend::<Career, salary::CareerSalaries>();
    app.extend::<Career, live_links::CareerJobs>();
}
