//! Careers: what a career is, what people in it do, earn and become, and the article that explains it.
//!
//! Owns the kind `career` with the sections `profile`, `article`, `roles`, `pay`, `outlook` and `advancement`. Adds `career`,
//! `careers`, `roles` and `advancements` to the root. Other modules extend [`Career`]; it knows none of them.
mod advancement;
mod career;
mod check;
pub mod document;
pub mod entity;
mod figures;
mod filter;
mod order;
mod project;
mod query;
mod role;
mod rules;
mod salary;

pub use career::Career;
pub use document::{Advancement, Role};
pub use salary::{SalaryBand, SalaryDerivation};

use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::careers::migrations);
    app.kind::<Career>();
    app.section::<Career, document::Profile>();
    app.section::<Career, document::ArticleSection>();
    app.section::<Career, document::RolesSection>();
    app.section::<Career, document::PaySection>();
    app.section::<Career, document::OutlookSection>();
    app.section::<Career, document::AdvancementSection>();
    rules::register(app);
    app.check::<Career>(check::check);
    app.check::<Career>(figures::check);
    app.project::<Career>(project::project);

    app.extend::<Career, salary::CareerSalaries>();
    app.back_links::<advancement::IntoCareer>();
    app.node::<Role>();
    app.extend::<Role, role::RoleFields>();
    app.back_links::<advancement::IntoRole>();
    app.node::<Advancement>();

    app.extend::<QueryRoot, query::CareerQueries>();
    app.list::<Career>();
    app.list::<Role>();
    app.list::<Advancement>();
    app.filter::<filter::CareerConditions>();
    app.filter::<filter::RoleConditions>();
    app.filter::<filter::AdvancementConditions>();
    app.order::<order::CareerOrder>();
    app.order::<order::RoleOrder>();
    app.order::<order::AdvancementOrder>();
}
