//! Filtering of careers, roles and moves.
use async_graphql::InputObject;
use kernel::{
    Result,
    list::{
        DateFilter, Filter, FilterFields, KeyFilter, NumberFilter, Relation, RowsOf, TextFilter, Through, all_given,
    },
};
use sea_orm::sea_query::SimpleExpr;
use sources::MoneyFilter;

use crate::{
    Advancement, Career, Role,
    document::RoleLevelFilter,
    entity::{advancement, career, career_code, career_tag, role},
};

#[derive(InputObject)]
pub(crate) struct CareerConditions {
    /// Conditions on the slug.
    slug: Option<KeyFilter>,
    /// Conditions on the title.
    title: Option<TextFilter>,
    /// Conditions on the category of the article.
    category: Option<TextFilter>,
    /// Conditions on the day the article was published.
    published_on: Option<DateFilter>,
    /// At least one tag meets these conditions.
    tag: Option<KeyFilter>,
    /// At least one code, in whatever classification, meets these conditions.
    code: Option<KeyFilter>,
    /// Conditions on the median pay per year, in whole units of its currency. Pay by the hour counts 2,080 times, pay by the month
    /// 12 times.
    median_pay: Option<MoneyFilter>,
    /// Conditions on the projected change of employment, in percent.
    growth: Option<NumberFilter>,
    /// Conditions on the roles.
    roles: Option<Relation<Role>>,
}

impl FilterFields for CareerConditions {
    type Of = Career;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        use career::Column;
        let tag = |tag: &KeyFilter| rows.has(career_tag::Entity, career_tag::Column::Tag, |value| tag.on(value));
        let code = |code: &KeyFilter| rows.has(career_code::Entity, career_code::Column::Code, |value| code.on(value));
        Ok(all_given([
            self.slug.as_ref().map(|slug| slug.on(&rows.column(Column::NodeKey))),
            self.title.as_ref().map(|title| title.on(&rows.column(Column::Title))),
            self.category.as_ref().map(|category| category.on(&rows.nullable(Column::Category))),
            self.published_on.as_ref().map(|day| day.on(&rows.nullable(Column::PublishedOn))),
            self.tag.as_ref().map(tag),
            self.code.as_ref().map(code),
            self.median_pay.as_ref().map(|pay| pay.on(&rows.nullable(Column::YearlyPay))),
            self.growth.as_ref().map(|growth| growth.on(&rows.nullable(Column::Growth))),
            self.roles.as_ref().map(|roles| roles.on(rows, &Through::SameDocument)).transpose()?,
        ]))
    }
}

#[derive(InputObject)]
pub(crate) struct RoleConditions {
    /// Conditions on the title.
    title: Option<TextFilter>,
    /// Conditions on the level.
    level: Option<RoleLevelFilter>,
    /// Conditions on the career that the role belongs to.
    career: Option<Filter<Career>>,
}

impl FilterFields for RoleConditions {
    type Of = Role;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        Ok(all_given([
            self.title.as_ref().map(|title| title.on(&rows.column(role::Column::Title))),
            self.level.as_ref().map(|level| level.by_name().on(&rows.nullable(role::Column::Level))),
            self.career.as_ref().map(|career| career.on(rows, &Through::SameDocument)).transpose()?,
        ]))
    }
}

#[derive(InputObject)]
pub(crate) struct AdvancementConditions {
    /// Conditions on the name of the goal.
    title: Option<TextFilter>,
    /// Conditions on the slug of the career that the move leads into; null for a move within a career.
    to_career: Option<KeyFilter>,
    /// Conditions on the career that the move starts from.
    career: Option<Filter<Career>>,
}

impl FilterFields for AdvancementConditions {
    type Of = Advancement;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        use advancement::Column;
        Ok(all_given([
            self.title.as_ref().map(|title| title.on(&rows.column(Column::Title))),
            self.to_career.as_ref().map(|career| career.on(&rows.nullable(Column::ToCareer))),
            self.career.as_ref().map(|career| career.on(rows, &Through::SameDocument)).transpose()?,
        ]))
    }
}
