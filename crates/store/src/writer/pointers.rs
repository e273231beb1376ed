//! The pointers that an import moves with its revisions.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};

use super::{Import, merge::of_last_revision, summary::Mode};
use crate::{
    Result,
    tables::{
        entry::Column::{
            ArchivedAt, DraftBaseId, DraftRevisionId, ImportedDraftId, ImportedPublishedId, PublishedRevisionId,
        },
        revision,
    },
};

/// Base of the drafts that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Begins {
    /// Base of the draft that was there; the published revision where there was none.
    #[default]
    AsBefore,
    /// Published revision.
    Published,
}

type Pointers = Vec<(super::entry::Column, Expr)>;

impl Import<'_> {
    /// Those of entries with a new revision.
    pub(crate) fn pointers(&self) -> Pointers {
        let last = || of_last_revision(revision::Column::Id);
        let mut set: Pointers = vec![(ArchivedAt, Expr::val(None::<DateTime<Utc>>))];
        match self.mode {
            Mode::Draft => {
                let published = Expr::col(PublishedRevisionId);
                let base = match self.begins {
                    Begins::Published => published,
                    Begins::AsBefore => Expr::case(Expr::col(DraftRevisionId).is_null(), published)
                        .finally(Expr::col(DraftBaseId))
                        .into(),
                };
                set.extend([(DraftRevisionId, last()), (DraftBaseId, base)]);
            }
            Mode::Publish => set.push((PublishedRevisionId, last())),
        }
        let (pointer, imported) = match self.mode {
            Mode::Draft => (DraftRevisionId, ImportedDraftId),
            Mode::Publish => (PublishedRevisionId, ImportedPublishedId),
        };
        if self.is_of_files {
            set.push((imported, last()));
            return set;
        }
        // A revision that follows a rename says what the one before it said: whatever led there leads to it.
        if self.relinks {
            let follows =
                |column| Expr::case(Expr::col(column).eq(Expr::col(pointer)), last()).finally(Expr::col(column)).into();
            match self.mode {
                Mode::Publish => {
                    set.extend(
                        [ImportedPublishedId, ImportedDraftId, DraftBaseId].map(|column| (column, follows(column))),
                    );
                }
                Mode::Draft => {
                    let published = || Expr::col(PublishedRevisionId);
                    let is_new = || Expr::col(DraftRevisionId).is_null();
                    let of_draft = is_new().and(Expr::col(ImportedDraftId).eq(published()));
                    let of_files = is_new().and(Expr::col(ImportedPublishedId).eq(published()));
                    // The first draft of an entry follows what is published, which stays what it is.
                    let kept = Expr::case(of_draft.clone(), published()).finally(follows(ImportedPublishedId));
                    let drafted = Expr::case(of_draft.or(of_files), last()).finally(follows(ImportedDraftId));
                    set.extend([(ImportedPublishedId, kept.into()), (ImportedDraftId, drafted.into())]);
                }
            }
        }
        set
    }

    /// Those of entries whose drafts are published.
    pub(crate) fn published_drafts(&self) -> Pointers {
        let (draft, none) = (|| Expr::col(DraftRevisionId), || Expr::val(None::<i64>));
        let imported = if self.relinks {
            let is_followed = Expr::col(ImportedPublishedId).eq(Expr::col(PublishedRevisionId));
            Expr::case(is_followed, draft()).finally(Expr::col(ImportedPublishedId)).into()
        } else {
            draft()
        };
        vec![
            (PublishedRevisionId, draft()),
            (ImportedPublishedId, imported),
            (DraftRevisionId, none()),
            (DraftBaseId, none()),
            (ArchivedAt, Expr::val(None::<DateTime<Utc>>)),
        ]
    }

    /// Notes that entries say what their files say.
    pub(crate) async fn note_same(&self, entries: Vec<i64>) -> Result<()> {
        let set: Pointers = match self.mode {
            Mode::Draft => {
                let draft = Expr::case(Expr::col(DraftRevisionId).is_not_null(), Expr::col(DraftRevisionId));
                let published = Expr::case(Expr::col(DraftRevisionId).is_null(), Expr::col(PublishedRevisionId));
                vec![
                    (ImportedDraftId, draft.finally(Expr::col(ImportedDraftId)).into()),
                    (ImportedPublishedId, published.finally(Expr::col(ImportedPublishedId)).into()),
                ]
            }
            Mode::Publish => vec![(ImportedPublishedId, Expr::col(PublishedRevisionId))],
        };
        self.update(entries, set).await
    }
}
