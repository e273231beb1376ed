//! Releases: named sets of revisions, previewed as a whole and published at once. A release holds revisions, not drafts: what is
//! drafted after it was put in does not change it.
mod change;
mod publish;
mod scheduler;

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

pub use self::{
    change::{ReleaseError, add_to_release, create_release, delete_release, remove_from_release, schedule_release},
    publish::publish_release,
};
pub use crate::tables::release::{Column, Entity, Model, item, release, releases};
use crate::{
    ContentModel, Result,
    entries::state::{State, pointed_at, revisions},
    tables::revision,
};

/// An entry in a release, and the revision of it.
pub struct Item {
    /// The entry.
    pub state: State,
    /// The revision that it holds.
    pub revision: revision::Model,
    /// The revision that was published when it was put in.
    pub base: Option<i64>,
}

/// Items of a release, in the order of kinds and slugs.
pub async fn items(db: &impl ConnectionTrait, content: &ContentModel, release: i64) -> Result<Vec<Item>> {
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
