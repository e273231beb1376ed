//! Careers in an order by a figure and filtered by their title: by the index of the order alone, as rows lie scattered in a large table.
use sea_orm_migration::prelude::*;

use migrations::table::name;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for figure in ["median_pay", "growth"] {
            let by_figure = format!("career_by_{figure}");
            manager.drop_index(Index::drop().name(&by_figure).table(name("career")).to_owned()).await?;
            let mut index = Index::create();
            index.name(&by_figure).table(name("career"));
            for column in [figure, "node_key", "entry_id", "revision_id", "title"] {
                index.col(name(column));
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
