//! Tasks of occupations.
use async_graphql::{Context, Object};
use datasets::block;
use futures_util::future::try_join;
use kernel::{
    Result,
    list::{Values, values},
    request,
};
use occupations::Occupation;

use crate::{
    activity::links::TaskActivities,
    emerging::{EmergingTask, EmergingTasks},
    task::{OccupationTask, TaskType, Tasks},
};

/// Fields of an occupation that tell what people in it do.
pub(crate) struct OccupationWork(Occupation);

impl From<&Occupation> for OccupationWork {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.clone())
    }
}

#[Object]
impl OccupationWork {
    /// Tasks of the occupation: core tasks, supplemental ones, then those that have not been rated, each in the order of O*NET.
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "type", desc = "Only tasks of this kind.")] kind: Option<TaskType>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only tasks after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only tasks before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<OccupationTask>> {
        let (loaders, code) = (request(ctx), self.0.code());
        let (tasks, activities) =
            try_join(block::<Tasks>(loaders, code), block::<TaskActivities>(loaders, code)).await?;
        let Some(tasks) = tasks else { return values(ctx, [].into_iter(), (first, after), (last, before)) };
        let activities = activities.map(|found| found.rows).unwrap_or_default();
        let mut rows: Vec<_> =
            tasks.rows.iter().filter(|row| kind.is_none_or(|kind| row.kind == Some(kind))).cloned().collect();
        rows.sort_by_key(|row| match row.kind {
            Some(TaskType::Core) => 0,
            Some(TaskType::Supplemental) => 1,
            None => 2,
        });
        let shown = |row| OccupationTask { dataset: tasks.dataset.clone(), row, activities: activities.clone() };
        values(ctx, rows.into_iter().map(shown), (first, after), (last, before))
    }

    /// Tasks that come up in the occupation, or change, as people in it and experts told O*NET.
    async fn emerging_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only tasks after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only tasks before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<EmergingTask>> {
        let Some(found) = block::<EmergingTasks>(request(ctx), self.0.code()).await? else {
            return values(ctx, [].into_iter(), (first, after), (last, before));
        };
        values(ctx, found.rows.iter().map(|row| EmergingTask::new(row, &found.dataset)), (first, after), (last, before))
    }
}
