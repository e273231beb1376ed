//! Publications begin and end: what an import and a withdrawal write in their transactions.
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    sea_query::{Func, Query},
};

use super::publication;
use crate::Result;

/// On Postgres, the channel that tells other processes of publications.
pub(super) const CHANNEL: &str = "careerql_publication";

/// Ends what holds for these entries.
pub(super) async fn retire(txn: &DatabaseTransaction, entries: Vec<i64>, at: DateTime<Utc>) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    publication::Entity::update_many()
        .col_expr(publication::Column::RetiredAt, Some(at).into())
        .filter(publication::Column::EntryId.is_in(entries))
        .filter(publication::Column::RetiredAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// The publication of a revision that begins now or, without one, the time in which the entry is withdrawn.
pub(super) fn begin(entry: i64, revision: Option<i64>, at: DateTime<Utc>) -> publication::ActiveModel {
    publication::ActiveModel {
        entry_id: Set(entry),
        revision_id: Set(revision),
        published_at: Set(at),
        ..Default::default()
    }
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
