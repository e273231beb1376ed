//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{BySlug as _, QueryRoot, Result};

use crate::Dataset;

pub(crate) struct DatasetQueries;

impl From<&QueryRoot> for DatasetQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl DatasetQueries {
    /// The data set with this slug; null if there is none, or it was never synced.
    async fn dataset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The slug of the data set, such as `bls-oews`.")] slug: String,
    ) -> Result<Option<Dataset>> {
        Dataset::by_slug(ctx, &slug).await
    }
}
