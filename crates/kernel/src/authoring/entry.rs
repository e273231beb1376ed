//! Entries as editors see them: what is published, what is drafted, and every revision.
use async_graphql::{Context, Object};
use store::{State, current};

use super::{
    payload::kind_of,
    revision::{DifferenceObject, Revision, differences, numbered, page},
};
use crate::{
    Error, Result, Scope, Slug,
    list::{Log, LogArguments},
    moment::Moment,
    open::EntryKind,
    request::request,
    root::QueryRoot,
};

/// An entry as editors see it.
pub(crate) struct EditorEntry(pub(super) State);

/// An entry as editors see it, whatever the perspective of the request.
#[Object(name = "Entry")]
impl EditorEntry {
    /// Its kind.
    async fn kind(&self) -> EntryKind {
        EntryKind::of(self.0.kind)
    }

    /// Its slug, unique among its kind.
    async fn slug(&self) -> &str {
        &self.0.entry.slug
    }

    /// Published revision, which everybody sees; null if nothing is published.
    async fn published(&self) -> Option<Revision> {
        self.0.published.as_ref().map(|model| Revision::of_state(model, &self.0))
    }

    /// Draft that editors work on; null if it is the published revision. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn draft(&self, ctx: &Context<'_>) -> Result<Option<Revision>> {
        request(ctx).caller().require(&Scope::ReadDrafts)?;
        Ok(self.0.draft.as_ref().map(|model| Revision::of_state(model, &self.0)))
    }

    /// True if another revision than the one that the draft began with is published by now, or if that one was withdrawn:
    /// `publish` refuses the draft (`CONFLICT`) until it is saved with the published revision as its `baseRevision`.
    async fn is_overtaken(&self) -> bool {
        self.0.is_overtaken()
    }

    /// Time at which the entry was archived; null if it is not.
    async fn archived_at(&self) -> Option<Moment> {
        self.0.entry.archived_at.map(Moment)
    }

    /// The revision with this number; null if there is none. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn revision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the revision.")] number: i32,
    ) -> Result<Option<Revision>> {
        request(ctx).caller().require(&Scope::ReadDrafts)?;
        numbered(ctx, self.place(), number).await
    }

    /// Differences between two revisions, place by place; null if one of them is not there. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the older revision.")] from: i32,
        #[graphql(desc = "The number of the newer revision.")] to: i32,
    ) -> Result<Option<Vec<DifferenceObject>>> {
        differences(ctx, self.place(), (from, to)).await
    }

    /// Every version of the document, the newest first. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn revisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The size of the page, taken from the start (or after `after`): 0 to 100 unless the server is set up otherwise; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only objects after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only objects before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Option<Log<Revision>>> {
        request(ctx).caller().require(&Scope::ReadDrafts)?;
        let arguments = LogArguments::new((first, after), (last, before), request(ctx).max_page())?;
        page(ctx, self.place(), &arguments).await.map(Some)
    }
}

impl EditorEntry {
    fn place(&self) -> (&'static str, &str, i64) {
        (self.0.kind, &self.0.entry.slug, self.0.entry.id)
    }
}

impl Revision {
    /// A revision of this entry.
    pub(super) fn of_state(model: &store::revision::Model, state: &State) -> Self {
        Self::new(model.clone(), state.kind, state.entry.slug.clone())
    }
}

/// Queries of editors.
#[derive(Default)]
pub(crate) struct EditorQueries;

impl From<&QueryRoot> for EditorQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl EditorQueries {
    /// An entry as editors see it, published or not, by its slug or one that it had before; null if there is none. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The kind of the entry.")] kind: EntryKind,
        #[graphql(desc = "The slug of the entry.")] slug: Slug,
    ) -> Result<Option<EditorEntry>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::ReadDrafts)?;
        let kind =
            kind_of(loaders.content(), &kind).ok_or_else(|| Error::internal("an unknown kind was let through"))?;
        Ok(current(loaders.db(), kind, &slug).await?.map(EditorEntry))
    }
}
