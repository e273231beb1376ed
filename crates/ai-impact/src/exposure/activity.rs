//! Exposure of the activities of an occupation.
use async_graphql::SimpleObject;
use datasets::{DataFigure, Dataset, FigureUnit, MissingReason};

use super::microsoft::activities::ActivityMetricsRow;

/// An intermediate work activity of an occupation, and how conversations with an assistant serve it.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ActivityExposure {
    /// The id of the intermediate work activity as the data set has it: that of O*NET 30.1 and before.
    activity_id: String,
    /// The id of the same activity from O*NET 30.3 on. Neither publisher tells it: null unless a file that maps the ids was synced with the data
    /// set.
    current_activity_id: Option<String>,
    /// The title of the activity.
    title: String,
    /// Metrics by the goals with which users come.
    user: ActivityMetrics,
    /// Metrics by the actions that the assistant takes.
    ai: ActivityMetrics,
    /// The data set.
    dataset: Dataset,
}

/// Metrics of an activity in conversations, each from 0 to 1.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(crate) struct ActivityMetrics {
    /// Share of all conversations that are about the activity; one about several counts for each in part.
    share: DataFigure,
    /// Share of its conversations in which the task was completed; none where no conversation is about it.
    completion: DataFigure,
    /// Share of its conversations whose impact on the activity is moderate or larger.
    impact_scope: DataFigure,
    /// Share of positive reactions among all reactions to its conversations.
    positive_feedback: DataFigure,
    /// The product of completion and impact scope, and 0 where the share does not exceed 0.05 %: what applicability scores sum up.
    applicability: DataFigure,
}

impl ActivityExposure {
    /// The metrics of a row.
    pub(crate) fn new(dataset: &Dataset, row: &ActivityMetricsRow) -> Self {
        Self {
            activity_id: row.activity.clone(),
            current_activity_id: row.current.clone(),
            title: row.title.clone(),
            user: metrics(row.user),
            ai: metrics(row.ai),
            dataset: dataset.clone(),
        }
    }
}

fn metrics(values: [Option<f64>; 5]) -> ActivityMetrics {
    let figure = |value: Option<f64>| {
        let unit = FigureUnit::Score;
        value.map_or(DataFigure::none(MissingReason::NotApplicable, unit), |value| DataFigure::of(value, unit))
    };
    let [share, completion, impact_scope, positive_feedback, applicability] = values.map(figure);
    ActivityMetrics { share, completion, impact_scope, positive_feedback, applicability }
}
