//! Revisions in open releases follow a rename, too, whether or not their entries point at them.
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, IntoActiveModel,
    sea_query::{Alias, Expr, ExprTrait as _, JoinType, Query},
};

use super::{
    batch::Import,
    release::{item, open_items},
    relink::{Moved, relinked},
    rename::last_number,
    section,
    state::{documents, pointed_at},
};
use crate::{Content, Result};

/// Writes what open releases hold and links to an entry anew, with its new slug.
pub(super) async fn relink_held(import: &mut Import<'_>, content: &Content, moved: &Moved<'_>) -> Result<()> {
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
