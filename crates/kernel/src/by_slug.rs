//! Entries by their slugs.
use async_graphql::Context;

use crate::{Result, kind::Kind, projection, request::request, visible::visible_with};

/// A kind whose entries are looked up by their slugs.
pub trait BySlug: Kind {
    /// The visible entry with this slug.
    fn by_slug(ctx: &Context<'_>, slug: &str) -> impl Future<Output = Result<Option<Self>>> + Send {
        async move {
            let selected = ctx.with_selection_set(&ctx.item.node.selection_set);
            let wanted = projection::wanted(Self::NAME, &selected, ctx.item);
            Ok(visible_with(request(ctx), Self::NAME, slug, wanted).await?.map(Self::new))
        }
    }
}

impl<K: Kind> BySlug for K {}
