//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{BySlug as _, QueryRoot, Result};

use crate::Source;

pub(crate) struct SourceQueries;

impl From<&QueryRoot> for SourceQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl SourceQueries {
    /// The source with this slug; null if there is none.
    async fn source(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The slug of the source.")] slug: String,
    ) -> Result<Option<Source>> {
        Source::by_slug(ctx, &slug).await
    }
}
