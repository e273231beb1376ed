//! The section `profile`: what the career is called, and where it stands among others.
use async_graphql::{ComplexObject, Enum, InputObject, SimpleObject};
use kernel::{Link, RichText, Section, Slug, Text};
use serde::{Deserialize, Serialize};

use crate::Career;

/// Names and classification of a career.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "CareerProfileInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// The name of the career.
    pub title: Text,
    /// Other names and abbreviations of it.
    #[graphql(default)]
    #[serde(default)]
    pub alternate_titles: Vec<Text>,
    /// The career in a few sentences.
    pub summary: RichText,
    /// Codes of the career in official classifications.
    #[graphql(default)]
    #[serde(default)]
    pub codes: Vec<Code>,
    /// Key words, for navigation and search.
    #[graphql(default)]
    #[serde(default)]
    pub tags: Vec<Slug>,
    /// Guides that readers of this one turn to next.
    #[graphql(default)]
    #[serde(default)]
    pub related_guides: Vec<RelatedGuide>,
}

impl Section for Profile {
    const NAME: &'static str = "profile";
}

/// A code in an official classification.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(name = "OccupationCode", input_name = "OccupationCodeInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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

/// Another guide, by its title, and the career it explains where that is loaded.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(complex, input_name = "RelatedGuideInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RelatedGuide {
    /// The title of the guide.
    pub title: Text,
    /// The career that the guide explains; null where it is not loaded or not named.
    pub career: Option<Link<Career>>,
}

#[ComplexObject]
impl RelatedGuide {
    /// The slug of the career, whether it is loaded or not; null where the guide names none.
    async fn career_slug(&self) -> Option<&str> {
        self.career.as_ref().map(Link::slug)
    }
}
