//! Releases: named sets of revisions, previewed as a whole and published at once. A release holds revisions, not drafts: what is
//! drafted after it was put in does not change it.
mod change;
mod publish;

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    entity::prelude::*, sea_query::Expr,
};

use super::{
    Database, revision,
    state::{State, pointed_at, revisions},
};
use crate::{Content, Error, Result, scalar::is_slug};

pub(super) use self::publish::{publish_due, take_over};
pub(crate) use self::{
    change::{Hindrance, add_to_release, create_release, delete_release, remove_from_release, schedule_release},
    publish::publish_release,
};

/// One release.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release")]
pub(crate) struct Model {
    /// Its row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name, unique.
    pub name: String,
    /// Author of the release.
    pub author: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When the server is to publish it.
    pub scheduled_at: Option<DateTimeUtc>,
    /// When it was published.
    pub published_at: Option<DateTimeUtc>,
    /// Why it could not be published when it was due.
    pub failure: Option<String>,
    /// The content version from which on it was published: the last of the publications that it made, or one before where all that
    /// it holds was published already.
    pub publication_id: Option<i64>,
}

/// There are none.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Items of releases.
pub(crate) mod item {
    use sea_orm::entity::prelude::*;

    /// A revision in a release.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "release_entry")]
    #[expect(clippy::struct_field_names, reason = "they are the names of the columns")]
    pub(crate) struct Model {
        /// The release.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) release_id: i64,
        /// The entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) entry_id: i64,
        /// The revision of it.
        pub(crate) revision_id: i64,
        /// Revision that was published when this one was begun.
        pub(crate) base_id: Option<i64>,
    }

    /// There are none.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entry in a release, and the revision of it.
pub(crate) struct Item {
    pub(crate) state: State,
    pub(crate) revision: revision::Model,
    pub(crate) base: Option<i64>,
}

/// The release of this name.
pub(crate) async fn release(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>> {
    // No release has another name.
    if !is_slug(name) {
        return Ok(None);
    }
    Ok(Entity::find().filter(Column::Name.eq(name)).one(db).await?)
}

/// All releases, the newest first.
pub(crate) async fn releases(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_desc(Column::Id).all(db).await?)
}

/// Items of a release, in the order of kinds and slugs.
pub(crate) async fn items(db: &impl ConnectionTrait, content: &Content, release: i64) -> Result<Vec<Item>> {
    let held = item::Entity::find().filter(item::Column::ReleaseId.eq(release)).all(db).await?;
    let entries = held.iter().map(|item| item.entry_id).collect();
    let mut states: HashMap<i64, State> = pointed_at(db, content, entries).await?;
    let mut held_revisions = revisions(db, held.iter().map(|item| item.revision_id).collect()).await?;
    let mut items: Vec<_> = held
        .iter()
        .filter_map(|item| {
            let (state, revision) = (states.remove(&item.entry_id)?, held_revisions.remove(&item.revision_id)?);
            Some(Item { state, revision, base: item.base_id })
        })
        .collect();
    items.sort_by(|a, b| (a.state.kind, &a.state.entry.slug).cmp(&(b.state.kind, &b.state.entry.slug)));
    Ok(items)
}

/// The names of releases that hold these entries and are not published yet: one for each entry that is held.
pub(super) async fn holding(db: &impl ConnectionTrait, entries: Vec<i64>) -> Result<HashMap<i64, String>> {
    let held = item::Entity::find().filter(item::Column::EntryId.is_in(entries)).all(db).await?;
    let open = Entity::find()
        .filter(Column::Id.is_in(held.iter().map(|item| item.release_id)))
        .filter(Column::PublishedAt.is_null());
    let open: HashMap<i64, String> = open.all(db).await?.into_iter().map(|open| (open.id, open.name)).collect();
    Ok(held.iter().filter_map(|item| Some((item.entry_id, open.get(&item.release_id)?.clone()))).collect())
}

/// Items of releases that are not published yet, of those that the condition admits.
pub(super) async fn open_items(db: &impl ConnectionTrait, which: Expr) -> Result<Vec<item::Model>> {
    let open = Entity::find().select_only().column(Column::Id).filter(Column::PublishedAt.is_null()).into_query();
    let items = item::Entity::find().filter(which).filter(item::Column::ReleaseId.in_subquery(open));
    Ok(items.all(db).await?)
}

/// The release of this name, as a perspective: what it will show or, once it is published, what it showed then.
pub(crate) async fn perspective_of(db: &Database, name: &str) -> Result<crate::Perspective> {
    let found = release(&**db, name).await?;
    let found = found.ok_or_else(|| Error::caller("BAD_PERSPECTIVE", format!("There is no release `{name}`.")))?;
    Ok(found.published_at.map_or(crate::Perspective::Release(found.id), crate::Perspective::AsOf))
}
