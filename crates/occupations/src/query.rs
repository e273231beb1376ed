//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{QueryRoot, Result, request};

use crate::{Occupation, by_code, code::OccupationCode};

pub(crate) struct OccupationQueries;

impl From<&QueryRoot> for OccupationQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl OccupationQueries {
    /// The occupation with this code, whether a guide explains it or not; null if the data set `onet` has none, or is not synced.
    async fn occupation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The O*NET-SOC code, such as `29-2072.00`.")] code: OccupationCode,
    ) -> Result<Option<Occupation>> {
        by_code(request(ctx), &code).await
    }
}
