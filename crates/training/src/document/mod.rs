//! The section `training` of a career's document.
mod entry_routes;

pub use entry_routes::{EntryRoute, EntryRouteKind, RouteLink};

use std::sync::Arc;

use careers::Career;
use kernel::{Number, RichText, Slug, Text, enumeration, object, part, section};
use pages::LinkTemplate;
use sources::{Amount, DurationRange, MoneyRange};

/// The ways into a career, as a section.
#[section(key = "training")]
pub struct TrainingSection {
    /// The ways into this career.
    #[parts(TrainingPathway)]
    pub training: Option<Training>,
    /// Routes by which people enter this career, with what each of them requires.
    pub entry_routes: Vec<Arc<EntryRoute>>,
    /// Templates of links to courses that are offered now; `Career.courseLinks` answers the links.
    #[graphql(skip_output)]
    pub course_links: Vec<LinkTemplate>,
}

/// The ways into a career.
#[object]
pub struct Training {
    /// Factors that decide between the ways, in a few sentences.
    pub summary: Option<RichText>,
    /// The programs, from the shortest to the longest.
    pub pathways: Vec<Arc<TrainingPathway>>,
    /// The path that the guide recommends.
    pub recommended_path: Option<RecommendedPath>,
}

/// A program that leads into a career.
#[part(
    of = Career,
    section = TrainingSection,
    list = "trainingPathways",
    about = "The programs that lead into all careers, by title unless `orderBy` is given.",
    sort_by = title,
    owner_filter = "Conditions on the ways into the career.",
)]
pub struct TrainingPathway {
    /// The key, unique among the pathways of the career.
    pub key: Slug,
    /// The name of the program.
    #[column(filter, order)]
    pub title: Text,
    /// The name of the degree, if it has one.
    pub degree: Option<Text>,
    /// Credential that it ends with.
    #[column(filter = "Conditions on the credential that it ends with.")]
    pub credential: Credential,
    /// Duration of the program; null if the guide does not say.
    #[column(
        min_months: Option<Number> = DurationRange::min_months,
        filter = "Conditions on the shortest time it takes, in months.",
        order = "By the shortest time it takes.",
    )]
    #[column(
        max_months: Option<Number> = DurationRange::max_months,
        filter = "Conditions on the longest time it takes, in months.",
        order = "By the longest time it takes.",
    )]
    pub duration: Option<DurationRange>,
    /// Total cost of the program; null if the guide does not say.
    #[column(
        min_cost: Option<Amount> = MoneyRange::least_paid_once,
        stored = "least_cost",
        filter = "Conditions on the lowest total cost, in whole units of its currency; a cost per period is not a total.",
        order = "By the lowest total cost, within each currency.",
    )]
    #[column(
        max_cost: Option<Amount> = MoneyRange::most_paid_once,
        stored = "most_cost",
        filter = "Conditions on the highest total cost, in whole units of its currency; a cost per period is not a total.",
        order = "By the highest total cost, within each currency.",
    )]
    pub cost: Option<MoneyRange>,
    /// Basis of the cost, such as the kind of school.
    pub cost_basis: Option<Text>,
    /// Formats in which it is taught; empty if the guide does not say.
    pub formats: Vec<TrainingFormat>,
    /// The key of the pathway whose subjects it covers as well.
    pub builds_on: Option<Slug>,
    /// The subjects that it covers, beyond those of `buildsOn`.
    pub covers: Vec<Text>,
    /// Whom it suits; null if the guide does not say.
    pub suits: Option<RichText>,
}

/// Credential that a program ends with.
#[enumeration(filter = "Conditions on the credential that a program ends with.")]
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

/// Format in which a program is taught.
#[enumeration]
pub enum TrainingFormat {
    /// Online.
    Online,
    /// Partly online, partly in a classroom.
    Hybrid,
    /// In a classroom.
    InPerson,
}

/// A path that a guide recommends, in steps.
#[object]
pub struct RecommendedPath {
    /// Whom it is recommended to.
    pub audience: Text,
    /// The steps, in order.
    #[field(required)]
    pub steps: Vec<PathStep>,
    /// Goal that the path leads to.
    pub leads_to: RichText,
    /// Time that it takes until the first job.
    pub time_to_employment: Option<DurationRange>,
}

/// A step of a recommended path.
#[object]
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
