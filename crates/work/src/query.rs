//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{QueryRoot, Result, request};

use crate::activity::{DetailedActivity, IntermediateActivity, detailed, intermediate};

pub(crate) struct WorkQueries;

impl From<&QueryRoot> for WorkQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl WorkQueries {
    /// The detailed work activity with this identifier; null if the data set `onet` has none, or is not synced.
    async fn detailed_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the activity, such as `4.A.2.a.4.i.3`.")] activity_id: String,
    ) -> Result<Option<DetailedActivity>> {
        detailed(request(ctx), &activity_id).await
    }

    /// The intermediate work activity with this identifier; null if the data set `onet` has none, or is not synced.
    async fn intermediate_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identifier of the activity, such as `4.A.2.a.4.i`.")] activity_id: String,
    ) -> Result<Option<IntermediateActivity>> {
        intermediate(request(ctx), &activity_id).await
    }
}
