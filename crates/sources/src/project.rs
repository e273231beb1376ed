//! The rows by which sources are found.
use kernel::{Entry, document::Guide, list::fold, store::Rows};
use sea_orm::ActiveValue::Set;

use crate::{SourceProfile, entity::source};

pub(crate) fn project(guide: &Guide, entry: &Entry, rows: &mut Rows) {
    let Some(profile) = guide.section::<SourceProfile>() else { return };
    rows.insert(source::ActiveModel {
        revision_id: Set(entry.revision()),
        entry_id: Set(entry.id()),
        node_key: Set(entry.slug().to_owned()),
        title: Set(fold(&profile.title)),
        publisher: Set(fold(&profile.publisher)),
    });
}
