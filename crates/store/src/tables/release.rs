//! `release`: named sets of revisions, which `release_entry` holds.
use std::collections::HashMap;

use document::scalar::is_slug;
use sea_orm::{QueryOrder as _, QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::Expr};

use crate::Result;

/// One release.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release")]
pub struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name, unique.
    pub name: String,
    /// Author of the release.
    pub author: String,
    /// Time of its creation.
    pub created_at: DateTimeUtc,
    /// Time at which the server is to publish it.
    pub scheduled_at: Option<DateTimeUtc>,
    /// Time of its publication.
    pub published_at: Option<DateTimeUtc>,
    /// Why it could not be published when it was due.
    pub failure: Option<String>,
    /// The content version from which on it was published: the last of the publications that it made, or one before where all that
    /// it holds was published already.
    pub publication_id: Option<i64>,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Items of releases.
pub mod item {
    use sea_orm::entity::prelude::*;

    /// A revision in a release.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "release_entry")]
    pub struct Model {
        /// The release.
        #[sea_orm(primary_key, auto_increment = false)]
        pub release_id: i64,
        /// The entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: i64,
        /// The revision of it.
        pub revision_id: i64,
        /// Revision that was published when this one was begun.
        pub base_id: Option<i64>,
    }

    /// There are none.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The release of this name.
pub async fn release(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>> {
    // No release has another name.
    if !is_slug(name) {
        return Ok(None);
    }
    Ok(Entity::find().filter(Column::Name.eq(name)).one(db).await?)
}

/// All releases, the newest first.
pub async fn releases(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_desc(Column::Id).all(db).await?)
}

/// The names of releases that hold these entries and are not published yet: one for each entry that is held.
pub(crate) async fn holding(db: &impl ConnectionTrait, entries: Vec<i64>) -> Result<HashMap<i64, String>> {
    let held = item::Entity::find().filter(item::Column::EntryId.is_in(entries)).all(db).await?;
    let open = Entity::find()
        .filter(Column::Id.is_in(held.iter().map(|item| item.release_id)))
        .filter(Column::PublishedAt.is_null());
    let open: HashMap<i64, String> = open.all(db).await?.into_iter().map(|open| (open.id, open.name)).collect();
    Ok(held.iter().filter_map(|item| Some((item.entry_id, open.get(&item.release_id)?.clone()))).collect())
}

/// Items of releases that are not published yet, of those that the condition admits.
pub(crate) async fn open_items(db: &impl ConnectionTrait, which: Expr) -> Result<Vec<item::Model>> {
    let open = Entity::find().select_only().column(Column::Id).filter(Column::PublishedAt.is_null()).into_query();
    let items = item::Entity::find().filter(which).filter(item::Column::ReleaseId.in_subquery(open));
    Ok(items.all(db).await?)
}
