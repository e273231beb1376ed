//! `publication`: when which revision was published, and when an entry was withdrawn. Its largest id is the content version.
use sea_orm::{
    ActiveValue::Set,
    DbBackend,
    entity::prelude::*,
    sea_query::{Func, Query},
};

use crate::database::{transaction::Transaction, watch::CHANNEL};

/// One span of time in which a revision was what the world saw, or in which the entry was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    /// Its row; grows with each publication and withdrawal.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The entry.
    pub entry_id: i64,
    /// The revision that was visible; null where the entry was withdrawn.
    pub revision_id: Option<i64>,
    /// From this moment.
    pub published_at: DateTimeUtc,
    /// Until this moment; null while it lasts.
    pub retired_at: Option<DateTimeUtc>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Ends what holds for these entries.
pub(crate) async fn retire(txn: &Transaction, entries: Vec<i64>, at: DateTimeUtc) -> crate::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::RetiredAt, Some(at).into())
        .filter(Column::EntryId.is_in(entries))
        .filter(Column::RetiredAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// The publication of a revision that begins now or, without one, the time in which the entry is withdrawn.
pub(crate) fn begin(entry: i64, revision: Option<i64>, at: DateTimeUtc) -> ActiveModel {
    ActiveModel { entry_id: Set(entry), revision_id: Set(revision), published_at: Set(at), ..Default::default() }
}

/// Tells other processes, once the transaction is committed, that something was published. SQLite has no way to; there they
/// look themselves.
pub(crate) async fn announce(txn: &Transaction) -> crate::Result<()> {
    if txn.get_database_backend() == DbBackend::Postgres {
        let notify = Query::select().expr(Func::cust("pg_notify").arg(CHANNEL).arg("")).take();
        txn.query_one(&notify).await?;
    }
    Ok(())
}
