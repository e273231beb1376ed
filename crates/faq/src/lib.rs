//! Questions and answers about careers.
//!
//! Owns the section `faq` of a career. Adds `Career.faq`, and `faqs` to the root.
mod document;
#[path = "../migrations/mod.rs"]
mod migrations;

pub use document::{FaqSection, Question};

use careers::Career;
use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.section::<Career, FaqSection>();
    app.part::<Question>();
}
