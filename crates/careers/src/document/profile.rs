//! The section `profile`: what the career is called, and where it stands among others.
use async_graphql::ComplexObject;
use categories::Category;
use kernel::{Date, Link, Number, RichText, Slug, Text, document::CheckedDocument, enumeration, object, section};
use sources::{HoursRange, Money, Pay};

use super::{ArticleSection, OutlookSection, PaySection, WorkSection};
use crate::Career;

/// Names and classification of a career.
#[section(
    key = "profile",
    input = "CareerProfileInput",
    entry = Career,
    list = "careers",
    about = "All careers, by title unless `orderBy` is given.",
    sort_by = title,
)]
#[column(
    category: Option<Link<Category>> = category,
    filter = "Conditions on the slug of the category that the article is filed under.",
)]
#[column(
    published_on: Option<Date> = published_on,
    filter = "Conditions on the day the article was published.",
    order = "By the day the article was published.",
)]
#[column(
    median_pay: Option<Pay> = median_pay,
    filter = "Conditions on the median pay that the guide states, in whole units of its currency: per year, unless `period` says otherwise. \
              Pay by the hour, by the month and by the year are never compared.",
    order = "By the median pay that the guide states, within each currency and period: currencies in the order of their codes, and in each pay by \
             the hour, by the month, by the year.",
)]
#[column(
    growth: Option<Number> = growth,
    filter = "Conditions on the projected change of employment, in percent.",
    order = "By the projected change of employment.",
)]
#[column(
    min_weekly_hours: Option<Number> = min_weekly_hours,
    filter = "Conditions on the fewest hours of a usual week.",
)]
#[column(
    max_weekly_hours: Option<Number> = max_weekly_hours,
    filter = "Conditions on the most hours of a usual week.",
)]
pub struct Profile {
    /// The name of the career.
    #[column(filter = "Conditions on the title.", order = "By title.")]
    pub title: Text,
    /// Other names and abbreviations of it.
    pub alternate_titles: Vec<Text>,
    /// The career in a few sentences.
    pub summary: RichText,
    /// Codes of the career in official classifications.
    pub codes: Vec<Code>,
    /// Key words, for navigation and search.
    pub tags: Vec<Slug>,
    /// Guides that readers of this one turn to next.
    pub related_guides: Vec<RelatedGuide>,
}

fn category(_: &Profile, guide: &CheckedDocument) -> Option<Link<Category>> {
    Some(guide.section::<ArticleSection>()?.article.as_ref()?.category.clone())
}

fn published_on(_: &Profile, guide: &CheckedDocument) -> Option<Date> {
    Some(guide.section::<ArticleSection>()?.article.as_ref()?.published_on)
}

fn median_pay(_: &Profile, guide: &CheckedDocument) -> Option<Pay> {
    guide.section::<PaySection>()?.pay.as_ref()?.median.as_ref().and_then(Money::pay)
}

fn growth(_: &Profile, guide: &CheckedDocument) -> Option<Number> {
    Some(guide.section::<OutlookSection>()?.outlook.as_ref()?.growth.percent)
}

fn min_weekly_hours(_: &Profile, guide: &CheckedDocument) -> Option<Number> {
    hours_of(guide)?.low
}

fn max_weekly_hours(_: &Profile, guide: &CheckedDocument) -> Option<Number> {
    hours_of(guide)?.high
}

fn hours_of(guide: &CheckedDocument) -> Option<&HoursRange> {
    guide.section::<WorkSection>()?.working_hours.as_ref()?.per_week.as_ref()
}

/// A code in an official classification.
#[object(name = "OccupationCode")]
pub struct Code {
    /// The classification.
    pub scheme: CodeScheme,
    /// The version of the classification, such as `2018`.
    pub version: String,
    /// The code, such as `29-2072`.
    pub code: String,
    /// Degree to which the code fits the career.
    #[serde(rename = "match")]
    #[graphql(name = "match")]
    pub fit: CodeMatch,
    /// The title that the classification gives it.
    pub title: Option<Text>,
}

/// An official classification.
#[enumeration]
pub enum CodeScheme {
    /// The Standard Occupational Classification of the United States.
    Soc,
    /// The occupations of O*NET, which refine the SOC.
    OnetSoc,
    /// The Classification of Instructional Programs of the United States.
    Cip,
    /// The International Standard Classification of Occupations.
    Isco,
    /// The European classification of skills, competences and occupations, by URI.
    Esco,
}

/// Degree to which a code fits, in the words of SKOS.
#[enumeration]
pub enum CodeMatch {
    /// It means the same.
    Exact,
    /// It means nearly the same.
    Close,
    /// It means more than the career.
    Broad,
    /// It means less than the career.
    Narrow,
    /// It means something that is connected with the career.
    Related,
}

/// Another guide, by its title, and the career it explains if that is loaded.
#[object(complex)]
pub struct RelatedGuide {
    /// The title of the guide.
    pub title: Text,
    /// The career that the guide explains; null if it is not loaded or not named.
    pub career: Option<Link<Career>>,
}

#[ComplexObject]
impl RelatedGuide {
    /// The slug of the career, whether it is loaded or not; null if the guide names none.
    async fn career_slug(&self) -> Option<&str> {
        self.career.as_ref().map(Link::slug)
    }
}
