//! Releases: guides that are published together, now or at a set time.
use async_graphql::{Context, Object, SimpleObject};
use document::path;
use store::{
    ChangeInfo, EntryKey,
    release::{self, Item, Model, ReleaseError},
};

use super::{
    MutationRoot,
    entry::EditorEntry,
    payload::UserError,
    publish::{EntryFinding, EntryKeyInput, PublishInput, allowed},
    revision::Revision,
};
use crate::{Principal, Result, Scope, Slug, moment::Moment, request::request, root::QueryRoot};

/// A release.
pub(crate) struct Release(Model);

/// A named set of revisions that is previewed as a whole, in the perspective `release:NAME`, and published at once.
#[Object]
impl Release {
    /// Its name, unique.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Author of the release.
    async fn author(&self) -> &str {
        &self.0.author
    }

    /// Time of creation of the release.
    async fn created_at(&self) -> Moment {
        Moment(self.0.created_at)
    }

    /// Time at which the server publishes the release on its own; null if none is set.
    async fn scheduled_at(&self) -> Option<Moment> {
        self.0.scheduled_at.map(Moment)
    }

    /// Time at which the release was published; null if it was not yet.
    async fn published_at(&self) -> Option<Moment> {
        self.0.published_at.map(Moment)
    }

    /// Reason why it could not be published at its time; null if there was none. Setting a new time clears it. Needs the scope
    /// `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn failure(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        request(ctx).caller().require(&Scope::ReadDrafts)?;
        Ok(self.0.failure.as_deref())
    }

    /// Revisions that it holds, in the order of kinds and slugs. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn entries(&self, ctx: &Context<'_>) -> Result<Vec<ReleaseEntry>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::ReadDrafts)?;
        let items = release::items(loaders.db(), loaders.content(), self.0.id).await?;
        Ok(items.into_iter().map(ReleaseEntry::from).collect())
    }
}

/// A revision in a release.
#[derive(SimpleObject)]
pub(crate) struct ReleaseEntry {
    /// The entry.
    entry: EditorEntry,
    /// The revision that the release publishes. It stays the same when the entry gets a new draft.
    revision: Revision,
}

impl From<Item> for ReleaseEntry {
    fn from(Item { state, revision, .. }: Item) -> Self {
        Self { revision: Revision::of_state(&revision, &state), entry: EditorEntry(state) }
    }
}

/// Result of a mutation of a release.
#[derive(Default, SimpleObject)]
pub(crate) struct ReleasePayload {
    /// The release as it is now; null if there is none.
    release: Option<Release>,
    /// Errors that prevented the mutation; empty on success.
    errors: Vec<UserError>,
    /// Further findings of the check, when the release is published.
    warnings: Vec<EntryFinding>,
}

impl ReleasePayload {
    fn of(done: Result<Model, ReleaseError>, name: &str) -> Self {
        match done {
            Ok(release) => Self { release: Some(Release(release)), ..Self::default() },
            Err(hindrance) => Self { errors: vec![refused(&hindrance, name)], ..Self::default() },
        }
    }

    fn with(release: Model, keys: &[EntryKey], done: store::Done, caller: &Principal) -> Self {
        let errors = UserError::of_all(&done.problems, keys, caller);
        let warnings = EntryFinding::of_all(done.warnings, keys, caller);
        Self { release: Some(Release(release)), errors, warnings }
    }
}

fn refused(hindrance: &ReleaseError, name: &str) -> UserError {
    let (code, message) = match hindrance {
        ReleaseError::NotFound => ("NOT_FOUND", format!("there is no release `{name}`")),
        ReleaseError::Exists => ("EXISTS", format!("a release `{name}` already exists; choose another name")),
        ReleaseError::Published(at) => {
            ("PUBLISHED", format!("the release `{name}` was published at {at}, and can no longer be changed"))
        }
    };
    UserError::new(&path!["release"], code, message)
}

/// Queries about releases.
#[derive(Default)]
pub(crate) struct ReleaseQueries;

impl From<&QueryRoot> for ReleaseQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl ReleaseQueries {
    /// The release of this name; null if there is none. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the release.")] name: String,
    ) -> Result<Option<Release>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::ReadDrafts)?;
        Ok(release::release(loaders.db(), &name).await?.map(Release))
    }

    /// All releases, the newest first, including published ones. Needs the scope `read-drafts`.
    #[graphql(requires_scopes = "read-drafts")]
    async fn releases(&self, ctx: &Context<'_>) -> Result<Option<Vec<Release>>> {
        let loaders = request(ctx);
        loaders.caller().require(&Scope::ReadDrafts)?;
        Ok(Some(release::releases(loaders.db()).await?.into_iter().map(Release).collect()))
    }
}

/// Mutations of releases.
#[derive(Default)]
pub(crate) struct ReleaseMutations;

impl From<&MutationRoot> for ReleaseMutations {
    fn from(_: &MutationRoot) -> Self {
        Self
    }
}

#[Object]
impl ReleaseMutations {
    /// Creates an empty release. Needs the scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn create_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name, unique: lower-case letters and digits, joined by single hyphens.")] release: Slug,
        #[graphql(desc = "Author of the release; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<ReleasePayload>> {
        let loaders = allowed(ctx, 0)?;
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let done = release::create_release(loaders.database(), &release, &change).await?;
        Ok(Some(ReleasePayload::of(done, &release)))
    }

    /// Adds revisions to a release, all of them or none. Each replaces the revision of the same entry that is in it.
    /// Needs the scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn add_to_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the release.")] release: Slug,
        #[graphql(desc = "The revisions to add: up to 500.")] entries: Vec<PublishInput>,
        #[graphql(desc = "Author of the change; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<ReleasePayload>> {
        let loaders = allowed(ctx, entries.len())?;
        let items = PublishInput::items(loaders, &entries)?;
        let change = ChangeInfo::by(loaders.caller(), author, None);
        Ok(Some(match release::add_to_release(loaders.database(), &release, &items, &change).await? {
            Ok((model, done)) => {
                let keys: Vec<_> = items.into_iter().map(|item| item.key).collect();
                ReleasePayload::with(model, &keys, done, loaders.caller())
            }
            Err(hindrance) => ReleasePayload::of(Err(hindrance), &release),
        }))
    }

    /// Removes entries from a release. Needs the scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn remove_from_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the release.")] release: Slug,
        #[graphql(desc = "The entries to remove: up to 500.")] entries: Vec<EntryKeyInput>,
        #[graphql(desc = "Author of the change; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<ReleasePayload>> {
        let loaders = allowed(ctx, entries.len())?;
        let keys = EntryKeyInput::keys(loaders, &entries)?;
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let done = release::remove_from_release(loaders.database(), &release, &keys, &change).await?;
        Ok(Some(ReleasePayload::of(done, &release)))
    }

    /// Sets the time at which the server publishes a release on its own. If no server is running at that time, one publishes
    /// it when it starts. Needs the scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn schedule_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the release.")] release: Slug,
        #[graphql(desc = "The time, in the future; null to unschedule it.")] at: Option<Moment>,
        #[graphql(desc = "Author of the change; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<ReleasePayload>> {
        let loaders = allowed(ctx, 0)?;
        let at = at.map(|moment| moment.0);
        if at.is_some_and(|at| at <= loaders.database().clock().now()) {
            let message = "the time has passed; use `publishRelease` to publish at once";
            let errors = vec![UserError::new(&path!["at"], "BAD_TIME", message)];
            return Ok(Some(ReleasePayload { errors, ..ReleasePayload::default() }));
        }
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let done = release::schedule_release(loaders.database(), &release, at, &change).await?;
        Ok(Some(ReleasePayload::of(done, &release)))
    }

    /// Publishes all that a release holds, at once or not at all. Each revision is checked: an error in one refuses them all. Needs the
    /// scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn publish_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the release.")] release: Slug,
        #[graphql(desc = "Author of the publication; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<ReleasePayload>> {
        let loaders = allowed(ctx, 0)?;
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let done = release::publish_release(loaders.database(), loaders.content(), &release, &change).await?;
        Ok(Some(match done {
            Ok((model, keys, done)) => ReleasePayload::with(model, &keys, done, loaders.caller()),
            Err(hindrance) => ReleasePayload::of(Err(hindrance), &release),
        }))
    }

    /// Deletes a release that is not published. The drafts in it stay as they are. Needs the scope `publish`.
    #[graphql(requires_scopes = "publish")]
    async fn delete_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the release.")] release: Slug,
        #[graphql(desc = "Author of the change; the name of the token if omitted.")] author: Option<String>,
    ) -> Result<Option<ReleasePayload>> {
        let loaders = allowed(ctx, 0)?;
        let change = ChangeInfo::by(loaders.caller(), author, None);
        let done = release::delete_release(loaders.database(), &release, &change).await?;
        Ok(Some(match done {
            Ok(_) => ReleasePayload::default(),
            Err(hindrance) => ReleasePayload::of(Err(hindrance), &release),
        }))
    }
}
