//! Revision that is about to be published of an entry.
use crate::{entries::state::State, tables::revision};

/// An entry and the revision that is to be published of it.
pub(crate) struct Target {
    pub(crate) index: usize,
    pub(crate) state: State,
    pub(crate) revision: revision::Model,
}

impl Target {
    pub(crate) fn is_new(&self) -> bool {
        self.state.entry.published_revision_id != Some(self.revision.id)
    }

    /// Tells whether another revision, which began with what is published so far, was made after the one that is published now: it goes
    /// on from there.
    pub(crate) fn is_followed_by(&self, number: i32, base: Option<i64>) -> bool {
        let published = self.state.published.as_ref().map_or(0, |published| published.number);
        base == self.state.entry.published_revision_id && (published..number).contains(&self.revision.number)
    }

    /// New base of the draft that stays.
    pub(crate) fn base_of_draft(&self) -> Option<i64> {
        let base = self.state.entry.draft_base_id;
        let number = self.state.draft.as_ref().map_or(0, |draft| draft.number);
        if self.is_followed_by(number, base) { Some(self.revision.id) } else { base }
    }
}
