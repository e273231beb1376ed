//! The tables of all modules, a folder each. No module is known here; a module hands its migrations to the app.
pub mod kernel;
mod table;

pub use sea_orm_migration::MigrationTrait;
