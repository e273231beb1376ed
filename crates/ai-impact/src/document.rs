//! The section `aiImpact` of a career's document.
use std::sync::Arc;

use async_graphql::ComplexObject;
use careers::Career;
use kernel::{Number, RichText, Slug, Text, enumeration, object, part, section};
use sources::PercentRange;

/// Impact of AI on a career, as a section.
#[section(key = "aiImpact")]
pub struct AiImpactSection {
    /// Impact of AI on this career.
    #[parts(AiTask)]
    pub ai_impact: Option<AiImpact>,
}

/// Impact of AI on a career.
#[object(complex)]
pub struct AiImpact {
    /// The verdict; null if the guide gives none.
    pub verdict: Option<AiVerdict>,
    /// Change of the work, in a few sentences.
    pub summary: RichText,
    /// The tasks that AI takes over, and those that stay with people.
    #[graphql(skip_output)]
    pub tasks: Vec<Arc<AiTask>>,
    /// Conclusion about the impact of AI; null if the guide draws none.
    pub bottom_line: Option<RichText>,
}

#[ComplexObject]
impl AiImpact {
    /// The tasks that AI takes over, and those that stay with people.
    async fn tasks(
        &self,
        #[graphql(desc = "Only the tasks that are done by AI, or by people; all tasks if omitted.")] handled_by: Option<
            TaskHolder,
        >,
    ) -> Vec<Arc<AiTask>> {
        let admitted = |task: &&Arc<AiTask>| handled_by.is_none_or(|holder| task.handled_by == holder);
        self.tasks.iter().filter(admitted).cloned().collect()
    }
}

/// Verdict on the effect of AI on a career.
#[enumeration(filter = "Conditions on the effect of AI on a career.")]
pub enum AiVerdict {
    /// AI has little effect on it.
    Unaffected,
    /// AI does routine work; people remain, and do more of the rest.
    Augmented,
    /// AI does so much of it that fewer people are needed.
    Reduced,
    /// AI replaces the people in it.
    Replaced,
}

/// A task, and who does it from now on.
#[part(
    of = Career,
    section = AiImpactSection,
    list = "aiTasks",
    about = "The tasks of all careers that AI takes over or leaves to people, by title unless `orderBy` is given.",
    sort_by = title,
    owner_filter = "Conditions on the tasks that AI takes over or leaves to people.",
)]
pub struct AiTask {
    /// The key, unique among the tasks of the career.
    pub key: Slug,
    /// Its name.
    #[column(filter = "Conditions on the name.", order = "By name.")]
    pub title: Text,
    /// Holder of the task: who does it.
    #[column(filter = "Conditions on who does it.")]
    pub handled_by: TaskHolder,
    /// Work that is done, and the reason for its holder.
    pub description: RichText,
    /// The measured effect, if there is one.
    #[column(
        min_effect: Option<Number> = |effect: &AiEffect| effect.change.low,
        filter = "Conditions on the lower end of the measured change, in percent.",
        order = "By the lower end of the measured change.",
    )]
    #[column(
        max_effect: Option<Number> = |effect: &AiEffect| effect.change.high,
        filter = "Conditions on the upper end of the measured change, in percent.",
        order = "By the upper end of the measured change.",
    )]
    pub effect: Option<AiEffect>,
}

/// Holder of a task: who does it.
#[enumeration(filter = "Conditions on who does a task.")]
pub enum TaskHolder {
    /// AI does it, or most of it.
    Ai,
    /// It stays with people.
    Human,
}

/// A measured effect of AI on a task.
#[object]
pub struct AiEffect {
    /// Measure that changes, such as `manual coding time`.
    pub measure: Text,
    /// By how many percent it changes: negative if it becomes less.
    pub change: PercentRange,
}
