//! Exposure of the activities of an occupation.
use async_graphql::SimpleObject;
use datasets::{DataFigure, Dataset, FigureUnit, MissingReason};

use super::microsoft::activities::ActivityMetricsRow;

/// An intermediate work activity of an occupation, and how conversations with an assistant serve it.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ActivityExposure {
    /// The id of the intermediate work activity as the data set has it: that of O*NET 30.1 and before.
    activity_id: String,
    /// The id of the same activity from O*NET 30.3 on; null if no map of ids was synced.
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
    /// Share of all activity in conversations that is this activity.
    share: DataFigure,
    /// Share of its conversations that complete the task.
    completion: DataFigure,
    /// Share of its conversations in which the assistant could serve at least a moderate part of the activity.
    impact_scope: DataFigure,
    /// Share of positive feedback among all feedback on its conversations.
    positive_feedback: DataFigure,
    /// The product of completion, impact scope and coverage, which applicability scores sum up.
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
