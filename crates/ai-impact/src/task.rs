//! The object `AiTask`: how it is found and listed, and what it adds to the fields of its document.
use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, OutputType};
use careers::Career;
use kernel::{
    Entry, Kind, Node, Result, Sections as _, global_id,
    list::{Direction, Listed, OrderTerm},
};

use crate::{AiImpactSection, AiTask, entity::ai_task};

#[ComplexObject]
impl AiTask {
    /// The global id: opaque, the same in every database and after every import.
    async fn id(&self) -> ID {
        global_id(<Self as OutputType>::type_name(), &self.owner.entry().part_key(&self.key))
    }

    /// The career that the task belongs to.
    async fn career(&self) -> Career {
        Career::new(self.owner.entry().clone())
    }
}

impl Node for AiTask {
    type Of = Career;

    async fn find(ctx: &Context<'_>, entry: Entry, part: String) -> Result<Option<Arc<Self>>> {
        let section = entry.section::<AiImpactSection>(ctx).await?;
        let mut tasks = section.ai_impact.iter().flat_map(|impact| &impact.tasks);
        Ok(tasks.find(|task| *task.key == *part).cloned())
    }
}

impl Listed for AiTask {
    type Table = ai_task::Entity;

    const LIST: &'static str = "aiTasks";
    const ABOUT: &'static str =
        "The tasks of all careers that AI takes over or leaves to people, by title where no order is given.";

    fn default_order() -> Vec<OrderTerm> {
        vec![OrderTerm::text(ai_task::Column::Title, Direction::Asc)]
    }
}
