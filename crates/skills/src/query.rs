//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{QueryRoot, Result, request};

use crate::element::{ContentElement, ElementKey, find};

pub(crate) struct SkillQueries;

impl From<&QueryRoot> for SkillQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl SkillQueries {
    /// The element of the content model with this identifier; null if the data set `onet` has none, or is not synced.
    async fn content_element(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the element, such as `2.A.1.a`.")] element_id: ElementKey,
    ) -> Result<Option<ContentElement>> {
        find(request(ctx), &element_id).await
    }
}
