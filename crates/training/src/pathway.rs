//! The object `TrainingPathway`: how it is found and listed, and what it adds to the fields of its document.
use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, OutputType};
use careers::Career;
use kernel::{
    Entry, Kind, Node, Result, Sections as _, global_id,
    list::{Direction, Listed, OrderTerm},
};

use crate::{TrainingPathway, TrainingSection, entity::training_pathway};

#[ComplexObject]
impl TrainingPathway {
    /// The global id: opaque, the same in every database and after every import.
    async fn id(&self) -> ID {
        global_id(<Self as OutputType>::type_name(), &self.owner.entry().part_key(&self.key))
    }

    /// The career that the program leads into.
    async fn career(&self) -> Career {
        Career::new(self.owner.entry().clone())
    }
}

impl Node for TrainingPathway {
    type Of = Career;

    async fn find(ctx: &Context<'_>, entry: Entry, part: String) -> Result<Option<Arc<Self>>> {
        let section = entry.section::<TrainingSection>(ctx).await?;
        let mut pathways = section.training.iter().flat_map(|training| &training.pathways);
        Ok(pathways.find(|pathway| *pathway.key == *part).cloned())
    }
}

impl Listed for TrainingPathway {
    type Table = training_pathway::Entity;

    const LIST: &'static str = "trainingPathways";
    const ABOUT: &'static str = "The programs that lead into all careers, by title where no order is given.";

    fn default_order() -> Vec<OrderTerm> {
        vec![OrderTerm::text(training_pathway::Column::Title, Direction::Asc)]
    }
}
