//! An import of documents together with rows that stand beside them, such as the rows of a data set: all of it, or nothing.
use std::collections::HashSet;

use document::CheckedDocument;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{DeleteStatement, Expr, ExprTrait, SelectStatement},
};

use super::{
    Hashed, Import,
    merge::Winner,
    pointers::Begins,
    summary::{Mode, Summary},
};
use crate::{
    ChangeInfo, ContentModel, Database, Error, Result, Row,
    entries::state::state,
    tables::{
        publication,
        release::{item, open_items},
    },
};

/// An import that has begun. Dropped before [`commit`](Self::commit), it leaves no trace.
pub struct ImportWithRows<'a>(Import<'a>);

impl<'a> ImportWithRows<'a> {
    /// Waits for other writers, and begins.
    pub async fn begin(
        db: &Database,
        content: &'a ContentModel,
        mode: Mode,
        change: &ChangeInfo,
    ) -> Result<ImportWithRows<'a>> {
        let import = Import::begin(db, content, mode, change).await?;
        Ok(Self(Import { winner: Winner::Files, begins: Begins::Published, ..import }))
    }

    /// Values that are made of the rows of a statement, which sees what the import has written.
    pub async fn read<T>(&self, select: &SelectStatement, row: impl Fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        let rows = self.0.txn.query_all(select).await?;
        rows.iter().map(|found| row(&Row::Driver(found))).collect()
    }

    /// Adds a row to its table. It is written with others, by [`write_full`](Self::write_full) or at the end.
    pub fn insert<A: ActiveModelTrait + 'static>(&mut self, row: A) {
        self.0.rows.insert(row);
    }

    /// Adds rows to their tables.
    pub fn append(&mut self, rows: crate::Rows) {
        self.0.rows.append(rows);
    }

    /// Writes as many of the rows as fill statements, so that memory does not grow with their number.
    pub async fn write_full(&mut self) -> Result<()> {
        Ok(self.0.rows.write_full(&self.0.txn).await?)
    }

    /// Deletes rows.
    pub async fn delete(&mut self, delete: &DeleteStatement) -> Result<()> {
        self.0.flush().await?;
        self.0.txn.execute(delete).await?;
        Ok(())
    }

    /// The revisions of an entry that anybody may still ask for: its draft, what is published where the import leaves it so, what releases hold
    /// that are not published yet, and so many that were published last.
    pub async fn live_revisions(&self, kind: &'static str, slug: &str, published: usize) -> Result<Vec<i64>> {
        let txn = &*self.0.txn;
        let Some(state) = state(txn, kind, slug).await? else { return Ok(Vec::new()) };
        let published_now = state.published.iter().filter(|_| self.0.mode == Mode::Draft);
        let mut live: Vec<i64> = state.draft.iter().chain(published_now).map(|revision| revision.id).collect();
        let held = open_items(txn, Expr::col(item::Column::EntryId).eq(state.entry.id)).await?;
        live.extend(held.into_iter().map(|item| item.revision_id));
        let was = publication::Entity::find().filter(publication::Column::EntryId.eq(state.entry.id));
        let was = was.filter(publication::Column::RevisionId.is_not_null()).order_by_desc(publication::Column::Id);
        let mut before = HashSet::new();
        for publication in was.all(txn).await? {
            if before.len() < published || before.contains(&publication.revision_id) {
                before.insert(publication.revision_id);
                live.extend(publication.revision_id);
            }
        }
        Ok(live)
    }

    /// Writes the documents, and makes it all visible at once.
    pub async fn commit(mut self, db: &Database, guides: Vec<CheckedDocument>) -> Result<Summary> {
        let batch: Vec<_> = guides.iter().map(Hashed::from).collect();
        self.0.write(&batch).await?;
        self.0.find_loops().await?;
        if let Some(conflict) = self.0.conflicts.first() {
            return Err(Error::caller("IMPORT_CONFLICT", conflict.message.clone()));
        }
        self.0.commit(db).await
    }
}
