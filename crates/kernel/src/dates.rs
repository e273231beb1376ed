//! Dates that every entry has: when it was published, when it last changed, and the content version of that.
use std::sync::Arc;

use async_graphql::{Context, Object, ServerResult, resolver_utils::ContainerType as _};
use futures_util::future::BoxFuture;
use store::{PublicationDates, publication_dates};

use crate::{
    Entry, Result,
    moment::{ContentVersion, Moment},
    request::{BatchKey, BatchValues, Request, request},
};

/// The dates of an entry, by its row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DatesOf(i64);

impl BatchKey for DatesOf {
    type Answer = PublicationDates;

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let entries = keys.into_iter().map(|key| key.0).collect();
            let dates = publication_dates(request.db(), request.perspective(), entries).await?;
            Ok(dates.into_iter().map(|(entry, dates)| (Self(entry), dates)).collect())
        })
    }
}

/// Dates that every kind's object shows.
pub(crate) struct EntryDates {
    entry: i64,
}

/// Resolves a field of [`EntryDates`].
pub(crate) fn dates_of<'a>(
    entry: Entry,
    ctx: &'a Context<'a>,
) -> BoxFuture<'a, ServerResult<Option<async_graphql::Value>>> {
    let dates = EntryDates { entry: entry.id() };
    Box::pin(async move { dates.resolve_field(ctx).await })
}

impl EntryDates {
    async fn dates(&self, ctx: &Context<'_>) -> Result<PublicationDates> {
        Ok(request(ctx).load(DatesOf(self.entry)).await?.unwrap_or_default())
    }
}

/// The dates of an entry.
#[Object]
impl EntryDates {
    /// Time at which it was first published, under whichever slug; null if it never was.
    async fn first_published_at(&self, ctx: &Context<'_>) -> Result<Option<Moment>> {
        Ok(self.dates(ctx).await?.first_published_at.map(Moment))
    }

    /// Time since which it is published without a break; null if it is not. A new revision and a new slug are no break, a
    /// withdrawal is one.
    async fn published_at(&self, ctx: &Context<'_>) -> Result<Option<Moment>> {
        Ok(self.dates(ctx).await?.published_at.map(Moment))
    }

    /// Time at which what is published of it last changed: its content, its slug, or the slug of something that it links to; null if it
    /// is not published. A draft changes nothing.
    async fn updated_at(&self, ctx: &Context<'_>) -> Result<Option<Moment>> {
        Ok(self.dates(ctx).await?.updated_at.map(Moment))
    }

    /// The content version that its last change made, the one of `updatedAt`; null if it is not published.
    async fn version(&self, ctx: &Context<'_>) -> Result<Option<ContentVersion>> {
        Ok(self.dates(ctx).await?.version.map(ContentVersion))
    }
}
