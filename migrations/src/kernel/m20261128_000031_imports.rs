//! The revisions that imports made last, so that the next one notices what people changed since.
use sea_orm_migration::prelude::*;

use crate::table::name;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Revisions that editors saved and restored stand in the audit log; the other revisions came from files.
const FILL: [&str; 2] = [
    "UPDATE entry SET imported_published_id = (
         SELECT revision.id FROM revision
         WHERE revision.entry_id = entry.id
           AND EXISTS (SELECT 1 FROM publication
                       WHERE publication.entry_id = entry.id AND publication.revision_id = revision.id)
           AND NOT EXISTS (SELECT 1 FROM audit
                           WHERE audit.kind = entry.kind AND audit.slug = entry.slug
                             AND audit.revision = revision.number AND audit.action IN ('saved', 'restored'))
         ORDER BY revision.number DESC LIMIT 1)",
    "UPDATE entry SET imported_draft_id = draft_revision_id
     WHERE draft_revision_id IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM audit, revision
                       WHERE revision.id = entry.draft_revision_id AND audit.kind = entry.kind AND audit.slug = entry.slug
                         AND audit.revision = revision.number AND audit.action IN ('saved', 'restored'))",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["imported_published_id", "imported_draft_id"] {
            let mut imported = ColumnDef::new(name(column));
            imported.big_integer();
            manager.alter_table(Table::alter().table(name("entry")).add_column(imported).take()).await?;
        }
        for fill in FILL {
            manager.get_connection().execute_unprepared(fill).await?;
        }
        Ok(())
    }
}
