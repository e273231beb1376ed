//! Ratings of occupations.
use async_graphql::{Context, Object};
use kernel::{
    Result,
    list::{PageEnd, Values, values},
    request,
};
use occupations::Occupation;

use crate::rating::{
    answer::{
        HighPoint, OccupationInterest, OccupationSkill, OccupationWorkStyle, RatedElement, SkillKind,
        WorkContextElement,
    },
    high_points::{high_points, ranked_interests},
    load::{OfElement, Rating, rated},
    tables::{Abilities, Interests, Knowledge, Rated, Skills, WorkActivities, WorkContext, WorkStyles, WorkValues},
};

const IMPORTANCE: &str = "IM";
const LEVEL: &str = "LV";

/// Fields of an occupation that tell its ratings.
pub(crate) struct OccupationRatings(Occupation);

impl From<&Occupation> for OccupationRatings {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.clone())
    }
}

impl OccupationRatings {
    async fn rated<T: Rated>(&self, ctx: &Context<'_>) -> Result<Option<Rating>> {
        rated::<T>(request(ctx), self.0.code()).await
    }

    /// Elements that are rated by importance and level, the most important first.
    async fn by_importance<T: Rated>(
        &self,
        ctx: &Context<'_>,
        (from_start, from_end): (PageEnd, PageEnd),
    ) -> Result<Values<RatedElement>> {
        let Some(found) = self.rated::<T>(ctx).await? else {
            return values(ctx, [].into_iter(), from_start, from_end);
        };
        let answer = |rated: OfElement<'_>| RatedElement {
            importance: rated.rating(IMPORTANCE),
            level: rated.rating(LEVEL),
            element: rated.element,
            dataset: found.dataset.clone(),
        };
        values(ctx, found.ranked(IMPORTANCE, answer).into_iter(), from_start, from_end)
    }
}

#[Object]
impl OccupationRatings {
    /// Skills that the occupation asks for, the most important first. Empty where O*NET has not rated them.
    async fn skills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only skills of this kind.")] kind: Option<SkillKind>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only skills after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only skills before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<OccupationSkill>> {
        let Some(found) = self.rated::<Skills>(ctx).await? else {
            return values(ctx, [].into_iter(), (first, after), (last, before));
        };
        let mut skills = found.ranked(IMPORTANCE, |rated| OccupationSkill {
            kind: SkillKind::of(rated.element.id()),
            importance: rated.rating(IMPORTANCE),
            level: rated.rating(LEVEL),
            element: rated.element,
            dataset: found.dataset.clone(),
        });
        skills.retain(|skill| kind.is_none_or(|kind| skill.kind == kind));
        values(ctx, skills.into_iter(), (first, after), (last, before))
    }

    /// Knowledge that the occupation asks for, the most important first. Empty where O*NET has not rated it.
    async fn knowledge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only areas after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only areas before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<RatedElement>> {
        self.by_importance::<Knowledge>(ctx, ((first, after), (last, before))).await
    }

    /// Abilities that the occupation asks for, the most important first. Empty where O*NET has not rated them.
    async fn abilities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only abilities after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only abilities before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<RatedElement>> {
        self.by_importance::<Abilities>(ctx, ((first, after), (last, before))).await
    }

    /// Generalized work activities of the occupation, the most important first. Empty where O*NET has not rated them.
    async fn work_activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only activities after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only activities before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<RatedElement>> {
        self.by_importance::<WorkActivities>(ctx, ((first, after), (last, before))).await
    }

    /// Circumstances of the work, in the order of O*NET. Empty where O*NET has not rated them.
    async fn work_context(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only circumstances after this cursor: `endCursor` of the previous page.")] after: Option<
            String,
        >,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only circumstances before this cursor: `startCursor` of the next page.")] before: Option<
            String,
        >,
    ) -> Result<Values<WorkContextElement>> {
        let Some(found) = self.rated::<WorkContext>(ctx).await? else {
            return values(ctx, [].into_iter(), (first, after), (last, before));
        };
        let answer = |rated: OfElement<'_>| WorkContextElement {
            ratings: rated.ratings(),
            element: rated.element,
            dataset: found.dataset.clone(),
        };
        let context: Vec<_> = found.elements().into_iter().map(answer).collect();
        values(ctx, context.into_iter(), (first, after), (last, before))
    }

    /// Work styles by their impact on performance in the occupation, the most helpful first. Empty where O*NET has not rated them.
    async fn work_styles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only styles after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only styles before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<OccupationWorkStyle>> {
        let Some(found) = self.rated::<WorkStyles>(ctx).await? else {
            return values(ctx, [].into_iter(), (first, after), (last, before));
        };
        let styles = found.ranked("WI", |rated| OccupationWorkStyle {
            impact: rated.rating("WI"),
            distinctiveness: rated.rating("DR"),
            element: rated.element,
            dataset: found.dataset.clone(),
        });
        values(ctx, styles.into_iter(), (first, after), (last, before))
    }

    /// Types of career interest by the degree to which the occupation meets them, the highest first. Empty where O*NET has not rated them.
    async fn interests(&self, ctx: &Context<'_>) -> Result<Vec<OccupationInterest>> {
        Ok(self.rated::<Interests>(ctx).await?.map(|found| ranked_interests(&found, "OI", "IH")).unwrap_or_default())
    }

    /// The three types of career interest that the occupation meets most, as the publisher ranks them. Empty where O*NET has not rated them.
    async fn interest_high_points(&self, ctx: &Context<'_>) -> Result<Vec<HighPoint>> {
        Ok(self.rated::<Interests>(ctx).await?.map(|found| high_points(&found, "IH")).unwrap_or_default())
    }

    /// Work values by the extent to which the occupation meets them, the highest first. Empty for releases from 30.3 on, which have none.
    async fn work_values(&self, ctx: &Context<'_>) -> Result<Vec<OccupationInterest>> {
        Ok(self.rated::<WorkValues>(ctx).await?.map(|found| ranked_interests(&found, "EX", "VH")).unwrap_or_default())
    }

    /// The three work values that the occupation meets most, as the publisher ranks them. Empty for releases from 30.3 on, which have none.
    async fn work_value_high_points(&self, ctx: &Context<'_>) -> Result<Vec<HighPoint>> {
        Ok(self.rated::<WorkValues>(ctx).await?.map(|found| high_points(&found, "VH")).unwrap_or_default())
    }
}
