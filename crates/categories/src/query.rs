//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{BySlug as _, QueryRoot, Result};

use crate::Category;

pub(crate) struct CategoryQueries;

impl From<&QueryRoot> for CategoryQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl CategoryQueries {
    /// The category with this slug; null if there is none.
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The slug of the category, such as `health-care`.")] slug: String,
    ) -> Result<Option<Category>> {
        Category::by_slug(ctx, &slug).await
    }
}
