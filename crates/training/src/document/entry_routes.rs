//! Routes into a career, with what each of them requires.
use careers::Career;
use kernel::{RichText, Slug, Text, Url, enumeration, object, part};

use super::TrainingSection;

/// A route by which people enter a career, with what it requires.
#[part(
    of = Career,
    section = TrainingSection,
    list = "entryRoutes",
    about = "The routes by which people enter all careers, by title unless `orderBy` is given.",
    sort_by = title,
    owner_filter = "Conditions on the routes by which people enter the career.",
)]
pub struct EntryRoute {
    /// The key, unique among the routes of the career.
    pub key: Slug,
    /// Kind of the route.
    #[column(filter = "Conditions on the kind of the route.")]
    pub route: EntryRouteKind,
    /// The name of the route, such as `University`.
    #[column(filter, order)]
    pub title: Text,
    /// Description of the route: the way to take it, and points to mind.
    pub description: Option<RichText>,
    /// Subjects to study that lead into the career.
    pub subjects: Vec<Text>,
    /// Words that introduce the requirements, such as `You will usually need:`; null if all of them are needed.
    pub requirements_preface: Option<Text>,
    /// Requirements that people meet before they take the route; empty if the guide does not say.
    pub requirements: Vec<Text>,
    /// Qualifications and experience that count as much as the requirements.
    pub equivalents: Vec<Text>,
    /// Pages that say more.
    pub links: Vec<RouteLink>,
}

/// Kind of a route into a career.
#[enumeration(filter = "Conditions on the kind of a route.")]
pub enum EntryRouteKind {
    /// Studies at a university, a college or another school.
    Study,
    /// An apprenticeship or a traineeship.
    Apprenticeship,
    /// Work in another job, from which people move up or across.
    Work,
    /// Unpaid work.
    Volunteering,
    /// An application to an employer, without a training before.
    DirectApplication,
    /// Another one, which the title names.
    Other,
}

/// A page that says more about a route.
#[object]
pub struct RouteLink {
    /// The words of the link.
    pub label: Text,
    /// Its address.
    pub url: Url,
}
