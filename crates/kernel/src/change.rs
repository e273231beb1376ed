//! `ContentChange`: what a subscriber is told when something is published or withdrawn.
use std::sync::Arc;

use async_graphql::{Context, Enum, Object};
use futures_util::future::BoxFuture;
use store::{Published, former_slugs_of};

use crate::{
    Result, Tags,
    moment::{ContentVersion, Moment},
    open::{AnyNode, EntryKind, Nodes},
    request::{BatchKey, BatchValues, Request, request},
    visible,
};

/// One publication or withdrawal of an entry.
pub(crate) struct ContentChange {
    /// Record of the change in the store.
    pub(crate) published: Published,
    /// The kind of the entry.
    pub(crate) kind: &'static str,
}

/// Kind of change to an entry.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum ChangeKind {
    /// It is published, and was not just before.
    Published,
    /// It is published in place of something else.
    Updated,
    /// It is no longer published.
    Withdrawn,
}

/// A publication or a withdrawal.
#[Object]
impl ContentChange {
    /// Kind of change to the entry.
    async fn change(&self) -> ChangeKind {
        match (self.published.revision, self.published.before) {
            (None, _) => ChangeKind::Withdrawn,
            (Some(_), None) => ChangeKind::Published,
            (Some(_), Some(_)) => ChangeKind::Updated,
        }
    }

    /// The kind of the entry.
    async fn kind(&self) -> EntryKind {
        EntryKind::of(self.kind)
    }

    /// The slug of the entry, unique among its kind.
    async fn slug(&self) -> &str {
        &self.published.slug
    }

    /// The content version that the change made.
    async fn version(&self) -> ContentVersion {
        ContentVersion(self.published.version)
    }

    /// Time of the publication or withdrawal.
    async fn at(&self) -> Moment {
        Moment(self.published.at)
    }

    /// The cache tags to purge: those of the entry, including the former slugs that it was published under, and that of lists of its kind.
    async fn cache_tags(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let former = FormerSlugs { kind: self.kind, slug: self.published.slug.clone() };
        let former = request(ctx).load(former).await?.unwrap_or_default();
        let slugs = former.iter().chain([&self.published.slug]);
        Ok(Tags::to_purge(slugs.map(|slug| (self.kind, slug.as_str()))))
    }

    /// The entry as it is now, which may be newer than this change; null if it is not visible.
    async fn node(&self, ctx: &Context<'_>) -> Option<AnyNode> {
        self.visible(ctx).await.unwrap_or_else(|error| {
            ctx.add_error(ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos)));
            None
        })
    }
}

impl ContentChange {
    async fn visible(&self, ctx: &Context<'_>) -> Result<Option<AnyNode>> {
        let loaders = request(ctx);
        let catalog = loaders.catalog();
        let Some(spec) = catalog.kind(self.kind).and_then(|kind| catalog.of::<Nodes>().0.get(&kind.object)) else {
            return Ok(None);
        };
        match visible::visible(loaders, self.kind, &self.published.slug).await? {
            Some(entry) => (spec.find)(ctx, entry, String::new()).await,
            None => Ok(None),
        }
    }
}

/// The slugs under which an entry was published before it was renamed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct FormerSlugs {
    kind: &'static str,
    slug: String,
}

impl BatchKey for FormerSlugs {
    type Answer = Vec<String>;

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            if !request.database().has_renames() {
                return Ok(BatchValues::default());
            }
            let asked: Vec<_> = keys.into_iter().map(|key| (key.kind, key.slug)).collect();
            let former = former_slugs_of(request.db(), &asked).await?;
            Ok(former.into_iter().map(|((kind, slug), former)| (Self { kind, slug }, former)).collect())
        })
    }
}
