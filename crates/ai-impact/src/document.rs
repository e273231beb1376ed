//! The section `aiImpact` of a career's document.
use std::sync::Arc;

use async_graphql::{ComplexObject, Enum, InputObject, SimpleObject};
use kernel::{Entry, Owner, RichText, Section, Slug, Text};
use serde::{Deserialize, Serialize};
use sources::PercentRange;

/// Impact of AI on a career, as a section.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "AiImpactSectionInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AiImpactSection {
    /// Impact of AI on this career.
    pub ai_impact: Option<AiImpact>,
}

impl Section for AiImpactSection {
    const NAME: &'static str = "aiImpact";

    fn bind(&mut self, entry: &Entry) {
        for task in self.ai_impact.iter_mut().flat_map(|impact| &mut impact.tasks) {
            Arc::make_mut(task).owner = entry.into();
        }
    }
}

/// Impact of AI on a career.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(complex, input_name = "AiImpactInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AiImpact {
    /// The verdict.
    pub verdict: AiVerdict,
    /// Change of the work, in a few sentences.
    pub summary: RichText,
    /// The tasks that AI takes over, and those that stay with people.
    #[graphql(default, skip_output)]
    #[serde(default)]
    pub tasks: Vec<Arc<AiTask>>,
    /// Conclusion about the impact of AI.
    pub bottom_line: RichText,
}

#[ComplexObject]
impl AiImpact {
    /// The tasks that AI takes over, and those that stay with people.
    async fn tasks(
        &self,
        #[graphql(desc = "Only the tasks that are done by AI, or by people; all tasks where it is not given.")]
        handled_by: Option<TaskHolder>,
    ) -> Vec<Arc<AiTask>> {
        let admitted = |task: &&Arc<AiTask>| handled_by.is_none_or(|holder| task.handled_by == holder);
        self.tasks.iter().filter(admitted).cloned().collect()
    }
}

/// Verdict on what becomes of a career.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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

kernel::enum_filter!(
    /// Conditions on what becomes of a career.
    AiVerdictFilter,
    AiVerdict
);

/// A task, and who does it from now on.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(complex, input_name = "AiTaskInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AiTask {
    /// The entry that it belongs to.
    #[graphql(skip)]
    #[serde(skip)]
    pub(crate) owner: Owner,
    /// The key, unique among the tasks of the career.
    pub key: Slug,
    /// Its name.
    pub title: Text,
    /// Holder of the task: who does it.
    pub handled_by: TaskHolder,
    /// Work that is done, and the reason for its holder.
    pub description: RichText,
    /// The measured effect, where there is one.
    pub effect: Option<AiEffect>,
}

/// Holder of a task: who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskHolder {
    /// AI does it, or most of it.
    Ai,
    /// It stays with people.
    Human,
}

kernel::enum_filter!(
    /// Conditions on who does a task.
    TaskHolderFilter,
    TaskHolder
);

/// A measured effect of AI on a task.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "AiEffectInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AiEffect {
    /// Measure that changes, such as `manual coding time`.
    pub measure: Text,
    /// By how many percent it changes: negative where it becomes less.
    pub change: PercentRange,
}
