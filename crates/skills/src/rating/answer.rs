//! Objects by which ratings are answered.
use async_graphql::{Enum, SimpleObject};
use datasets::Dataset;
use kernel::Number;

use super::RatingRow;
use crate::{ContentElement, RatingScale};

/// A rating of an occupation.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ElementRating {
    /// The value, on the scale.
    value: Number,
    /// The scale.
    scale: RatingScale,
    /// Number of answers that the value is a mean of; null if the publisher gives none.
    n: Option<u32>,
    /// The standard error of the value; null if the publisher gives none.
    standard_error: Option<Number>,
    /// The lower bound of the 95 % confidence interval; null if the publisher gives none.
    lower_bound: Option<Number>,
    /// The upper bound of the 95 % confidence interval; null if the publisher gives none.
    upper_bound: Option<Number>,
    /// True if the publisher recommends not to show the value, as it is imprecise; null if the publisher does not say.
    recommend_suppress: Option<bool>,
    /// True if most of those who were asked find that the element is not relevant to the occupation, so that its level means little; null if
    /// the publisher does not say.
    not_relevant: Option<bool>,
    /// The answer whose share in percent the value is, where the scale has categories.
    category: Option<u32>,
    /// The month in which the rating was collected, as `2023-08`.
    date: Option<String>,
    /// The publisher's word for those who gave the rating, such as `Incumbent` or `Analyst`.
    source: Option<String>,
}

impl ElementRating {
    pub(crate) fn new(row: &RatingRow, scale: RatingScale) -> Self {
        Self {
            value: Number(row.value),
            scale,
            n: row.n,
            standard_error: row.standard_error.map(Number),
            lower_bound: row.lower.map(Number),
            upper_bound: row.upper.map(Number),
            recommend_suppress: row.suppress,
            not_relevant: row.not_relevant,
            category: row.category,
            date: row.date.clone(),
            source: row.source.clone(),
        }
    }
}

/// Kind of a skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum SkillKind {
    /// A skill that helps to learn, such as reading comprehension; O*NET called it a basic skill before release 30.3.
    Essential,
    /// A skill that is of use in many occupations, such as negotiation; O*NET called it a cross-functional skill before release 30.3.
    Transferable,
}

impl SkillKind {
    /// The kind of the skill with this identifier.
    pub(crate) fn of(element: &str) -> Self {
        if element.starts_with("2.A.") { Self::Essential } else { Self::Transferable }
    }
}

/// A skill as an occupation asks for it.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationSkill {
    /// The skill.
    pub(crate) element: ContentElement,
    /// Kind of the skill.
    pub(crate) kind: SkillKind,
    /// Importance of the skill to the occupation, on the scale `IM`.
    pub(crate) importance: Option<ElementRating>,
    /// The level of the skill that the occupation asks for, on the scale `LV`.
    pub(crate) level: Option<ElementRating>,
    /// The data set that the ratings are taken from.
    pub(crate) dataset: Dataset,
}

/// An element that is rated by importance and level: an area of knowledge, an ability, or a work activity.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RatedElement {
    /// The element.
    pub(crate) element: ContentElement,
    /// Importance of the element to the occupation, on the scale `IM`.
    pub(crate) importance: Option<ElementRating>,
    /// The level that the occupation asks for, on the scale `LV`.
    pub(crate) level: Option<ElementRating>,
    /// The data set that the ratings are taken from.
    pub(crate) dataset: Dataset,
}

/// A work style as it fits an occupation.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationWorkStyle {
    /// The work style.
    pub(crate) element: ContentElement,
    /// Impact of the style on performance in the occupation, from harmful to helpful, on the scale `WI`.
    pub(crate) impact: Option<ElementRating>,
    /// Place of the style among those that set the occupation apart, on the scale `DR`; its value is 0 for a style that does not.
    pub(crate) distinctiveness: Option<ElementRating>,
    /// The data set that the ratings are taken from.
    pub(crate) dataset: Dataset,
}

/// A circumstance of the work.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct WorkContextElement {
    /// The circumstance.
    pub(crate) element: ContentElement,
    /// The mean of the answers, and the share of each answer.
    pub(crate) ratings: Vec<ElementRating>,
    /// The data set that the ratings are taken from.
    pub(crate) dataset: Dataset,
}

/// An interest, or a work value, as an occupation meets it.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationInterest {
    /// The type of career interest, or the work value.
    pub(crate) element: ContentElement,
    /// Degree to which the occupation meets it, on the scale `OI` for interests and `EX` for work values.
    pub(crate) rating: Option<ElementRating>,
    /// Its place among the three high points of the occupation, from 1; null if it is none of them.
    pub(crate) high_point: Option<i32>,
    /// The data set that the ratings are taken from.
    pub(crate) dataset: Dataset,
}

/// One of the three high points of an occupation, as the publisher ranks its interests or work values.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct HighPoint {
    /// The element that holds the place, such as `First Interest High-Point`.
    pub(crate) place: ContentElement,
    /// The place, from 1.
    pub(crate) rank: i32,
    /// The type of career interest, or the work value, on the place; null if none is.
    pub(crate) element: Option<ContentElement>,
    /// The rating, whose value is the number of the type or the work value, from 1, or 0 if none is on the place.
    pub(crate) rating: ElementRating,
}
