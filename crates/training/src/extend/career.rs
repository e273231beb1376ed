//! Addition of this module to `Career` beside its section: links to courses that are offered now.
use async_graphql::{Context, Object};
use careers::Career;
use kernel::{Entry, Kind as _, Result, Sections as _};
use pages::LiveLink;

use crate::TrainingSection;

pub(crate) struct CareerCourses(Entry);

impl From<&Career> for CareerCourses {
    fn from(career: &Career) -> Self {
        Self(career.entry().clone())
    }
}

#[Object]
impl CareerCourses {
    /// Links to courses that are offered now.
    async fn course_links(&self, ctx: &Context<'_>) -> Result<Vec<LiveLink>> {
        let section = self.0.section::<TrainingSection>(ctx).await?;
        careers::live_links(ctx, &self.0, &section.course_links).await
    }
}
