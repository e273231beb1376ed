//! Names of elements, ratings of occupations, and the software that they use.
use sea_orm_migration::prelude::*;

use migrations::table::{clustered, name, number, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = || ColumnDef::new(name("version")).big_integer().not_null().take();
        let elements = Table::create()
            .table(name("element_name"))
            .col(version())
            .col(text(manager, "name").not_null())
            .col(text(manager, "element").not_null())
            .primary_key(Index::create().col(name("version")).col(name("name")).col(name("element")))
            .take();
        clustered(manager, elements).await?;
        let ratings = Table::create()
            .table(name("occupation_rating"))
            .col(version())
            .col(text(manager, "element").not_null())
            .col(text(manager, "scale").not_null())
            .col(text(manager, "code").not_null())
            .col(number("value").not_null())
            .primary_key(Index::create().col(name("version")).col(name("element")).col(name("scale")).col(name("code")))
            .take();
        clustered(manager, ratings).await?;
        let software = Table::create()
            .table(name("occupation_software"))
            .col(version())
            .col(text(manager, "name").not_null())
            .col(text(manager, "code").not_null())
            .col(text(manager, "category").not_null())
            .col(ColumnDef::new(name("hot")).integer().not_null())
            .col(ColumnDef::new(name("in_demand")).integer().not_null())
            .primary_key(Index::create().col(name("version")).col(name("name")).col(name("code")).col(name("category")))
            .take();
        clustered(manager, software).await
    }
}
