//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{BySlug as _, QueryRoot, Result};

use crate::Career;

pub(crate) struct CareerQueries;

impl From<&QueryRoot> for CareerQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl CareerQueries {
    /// The career with this slug; null if there is none.
    async fn career(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The slug of the career, such as `health-information-technology`.")] slug: String,
    ) -> Result<Option<Career>> {
        Career::by_slug(ctx, &slug).await
    }
}
