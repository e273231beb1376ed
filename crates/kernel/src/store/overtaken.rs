//! Publications since a revision was begun, which publishing that revision would undo without a word.
use sea_orm::ConnectionTrait;

use super::{
    publish::Problem,
    revision,
    state::{State, revisions},
};
use crate::Result;

/// Publication or withdrawal by somebody else since a revision was begun.
#[derive(Clone, Debug)]
pub(crate) struct Overtaken {
    /// The revision that is to be published: its number and author.
    of: (i32, String),
    /// The published revision that it began with.
    base: Option<(i32, String)>,
    /// Revision that is published now.
    now: Option<(i32, String)>,
    is_named: bool,
}

fn named(revision: &revision::Model) -> (i32, String) {
    (revision.number, revision.author.clone())
}

/// The problem of a revision that began with `base`, where something else is published now.
pub(super) async fn overtaken(
    db: &impl ConnectionTrait,
    state: &State,
    revision: &revision::Model,
    base: Option<i64>,
) -> Result<Option<Problem>> {
    let now = state.published.as_ref();
    if now.is_some_and(|now| now.id == revision.id) || now.map(|now| now.id) == base {
        return Ok(None);
    }
    let bases = revisions(db, base.into_iter().collect()).await?;
    let base = bases.values().next().map(named);
    Ok(Some(Problem::Overtaken(Box::new(Overtaken {
        of: named(revision),
        base,
        now: now.map(named),
        is_named: false,
    }))))
}

/// The problem of a revision that is to replace the one with this number, 0 for none, where something else is published now.
pub(super) fn is_not(state: &State, revision: &revision::Model, over: i32) -> Option<Problem> {
    let now = state.published.as_ref();
    let is_it = now.map_or(0, |now| now.number) == over || now.is_some_and(|now| now.id == revision.id);
    let overtaken = || Overtaken {
        of: named(revision),
        base: (over > 0).then(|| (over, String::new())),
        now: now.map(named),
        is_named: true,
    };
    (!is_it).then(|| Problem::Overtaken(Box::new(overtaken())))
}

impl Overtaken {
    /// The sentence for whoever may not read drafts.
    pub(crate) fn short_message(&self, (kind, slug): (&str, &str)) -> String {
        let number = self.now.as_ref().map_or(0, |(number, _)| *number);
        format!(
            "the {kind} `{slug}` was changed by somebody else since this revision was begun; whoever has the scope `read-drafts` sees \
             both, or replace what is published knowingly with `overPublished: {number}` in `publish` or `addToRelease`"
        )
    }

    /// The sentence for whoever may read drafts.
    pub(crate) fn message(&self, (kind, slug): (&str, &str)) -> String {
        let by = |(number, author): &(i32, String)| {
            if author.is_empty() { format!("revision {number}") } else { format!("revision {number} by {author}") }
        };
        let base = self.base.as_ref().map_or_else(|| "nothing".to_owned(), by);
        let number = self.now.as_ref().map_or(0, |(number, _)| *number);
        let begun = match (self.is_named, &self.now) {
            (true, Some(now)) => format!("{base} is not what is published: {} is", by(now)),
            (true, None) => format!("{base} is not published: nothing is"),
            (false, Some(now)) => {
                format!("{} began when {base} was published, and {} was published since", by(&self.of), by(now))
            }
            (false, None) => format!("{} began when {base} was published, and that was withdrawn since", by(&self.of)),
        };
        let instead = if number > 0 {
            format!("bring both together and save them with `baseRevision: {number}`, or replace it knowingly")
        } else {
            "publish it all the same".to_owned()
        };
        format!(
            "the {kind} `{slug}` was changed by somebody else: {begun}; {instead} with `overPublished: {number}` in `publish` or \
             `addToRelease`"
        )
    }
}
