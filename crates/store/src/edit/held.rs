//! Revisions in open releases follow a rename, too, whether or not their entries point at them.
use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, IntoActiveModel,
    sea_query::{Alias, Expr, ExprTrait as _, JoinType, Query},
};

use super::relink::{Moved, relinked};
use crate::{
    ContentModel, Result,
    database::transaction::Transaction,
    edit::target::Target,
    entries::{
        slugs::last_number,
        state::{documents, pointed_at, revisions},
    },
    tables::{
        release::{item, open_items},
        section,
    },
    writer::Import,
};

/// Writes what open releases hold and links to an entry anew, with its new slug.
pub(crate) async fn relink_held(import: &mut Import<'_>, content: &ContentModel, moved: &Moved<'_>) -> Result<()> {
    let mentioned = Query::select()
        .distinct()
        .expr_as(Expr::col((item::Entity, item::Column::RevisionId)), Alias::new("revision"))
        .from(item::Entity)
        .join(
            JoinType::InnerJoin,
            section::Entity,
            Expr::col((section::Entity, section::Column::RevisionId))
                .eq(Expr::col((item::Entity, item::Column::RevisionId))),
        )
        .and_where(Expr::col((section::Entity, section::Column::Body)).like(format!("%\"{}\"%", moved.from)))
        .take();
    let rows = import.txn.query_all(&mentioned).await?;
    let revisions = rows.iter().map(|row| row.try_get("", "revision")).collect::<Result<Vec<i64>, _>>()?;
    for held in open_items(&*import.txn, item::Column::RevisionId.is_in(revisions)).await? {
        let Some(state) = pointed_at(&*import.txn, content, vec![held.entry_id]).await?.remove(&held.entry_id) else {
            continue;
        };
        let asked = [(state.kind, state.entry.slug.as_str(), held.revision_id)];
        let Some(document) = documents(&*import.txn, content, &asked).await?.remove(&held.revision_id) else {
            continue;
        };
        let Some(guide) = relinked(content, &document, |link| moved.now(link))? else { continue };
        let number = last_number(&*import.txn, &state.entry).await? + 1;
        let revision = import.revise_apart(held.entry_id, number, guide).await?;
        let mut item = held.into_active_model();
        item.revision_id = Set(revision);
        item.update(&*import.txn).await?;
    }
    Ok(())
}

/// Open releases go on from what is published now where they hold a revision that was made after it.
pub(crate) async fn take_over(txn: &Transaction, published: &[&Target]) -> Result<()> {
    let by_entry: HashMap<i64, &Target> = published.iter().map(|target| (target.state.entry.id, *target)).collect();
    let held = open_items(txn, item::Column::EntryId.is_in(by_entry.keys().copied())).await?;
    let numbers = revisions(txn, held.iter().map(|item| item.revision_id).collect()).await?;
    for item in held {
        let Some((target, held)) = by_entry.get(&item.entry_id).zip(numbers.get(&item.revision_id)) else { continue };
        if target.is_followed_by(held.number, item.base_id) {
            let mut item = item.into_active_model();
            item.base_id = Set(Some(target.revision.id));
            item.update(txn).await?;
        }
    }
    Ok(())
}
