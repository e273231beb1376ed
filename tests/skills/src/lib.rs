//! Skills that careers ask for.
//!
//! Owns the section `skills` of a career. Adds `Career.skills`, and `skills` to the root and to the filter of careers.
mod document;
#[path = "../migrations/mod.rs"]
mod migrations;

pub use document::{Skill, SkillLevel, SkillsSection};

use careers::Career;
use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.section::<Career, SkillsSection>();
    app.part::<Skill>();
}

#[cfg(test)]
#[test]
#[expect(clippy::unwrap_used, reason = "a test")]
fn the_module_joins_the_graph() {
    let app = App::default().module("sources", sources::module).module("categories", categories::module);
    let sdl = app.module("careers", careers::module).module("skills", module).build().unwrap().0.sdl();
    assert!(sdl.contains("type Skill implements Node") && sdl.contains("input SkillOrder"), "{sdl}");
}
