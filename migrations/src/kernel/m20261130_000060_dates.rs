//! The publications with which an entry was published first, and since which it is published without a break: of the entry under any
//! slug that it had. A publication that is the first, or begins a stretch, names none.
use sea_orm_migration::prelude::*;

use crate::table::name;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// The first publication, and the first after the last withdrawal; then the same for entries that were renamed, of whose publications
/// those under the other slugs count too. The withdrawal of the old slug, at the moment of the publication under the new one, is none.
const FILL: [&str; 4] = [
    "UPDATE publication SET first_id = (
         SELECT MIN(p.id) FROM publication p
         WHERE p.entry_id = publication.entry_id AND p.revision_id IS NOT NULL AND p.id < publication.id)",
    "UPDATE publication SET since_id = (
         SELECT MIN(p.id) FROM publication p
         WHERE p.entry_id = publication.entry_id AND p.id < publication.id AND p.id > COALESCE((
             SELECT MAX(w.id) FROM publication w
             WHERE w.entry_id = publication.entry_id AND w.revision_id IS NULL AND w.id < publication.id), 0))
     WHERE revision_id IS NOT NULL",
    "UPDATE publication SET first_id = (
         SELECT MIN(p.id) FROM entry own, entry e, publication p
         WHERE own.id = publication.entry_id AND e.lineage_id = own.lineage_id AND p.entry_id = e.id
           AND p.revision_id IS NOT NULL AND p.id < publication.id)
     WHERE entry_id IN (SELECT id FROM entry WHERE lineage_id IS NOT NULL)",
    "UPDATE publication SET since_id = (
         SELECT MIN(p.id) FROM entry own, entry e, publication p
         WHERE own.id = publication.entry_id AND e.lineage_id = own.lineage_id AND p.entry_id = e.id
           AND p.revision_id IS NOT NULL AND p.id < publication.id AND p.id > COALESCE((
             SELECT MAX(w.id) FROM entry o, entry f, publication w
             WHERE o.id = publication.entry_id AND f.lineage_id = o.lineage_id AND w.entry_id = f.id
               AND w.revision_id IS NULL AND w.id < publication.id AND NOT EXISTS (
                 SELECT 1 FROM entry g, publication n
                 WHERE g.lineage_id = o.lineage_id AND n.entry_id = g.id AND n.revision_id IS NOT NULL
                   AND n.published_at = w.published_at)), 0))
     WHERE revision_id IS NOT NULL AND entry_id IN (SELECT id FROM entry WHERE lineage_id IS NOT NULL)",
];

/// Indexes by which a list that is sorted by dates finds its first page, and what changed since a moment is found.
const INDEXES: [&str; 4] = [
    "CREATE INDEX publication_first ON publication (COALESCE(first_id, id)) WHERE retired_at IS NULL",
    "CREATE INDEX publication_since ON publication (COALESCE(since_id, id)) WHERE retired_at IS NULL",
    "CREATE INDEX publication_last ON publication (id) WHERE retired_at IS NULL",
    "CREATE INDEX publication_updated ON publication (published_at) WHERE retired_at IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["first_id", "since_id"] {
            let mut column = ColumnDef::new(name(column));
            column.big_integer();
            manager.alter_table(Table::alter().table(name("publication")).add_column(column).take()).await?;
        }
        for sql in FILL.into_iter().chain(INDEXES) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
