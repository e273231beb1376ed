//! Withdrawal: an entry is no longer visible, and nothing of it is lost.
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    Change, Database, entry,
    publish::{announce, begin, retire},
    transaction,
};
use crate::Result;

/// Withdraws what is published of the entry; false where nothing is. Its revision stays: it is the entry's draft from now on,
/// where there is no newer one.
pub async fn unpublish(db: &Database, kind: &str, slug: &str, change: &Change) -> Result<bool> {
    let txn = transaction::begin(db).await?;
    let published = entry::Entity::find()
        .filter(entry::Column::Kind.eq(kind))
        .filter(entry::Column::Slug.eq(slug))
        .filter(entry::Column::PublishedRevisionId.is_not_null());
    let Some(was) = published.one(&txn).await? else {
        txn.rollback().await?;
        return Ok(false);
    };
    retire(&txn, vec![was.id], change.at).await?;
    begin(was.id, None, change.at).insert(&txn).await?;
    let draft = was.draft_revision_id.or(was.published_revision_id);
    let mut entry = was.into_active_model();
    entry.published_revision_id = Set(None);
    entry.draft_revision_id = Set(draft);
    entry.update(&txn).await?;
    announce(&txn).await?;
    txn.commit().await?;
    db.refresh().await?;
    Ok(true)
}
