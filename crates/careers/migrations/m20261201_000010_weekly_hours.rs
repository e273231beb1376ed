//! Careers by the hours of a usual week.
use sea_orm_migration::prelude::*;

use migrations::table::{name, number};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No document of before states hours.
        for column in ["min_weekly_hours", "max_weekly_hours"] {
            let add = Table::alter().table(name("career")).add_column(number(column)).take();
            manager.alter_table(add).await?;
        }
        Ok(())
    }
}
