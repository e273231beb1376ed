//! Conditions on occupations by their ratings and their software, and orders of them.
use async_graphql::{Enum, InputObject, OneofObject};
use datasets::version;
use kernel::{
    Number, Result,
    list::{Direction, FilterFields, KeyFilter, OrderFields, OrderTerm, TableContext, TextFilter, all_given},
};
use occupations::{Occupation, occupation_of_release as listed};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};

use crate::{
    Elements,
    element::{ElementKey, element_name},
    rating::{
        occupation_rating,
        tables::{Abilities, Interests, Knowledge, Rated, Ratings, Skills, WorkActivities, WorkStyles, WorkValues},
    },
    software::{Software, occupation_software},
};

/// A scale of ratings by importance and level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum ImportanceScale {
    /// Importance to the occupation, from 1 to 5: `IM`.
    #[default]
    Importance,
    /// The level that the occupation asks for, from 0 to 7: `LV`.
    Level,
}

/// A scale of ratings of work styles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum WorkStyleScale {
    /// Impact on performance in the occupation, from -3 to 3: `WI`.
    #[default]
    Impact,
    /// Place among the styles that set the occupation apart, from 1 to 10; 0 for a style that does not: `DR`.
    Distinctiveness,
}

impl ImportanceScale {
    fn code(self) -> &'static str {
        match self {
            Self::Importance => "IM",
            Self::Level => "LV",
        }
    }
}

impl WorkStyleScale {
    fn code(self) -> &'static str {
        match self {
            Self::Impact => "WI",
            Self::Distinctiveness => "DR",
        }
    }
}

/// Conditions on a rating by importance or level. All given conditions must hold for the same rating. Ratings that the publisher recommends not
/// to show, or marks as not relevant, meet none.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ImportanceFilter {
    /// Conditions on the identifier of the element, such as `2.A.1.a`.
    element_id: Option<KeyFilter>,
    /// Conditions on the name of the element.
    name: Option<TextFilter>,
    /// The scale of the value.
    #[graphql(default)]
    scale: ImportanceScale,
    /// The value is this or greater.
    gte: Option<Number>,
    /// The value is this or less.
    lte: Option<Number>,
}

/// Conditions on a rating of a work style. All given conditions must hold for the same rating.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct WorkStyleFilter {
    /// Conditions on the identifier of the work style, such as `1.D.1.a`.
    element_id: Option<KeyFilter>,
    /// Conditions on the name of the work style.
    name: Option<TextFilter>,
    /// The scale of the value.
    #[graphql(default)]
    scale: WorkStyleScale,
    /// The value is this or greater.
    gte: Option<Number>,
    /// The value is this or less.
    lte: Option<Number>,
}

/// Conditions on a rating of an interest, from 1 to 7, or of a work value. All given conditions must hold for the same rating.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct InterestFilter {
    /// Conditions on the identifier of the interest or work value, such as `1.B.1.a`.
    element_id: Option<KeyFilter>,
    /// Conditions on the name of the interest or work value.
    name: Option<TextFilter>,
    /// The value is this or greater.
    gte: Option<Number>,
    /// The value is this or less.
    lte: Option<Number>,
}

/// Conditions on software of an occupation. All given conditions must hold for the same software.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SoftwareFilter {
    /// Conditions on the name.
    name: Option<TextFilter>,
    /// True: it is a hot technology. False: it is not.
    hot: Option<bool>,
    /// True: employers often ask for it in the occupation. False: they do not.
    in_demand: Option<bool>,
}

#[derive(InputObject)]
pub(crate) struct SkillConditions {
    /// The occupation has a skill that meets these conditions.
    skill: Option<ImportanceFilter>,
    /// The occupation has an area of knowledge that meets these conditions.
    knowledge: Option<ImportanceFilter>,
    /// The occupation has an ability that meets these conditions.
    ability: Option<ImportanceFilter>,
    /// The occupation has a generalized work activity that meets these conditions.
    work_activity: Option<ImportanceFilter>,
    /// The occupation has a work style that meets these conditions.
    work_style: Option<WorkStyleFilter>,
    /// The occupation has a career interest that meets these conditions.
    interest: Option<InterestFilter>,
    /// The occupation has a work value that meets these conditions. Releases from 30.3 on have none.
    work_value: Option<InterestFilter>,
    /// The occupation has software that meets these conditions.
    software: Option<SoftwareFilter>,
}

/// Conditions on a rating, of whatever kind.
struct Asked<'a> {
    element_id: Option<&'a KeyFilter>,
    name: Option<&'a TextFilter>,
    scale: &'static str,
    gte: Option<Number>,
    lte: Option<Number>,
}

impl<'a> From<&'a ImportanceFilter> for Asked<'a> {
    fn from(filter: &'a ImportanceFilter) -> Self {
        let ImportanceFilter { element_id, name, scale, gte, lte } = filter;
        Self { element_id: element_id.as_ref(), name: name.as_ref(), scale: scale.code(), gte: *gte, lte: *lte }
    }
}

impl<'a> From<&'a WorkStyleFilter> for Asked<'a> {
    fn from(filter: &'a WorkStyleFilter) -> Self {
        let WorkStyleFilter { element_id, name, scale, gte, lte } = filter;
        Self { element_id: element_id.as_ref(), name: name.as_ref(), scale: scale.code(), gte: *gte, lte: *lte }
    }
}

impl InterestFilter {
    fn on(&self, scale: &'static str) -> Asked<'_> {
        let Self { element_id, name, gte, lte } = self;
        Asked { element_id: element_id.as_ref(), name: name.as_ref(), scale, gte: *gte, lte: *lte }
    }
}

impl FilterFields for SkillConditions {
    type Of = Occupation;

    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr> {
        Ok(all_given([
            self.skill.as_ref().map(|filter| has_rating::<Skills>(&filter.into(), rows)),
            self.knowledge.as_ref().map(|filter| has_rating::<Knowledge>(&filter.into(), rows)),
            self.ability.as_ref().map(|filter| has_rating::<Abilities>(&filter.into(), rows)),
            self.work_activity.as_ref().map(|filter| has_rating::<WorkActivities>(&filter.into(), rows)),
            self.work_style.as_ref().map(|filter| has_rating::<WorkStyles>(&filter.into(), rows)),
            self.interest.as_ref().map(|filter| has_rating::<Interests>(&filter.on("OI"), rows)),
            self.work_value.as_ref().map(|filter| has_rating::<WorkValues>(&filter.on("EX"), rows)),
            self.software.as_ref().map(|filter| has_software(filter, rows)),
        ]))
    }
}

/// Tells whether an occupation has a rating that meets the conditions.
fn has_rating<T: Rated>(asked: &Asked<'_>, rows: &TableContext<'_>) -> SimpleExpr {
    use occupation_rating::Column::{Code, Element, Scale, Value, Version};
    let alias = rows.fresh("r");
    let column = |column: occupation_rating::Column| Expr::col((alias.clone(), column));
    let mut select = Query::select();
    select
        .expr(column(Code))
        .from_as(occupation_rating::Entity, alias.clone())
        .and_where(column(Version).eq(version::<Ratings<T>>(rows)))
        .and_where(column(Scale).eq(asked.scale))
        .and_where_option(asked.element_id.map(|filter| filter.on(&rows.of(column(Element)))))
        .and_where_option(asked.name.map(|filter| column(Element).in_subquery(named(filter, rows))))
        .and_where_option(asked.gte.map(|least| column(Value).gte(least.0)))
        .and_where_option(asked.lte.map(|greatest| column(Value).lte(greatest.0)));
    rows.expr(listed::Column::Code).in_subquery(select)
}

/// The identifiers of elements whose names meet the conditions.
fn named(filter: &TextFilter, rows: &TableContext<'_>) -> SelectStatement {
    use element_name::Column::{Element, Name, Version};
    let alias = rows.fresh("n");
    let column = |column: element_name::Column| Expr::col((alias.clone(), column));
    Query::select()
        .expr(column(Element))
        .from_as(element_name::Entity, alias.clone())
        .and_where(column(Version).eq(version::<Elements>(rows)))
        .and_where(filter.on(&rows.of(column(Name))))
        .take()
}

/// Tells whether an occupation has software that meets the conditions.
fn has_software(filter: &SoftwareFilter, rows: &TableContext<'_>) -> SimpleExpr {
    use occupation_software::Column::{Code, Hot, InDemand, Name, Version};
    let alias = rows.fresh("s");
    let column = |column: occupation_software::Column| Expr::col((alias.clone(), column));
    let mut select = Query::select();
    select
        .expr(column(Code))
        .from_as(occupation_software::Entity, alias.clone())
        .and_where(column(Version).eq(version::<Software>(rows)))
        .and_where_option(filter.name.as_ref().map(|filter| filter.on(&rows.of(column(Name)))))
        .and_where_option(filter.hot.map(|yes| column(Hot).eq(i32::from(yes))))
        .and_where_option(filter.in_demand.map(|yes| column(InDemand).eq(i32::from(yes))));
    rows.expr(listed::Column::Code).in_subquery(select)
}

/// An order by the rating of a skill.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SkillOrder {
    /// The identifier of the skill, such as `2.A.1.a`.
    element_id: ElementKey,
    /// The scale of the value.
    #[graphql(default)]
    scale: ImportanceScale,
    /// The direction. Occupations without the rating, or whose rating the publisher marks, come last.
    direction: Direction,
}

#[derive(OneofObject)]
pub(crate) enum SkillOrders {
    /// By the rating of a skill.
    Skill(SkillOrder),
}

impl OrderFields for SkillOrders {
    type Of = Occupation;

    fn term(&self) -> OrderTerm {
        let Self::Skill(SkillOrder { element_id, scale, direction }) = self;
        let (element, scale) = (element_id.to_string(), scale.code());
        let name = format!("skill/{scale}/{element}");
        OrderTerm::computed(&name, move |rows| rated_value::<Skills>(&element, scale, rows), *direction)
    }
}

/// The value of a rating of an occupation; SQL null where it has none.
fn rated_value<T: Rated>(element: &str, scale: &str, rows: &TableContext<'_>) -> SimpleExpr {
    use occupation_rating::Column::{Code, Element, Scale, Value, Version};
    let alias = rows.fresh("r");
    let column = |column: occupation_rating::Column| Expr::col((alias.clone(), column));
    let select = Query::select()
        .expr(column(Value))
        .from_as(occupation_rating::Entity, alias.clone())
        .and_where(column(Version).eq(version::<Ratings<T>>(rows)))
        .and_where(column(Element).eq(element))
        .and_where(column(Scale).eq(scale))
        .and_where(column(Code).eq(rows.expr(listed::Column::Code)))
        .take();
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}
