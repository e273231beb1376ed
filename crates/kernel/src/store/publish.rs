//! Publications begin and end: what an import and a withdrawal write in their transactions.
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    sea_query::{Func, Query},
};

use super::{entry, publication};
use crate::Result;

/// On Postgres, the channel that tells other processes of publications.
pub(super) const CHANNEL: &str = "careerql_publication";

/// Ends what holds for the entry and begins the publication of the revision, or, without one, the time in which the entry is
/// withdrawn.
pub(super) async fn publish(
    txn: &DatabaseTransaction,
    was: &entry::Model,
    revision: Option<i64>,
    at: DateTime<Utc>,
) -> Result<()> {
    // An entry that points nowhere was never published.
    if was.published_revision_id.is_some() || was.draft_revision_id.is_some() {
        publication::Entity::update_many()
            .col_expr(publication::Column::RetiredAt, Some(at).into())
            .filter(publication::Column::EntryId.eq(was.id))
            .filter(publication::Column::RetiredAt.is_null())
            .exec(txn)
            .await?;
    }
    let begun = publication::ActiveModel {
        entry_id: Set(was.id),
        revision_id: Set(revision),
        published_at: Set(at),
        ..Default::default()
    };
    begun.insert(txn).await?;
    Ok(())
}

/// Tells other processes, once the transaction is committed, that something was published. SQLite has no way to; there they
/// look themselves.
pub(super) async fn announce(txn: &DatabaseTransaction) -> Result<()> {
    if txn.get_database_backend() == DbBackend::Postgres {
        let notify = Query::select().expr(Func::cust("pg_notify").arg(CHANNEL).arg("")).take();
        txn.query_one(&notify).await?;
    }
    Ok(())
}
