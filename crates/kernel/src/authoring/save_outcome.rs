//! Result of saving.
use async_graphql::SimpleObject;
use document::path;
use store::{Saved, State};

use super::{payload::UserError, revision::Revision};
use crate::{Principal, Scope, input::FindingObject};

/// Result of saving, whatever the kind.
#[derive(Default, SimpleObject)]
pub(crate) struct SaveOutcome {
    /// The revision that holds the document now; null if nothing could be saved, or if somebody else had saved the same content
    /// before and the caller may not read drafts.
    pub(super) revision: Option<Revision>,
    /// True if there is a new revision. Unchanged content makes none.
    pub(super) is_new: bool,
    /// Errors that prevented saving; empty on success.
    pub(super) errors: Vec<UserError>,
    /// Further findings of the check: they do not prevent saving, but errors among them prevent publishing. Only those of sections
    /// that the caller may write, if they may not read drafts.
    pub(super) findings: Vec<FindingObject>,
    /// With the error `CONFLICT`: the revision that the document is based on, if there is one and the caller may read drafts.
    pub(super) base: Option<Revision>,
    /// With the error `CONFLICT`: the revision that somebody else has saved since, if the caller may read drafts.
    pub(super) latest: Option<Revision>,
}

impl SaveOutcome {
    pub(super) fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }

    fn saved(state: &State, is_new: bool) -> Self {
        let revision = state.head().map(|head| Revision::of_state(head, state));
        Self { revision, is_new, ..Self::default() }
    }

    pub(super) fn of(saved: &Saved, key: &(&'static str, String), base: Option<i32>, caller: &Principal) -> Self {
        let (kind, slug) = key;
        let is_told = caller.may(&Scope::ReadDrafts);
        match saved {
            Saved::Drafted(state) => Self::saved(state, true),
            Saved::Unchanged(_) if !is_told => Self::default(),
            Saved::Conflict { latest: Some(_), .. } if !is_told => Self::refused(vec![UserError::new(
                &path!["baseRevision"],
                "CONFLICT",
                format!(
                    "somebody else has saved the {kind} `{slug}` since; with the scope `read-drafts` you can see its content now and \
                     the number to give as `baseRevision`"
                ),
            )]),
            Saved::Renamed(_) if !is_told => Self::refused(vec![UserError::new(
                &path!["slug"],
                "RENAMED",
                format!("the {kind} `{slug}` was renamed; with the scope `read-drafts` you can see its new slug"),
            )]),
            Saved::Unchanged(state) => Self::saved(state, false),
            Saved::Archived => Self::refused(vec![UserError::new(
                &path!["slug"],
                "ARCHIVED",
                format!("the {kind} `{slug}` is archived; restore one of its revisions first"),
            )]),
            Saved::Renamed(now) => Self::refused(vec![UserError::new(
                &path!["slug"],
                "RENAMED",
                format!("the {kind} `{slug}` was renamed to `{now}`; use that slug"),
            )]),
            Saved::Conflict { base: begun, latest } => {
                let message = match (latest, base) {
                    (None, _) => format!("there is no {kind} `{slug}`; omit `baseRevision` to create it"),
                    (Some(latest), None) => format!(
                        "the {kind} `{slug}` already exists, at revision {} by {}; load it, and give that number as `baseRevision`",
                        latest.number, latest.author
                    ),
                    (Some(latest), Some(base)) => format!(
                        "you started from revision {base}, and {} has saved revision {} since; load it and merge the two",
                        latest.author, latest.number
                    ),
                };
                let revision = |model: &Option<store::revision::Model>| {
                    model.as_ref().map(|model| Revision::new(model.clone(), kind, slug.clone()))
                };
                Self {
                    base: revision(begun),
                    latest: revision(latest),
                    ..Self::refused(vec![UserError::new(&path!["baseRevision"], "CONFLICT", message)])
                }
            }
        }
    }
}
