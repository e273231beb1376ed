//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{QueryRoot, Result, request};

use crate::{Place, PlaceKey, by_code};

pub(crate) struct PlaceQueries;

impl From<&QueryRoot> for PlaceQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl PlaceQueries {
    /// The place with this code; null if no data set is published for it.
    async fn place(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code, such as `US-CA`.")] code: PlaceKey,
    ) -> Result<Option<Place>> {
        by_code(request(ctx), &code).await
    }
}
