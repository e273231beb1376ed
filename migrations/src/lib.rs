//! The tables of all modules, a folder each. No module is known here; a module hands its migrations to the app.
pub mod ai_impact;
pub mod careers;
pub mod certifications;
pub mod faq;
pub mod kernel;
mod money;
pub mod sources;
mod table;
mod text;
pub mod training;

pub use sea_orm_migration::MigrationTrait;
