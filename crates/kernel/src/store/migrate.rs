//! Migrations: each module's tables have a history of their own, so that a module can join or leave the list at any time.
use sea_orm::{
    DatabaseConnection, DynIden,
    sea_query::{Alias, IntoIden},
};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};

use super::{Database, transaction};
use crate::Result;

/// A module's migrations, in the order of time.
pub type MigrationFiles = fn() -> Vec<Box<dyn MigrationTrait>>;

/// The tables of all modules in the list.
pub struct Migrations(Vec<OfModule>);

struct OfModule {
    module: &'static str,
    files: MigrationFiles,
}

impl Migrations {
    pub(crate) fn new(modules: Vec<(&'static str, MigrationFiles)>) -> Self {
        Self(modules.into_iter().map(|(module, files)| OfModule { module, files }).collect())
    }

    /// Brings the database up to date, all or nothing; does nothing where it is. Processes that start together take turns.
    pub async fn up(&self, connection: DatabaseConnection) -> Result<Database> {
        let txn = transaction::begin_on(&connection).await?;
        for module in &self.0 {
            module.up(&txn, None).await?;
        }
        txn.commit().await?;
        Database::new(connection).await
    }
}

impl MigratorTraitSelf for OfModule {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        (self.files)()
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(format!("migration_{}", self.module.replace('-', "_"))).into_iden()
    }
}
