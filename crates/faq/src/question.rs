//! The object `Question`: how it is found and listed, and what it adds to the fields of its document.
use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, OutputType};
use careers::Career;
use kernel::{Entry, Kind, Node, Result, Sections as _, global_id, list::Listed};

use crate::{FaqSection, Question, entity::question};

#[ComplexObject]
impl Question {
    /// The global id: opaque, the same in every database and after every import.
    async fn id(&self) -> ID {
        global_id(<Self as OutputType>::type_name(), &self.owner.entry().part_key(&self.key))
    }

    /// The career that the question is about.
    async fn career(&self) -> Career {
        Career::new(self.owner.entry().clone())
    }
}

impl Node for Question {
    type Of = Career;

    async fn find(ctx: &Context<'_>, entry: Entry, part: String) -> Result<Option<Arc<Self>>> {
        let section = entry.section::<FaqSection>(ctx).await?;
        Ok(section.faq.iter().find(|question| *question.key == *part).cloned())
    }
}

impl Listed for Question {
    type Table = question::Entity;

    const LIST: &'static str = "faqs";
    const ABOUT: &'static str =
        "The questions about all careers, by the key of career and question where no order is given.";
}
