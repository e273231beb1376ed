//! The section `training` of a career's document.
use std::sync::Arc;

use async_graphql::{Enum, InputObject, SimpleObject};
use kernel::{Entry, Owner, RichText, Section, Slug, Text};
use serde::{Deserialize, Serialize};
use sources::{DurationRange, MoneyRange};

/// The ways into a career, as a section.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "TrainingSectionInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrainingSection {
    /// The ways into this career.
    pub training: Option<Training>,
}

impl Section for TrainingSection {
    const NAME: &'static str = "training";

    fn bind(&mut self, entry: &Entry) {
        for pathway in self.training.iter_mut().flat_map(|training| &mut training.pathways) {
            Arc::make_mut(pathway).owner = entry.into();
        }
    }
}

/// The ways into a career.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "TrainingInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Training {
    /// Factors that decide between the ways, in a few sentences.
    pub summary: Option<RichText>,
    /// The programs, from the shortest to the longest.
    #[graphql(default)]
    #[serde(default)]
    pub pathways: Vec<Arc<TrainingPathway>>,
    /// The path that the guide recommends.
    pub recommended_path: Option<RecommendedPath>,
}

/// A program that leads into a career.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(complex, input_name = "TrainingPathwayInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrainingPathway {
    /// The entry that it belongs to.
    #[graphql(skip)]
    #[serde(skip)]
    pub(crate) owner: Owner,
    /// The key, unique among the pathways of the career.
    pub key: Slug,
    /// The name of the program.
    pub title: Text,
    /// The name of the degree, where it has one.
    pub degree: Option<Text>,
    /// Credential that it ends with.
    pub credential: Credential,
    /// Duration of the program.
    pub duration: DurationRange,
    /// Total cost of the program.
    pub cost: MoneyRange,
    /// Basis of the cost, such as the kind of school.
    pub cost_basis: Option<Text>,
    /// Formats in which it is taught; empty where the guide does not say.
    #[graphql(default)]
    #[serde(default)]
    pub formats: Vec<TrainingFormat>,
    /// The key of the pathway whose subjects it covers as well.
    pub builds_on: Option<Slug>,
    /// The subjects that it covers, beyond those of `buildsOn`.
    #[graphql(default)]
    #[serde(default)]
    pub covers: Vec<Text>,
    /// Whom it suits.
    pub suits: RichText,
}

/// Credential that a program ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Credential {
    /// A certificate of the school.
    Certificate,
    /// An associate degree.
    Associate,
    /// A bachelor's degree.
    Bachelor,
    /// A master's degree.
    Master,
    /// A doctoral degree.
    Doctorate,
    /// An apprenticeship.
    Apprenticeship,
}

kernel::enum_filter!(
    /// Conditions on what a program ends with.
    CredentialFilter,
    Credential
);

/// Format in which a program is taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainingFormat {
    /// On the net.
    Online,
    /// Partly on the net, partly in a classroom.
    Hybrid,
    /// In a classroom.
    InPerson,
}

/// A path that a guide recommends, in steps.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "RecommendedPathInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecommendedPath {
    /// Whom it is recommended to.
    pub audience: Text,
    /// The steps, in order.
    pub steps: Vec<PathStep>,
    /// Goal that the path leads to.
    pub leads_to: RichText,
    /// Time that it takes until the first job.
    pub time_to_employment: Option<DurationRange>,
}

/// A step of a recommended path.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "PathStepInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PathStep {
    /// Action to take.
    pub title: Text,
    /// Way to do it, and points to mind.
    pub description: Option<RichText>,
    /// Duration of the step.
    pub duration: Option<DurationRange>,
    /// Time from the step before until this one is reached.
    pub within: Option<DurationRange>,
}
