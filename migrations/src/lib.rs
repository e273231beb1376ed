//! Migrations of the kernel's tables, and what those of the modules are made of. A module keeps its own in the folder `migrations` of
//! its crate.
pub mod documents;
pub mod kernel;
pub mod money;
pub mod table;
pub mod text;

pub use sea_orm_migration::MigrationTrait;
