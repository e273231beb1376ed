//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{BySlug as _, QueryRoot, Result};

use crate::Certification;

pub(crate) struct CertificationQueries;

impl From<&QueryRoot> for CertificationQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl CertificationQueries {
    /// The certification with this code; null if there is none.
    async fn certification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The slug of the certification, such as `rhit`; upper and lower case count as the same.")]
        code: String,
    ) -> Result<Option<Certification>> {
        Certification::by_slug(ctx, &code.to_lowercase()).await
    }
}
