//! `entry`: the stable identity of a document. It holds pointers, nothing else.
use sea_orm::entity::prelude::*;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entry")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The kind of its document.
    pub kind: String,
    /// Its slug, unique among its kind.
    pub slug: String,
    /// Revision that the world sees.
    pub published_revision_id: Option<i64>,
    /// Revision that its editors see, where it differs.
    pub draft_revision_id: Option<i64>,
    /// Revision that was published when the draft was begun.
    pub draft_base_id: Option<i64>,
    /// Revision that an import published last, or found published.
    pub imported_published_id: Option<i64>,
    /// Revision that an import drafted last, or found drafted.
    pub imported_draft_id: Option<i64>,
    /// Time at which its editors put it away.
    pub archived_at: Option<DateTimeUtc>,
    /// Lineage that it shares with the entries that it was before it was renamed, and that it became.
    pub lineage_id: Option<i64>,
    /// Entry that it became when it was renamed.
    pub renamed_to: Option<i64>,
    /// Time at which it was first renamed.
    pub renamed_at: Option<DateTimeUtc>,
}

/// Relations are walked by key, through the perspective.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
