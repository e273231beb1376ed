//! Questions and answers about careers.
//!
//! Owns the section `faq` of a career. Adds `Career.faq`, and `faqs` to the root.
mod check;
mod document;
pub mod entity;
mod filter;
mod order;
mod project;
mod question;

pub use document::{FaqSection, Question};

use careers::Career;
use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::faq::migrations);
    app.section::<Career, FaqSection>();
    app.check::<Career>(check::check);
    app.project::<Career>(project::project);
    app.node::<Question>();
    app.list::<Question>();
    app.filter::<filter::QuestionConditions>();
    app.order::<order::QuestionOrder>();
}
