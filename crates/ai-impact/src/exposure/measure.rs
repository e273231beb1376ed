//! Measures of exposure: what each says, on which scale, and where it stands in the files of its authors.
use async_graphql::Enum;
use serde::{Deserialize, Serialize};

use super::{eloundou, microsoft};

/// Measure of the exposure of an occupation to AI. Measures answer different questions; none replaces the others, and their values do not
/// compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExposureMeasure {
    /// Direct exposure of the tasks, as GPT-4 labels them.
    #[graphql(name = "GPT4_ALPHA")]
    #[serde(rename = "GPT4_ALPHA")]
    Gpt4Alpha,
    /// Direct exposure, and half of the exposure by further software, as GPT-4 labels the tasks.
    #[graphql(name = "GPT4_BETA")]
    #[serde(rename = "GPT4_BETA")]
    Gpt4Beta,
    /// Direct exposure and exposure by further software, as GPT-4 labels the tasks.
    #[graphql(name = "GPT4_GAMMA")]
    #[serde(rename = "GPT4_GAMMA")]
    Gpt4Gamma,
    /// Direct exposure of the tasks, as people label them.
    HumanAlpha,
    /// Direct exposure, and half of the exposure by further software, as people label the tasks.
    HumanBeta,
    /// Direct exposure and exposure by further software, as people label the tasks.
    HumanGamma,
    /// Applicability of AI: the mean of the scores of both sides of conversations.
    Applicability,
    /// Applicability of AI by what people want to get done.
    ApplicabilityUser,
    /// Applicability of AI by what the assistant does.
    ApplicabilityAi,
    /// Share of the activities that more than 0.05 % of conversations are about, by what people want.
    CoverageUser,
    /// Share of the activities that more than 0.05 % of conversations are about, by what the assistant does.
    CoverageAi,
    /// Share of conversations in which the task was completed, by what people want.
    CompletionUser,
    /// Share of conversations in which the task was completed, by what the assistant does.
    CompletionAi,
    /// Share of positive feedback on conversations by what people want.
    FeedbackUser,
    /// Share of positive feedback on conversations by what the assistant does.
    FeedbackAi,
    /// Share of conversations whose impact on the activity is moderate or larger, by what people want.
    ScopeUser,
    /// Share of conversations whose impact on the activity is moderate or larger, by what the assistant does.
    ScopeAi,
}

/// Facts about a measure.
pub(crate) struct Facts {
    /// The slug of the data set.
    pub(crate) dataset: &'static str,
    /// The column of its files.
    pub(crate) column: &'static str,
    /// The name.
    pub(crate) name: &'static str,
    /// Description in our own words.
    pub(crate) about: &'static str,
}

/// Least and greatest value that the definition of every measure allows.
pub(crate) const SCALE: (f64, f64) = (0.0, 1.0);

impl ExposureMeasure {
    /// Facts about the measure.
    pub(crate) fn facts(self) -> Facts {
        let of = |dataset, column, name, about| Facts { dataset, column, name, about };
        let labels = |column, name, about| of(eloundou::DATASET, column, name, about);
        let usage = |column, name, about| of(microsoft::DATASET, column, name, about);
        match self {
            Self::Gpt4Alpha => labels("dv_rating_alpha", "Alpha, labelled by GPT-4", ALPHA),
            Self::Gpt4Beta => labels("dv_rating_beta", "Beta, labelled by GPT-4", BETA),
            Self::Gpt4Gamma => labels("dv_rating_gamma", "Gamma, labelled by GPT-4", GAMMA),
            Self::HumanAlpha => labels("human_rating_alpha", "Alpha, labelled by people", ALPHA),
            Self::HumanBeta => labels("human_rating_beta", "Beta, labelled by people", BETA),
            Self::HumanGamma => labels("human_rating_gamma", "Gamma, labelled by people", GAMMA),
            Self::Applicability => usage("ai_applicability_score", "AI applicability", APPLICABILITY),
            Self::ApplicabilityUser => {
                usage("ai_applicability_score_user", "AI applicability, goals of users", APPLICABILITY_OF_SIDE)
            }
            Self::ApplicabilityAi => {
                usage("ai_applicability_score_ai", "AI applicability, actions of AI", APPLICABILITY_OF_SIDE)
            }
            Self::CoverageUser => usage("coverage_user", "Coverage, goals of users", COVERAGE),
            Self::CoverageAi => usage("coverage_ai", "Coverage, actions of AI", COVERAGE),
            Self::CompletionUser => usage("completion_user", "Completion, goals of users", COMPLETION),
            Self::CompletionAi => usage("completion_ai", "Completion, actions of AI", COMPLETION),
            Self::FeedbackUser => {
                usage("feedback_positive_fraction_user", "Positive feedback, goals of users", FEEDBACK)
            }
            Self::FeedbackAi => usage("feedback_positive_fraction_ai", "Positive feedback, actions of AI", FEEDBACK),
            Self::ScopeUser => usage("impact_scope_user", "Impact scope, goals of users", SCOPE),
            Self::ScopeAi => usage("impact_scope_ai", "Impact scope, actions of AI", SCOPE),
        }
    }
}

const ALPHA: &str = "Share of the occupation's tasks that a large language model alone lets people do in half of the time or less, at the same \
                     quality (label E1). A lower bound of exposure.";
const BETA: &str = "Share of the occupation's tasks that a large language model alone speeds up as much (label E1), and half of the share that \
                    it speeds up once further software is built on it (label E2).";
const GAMMA: &str = "Share of the occupation's tasks that a large language model speeds up as much, alone (label E1) or with further software \
                     built on it (label E2). An upper bound of exposure.";
const APPLICABILITY: &str = "Mean of the two applicability scores: that of the goals with which people come to an assistant, and that of the \
                             actions that the assistant takes for them. It does not say whether AI replaces the people in the occupation.";
const APPLICABILITY_OF_SIDE: &str = "Share of the occupation's activities that conversations with an assistant serve: whether an activity \
                                     occurs, times its completion, times its impact scope, weighted by its relevance and importance.";
const COVERAGE: &str = "Share of the occupation's activities, weighted by relevance and importance, that make up more than 0.05 % of \
                        conversations with an assistant.";
const COMPLETION: &str = "Share of conversations about the occupation's activities in which the task was completed, by the judgement of a \
                          language model.";
const FEEDBACK: &str =
    "Share of positive reactions among all reactions of people to conversations about the occupation's activities.";
const SCOPE: &str = "Share of conversations about the occupation's activities in which the impact on the activity is moderate or larger, by \
                     the judgement of a language model.";
