//! Revision that was published when a draft was begun, so that publishing it notices what came in between; the same for what a release
//! holds.
use sea_orm_migration::prelude::*;

use crate::table::name;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Revision that was published when this one was made. An entry of which nothing is published now has nothing to compare with.
const FILL: [&str; 2] = [
    "UPDATE entry SET draft_base_id = (
         SELECT publication.revision_id FROM publication, revision
         WHERE revision.id = entry.draft_revision_id AND publication.entry_id = entry.id
           AND publication.published_at <= revision.created_at
         ORDER BY publication.id DESC LIMIT 1)
     WHERE draft_revision_id IS NOT NULL AND published_revision_id IS NOT NULL",
    "UPDATE release_entry SET base_id = (
         SELECT publication.revision_id FROM publication, revision, entry
         WHERE revision.id = release_entry.revision_id AND publication.entry_id = release_entry.entry_id
           AND entry.id = release_entry.entry_id AND entry.published_revision_id IS NOT NULL
           AND publication.published_at <= revision.created_at
         ORDER BY publication.id DESC LIMIT 1)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("entry", "draft_base_id"), ("release_entry", "base_id")] {
            let mut base = ColumnDef::new(name(column));
            base.big_integer();
            manager.alter_table(Table::alter().table(name(table)).add_column(base).take()).await?;
        }
        for fill in FILL {
            manager.get_connection().execute_unprepared(fill).await?;
        }
        Ok(())
    }
}
