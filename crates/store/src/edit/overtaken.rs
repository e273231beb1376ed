//! Publications since a revision was begun, which publishing that revision would undo without a word.
use sea_orm::ConnectionTrait;

use super::publish_error::{Overtaken, PublishError};
use crate::{
    Result,
    entries::state::{State, revisions},
    tables::revision,
};

fn named(revision: &revision::Model) -> (i32, String) {
    (revision.number, revision.author.clone())
}

/// The problem of a revision that began with `base`, where something else is published now.
pub(crate) async fn overtaken(
    db: &impl ConnectionTrait,
    state: &State,
    revision: &revision::Model,
    base: Option<i64>,
) -> Result<Option<PublishError>> {
    let now = state.published.as_ref();
    if now.is_some_and(|now| now.id == revision.id) || now.map(|now| now.id) == base {
        return Ok(None);
    }
    let bases = revisions(db, base.into_iter().collect()).await?;
    let base = bases.values().next().map(named);
    Ok(Some(PublishError::Overtaken(Box::new(Overtaken {
        of: named(revision),
        base,
        now: now.map(named),
        is_named: false,
    }))))
}

/// The problem of a revision that is to replace the one with this number, 0 for none, where something else is published now.
pub(crate) fn is_not(state: &State, revision: &revision::Model, over: i32) -> Option<PublishError> {
    let now = state.published.as_ref();
    let is_it = now.map_or(0, |now| now.number) == over || now.is_some_and(|now| now.id == revision.id);
    let overtaken = || Overtaken {
        of: named(revision),
        base: (over > 0).then(|| (over, String::new())),
        now: now.map(named),
        is_named: true,
    };
    (!is_it).then(|| PublishError::Overtaken(Box::new(overtaken())))
}
