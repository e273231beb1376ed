//! Conditions on occupations, and orders of them.
use async_graphql::{InputObject, OneofObject};
use datasets::version;
use kernel::{
    Result,
    list::{
        Direction, FilterFields, KeyFilter, ListValue as _, NumberFilter, OrderFields, OrderTerm, TableContext,
        TextFilter, all_given,
    },
};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SimpleExpr};

use crate::{
    Occupation,
    crosswalks::hierarchy::{Hierarchy, soc_group},
    onet::{
        occupations::listed,
        titles::{Titles, occupation_title},
    },
};

#[derive(InputObject)]
pub(crate) struct OccupationConditions {
    /// Conditions on the title.
    title: Option<TextFilter>,
    /// The title, or one of the other titles that O*NET knows or its shorter form, meets these conditions.
    any_title: Option<TextFilter>,
    /// Conditions on the O*NET-SOC code.
    code: Option<KeyFilter>,
    /// Conditions on the SOC code.
    soc_code: Option<KeyFilter>,
    /// Conditions on the job zone.
    job_zone: Option<NumberFilter>,
    /// At least one of the groups of the Standard Occupational Classification that the occupation belongs to meets these conditions on its
    /// code, such as `29-0000`, `29-2000` or `29-2070`. The groups come from the data set `soc-crosswalks`.
    group: Option<KeyFilter>,
}

impl FilterFields for OccupationConditions {
    type Of = Occupation;

    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr> {
        let title = |filter: &TextFilter| filter.on(&rows.column(listed::Column::Title));
        Ok(all_given([
            self.title.as_ref().map(title),
            self.any_title.as_ref().map(|filter| title(filter).or(has_title(filter, rows))),
            self.code.as_ref().map(|filter| filter.on(&rows.column(listed::Column::Code))),
            self.soc_code.as_ref().map(|filter| filter.on(&rows.column(listed::Column::SocCode))),
            self.job_zone.as_ref().map(|filter| filter.on(&rows.nullable(listed::Column::JobZone))),
            self.group.as_ref().map(|filter| has_group(filter, rows)),
        ]))
    }
}

/// Tells whether one of the other titles of an occupation meets the conditions.
fn has_title(filter: &TextFilter, rows: &TableContext<'_>) -> SimpleExpr {
    use occupation_title::Column::{Code, ShortTitle, Title, Version};
    let alias = rows.fresh("n");
    let column = |column: occupation_title::Column| Expr::col((alias.clone(), column));
    let mut select = Query::select();
    select
        .expr(column(Code))
        .from_as(occupation_title::Entity, alias.clone())
        .and_where(column(Version).eq(version::<Titles>(rows)))
        .and_where(filter.on(&rows.of(column(Title))).or(filter.on(&rows.of(column(ShortTitle)))));
    rows.expr(listed::Column::Code).in_subquery(select)
}

/// Tells whether one of the groups of an occupation meets the conditions.
fn has_group(filter: &KeyFilter, rows: &TableContext<'_>) -> SimpleExpr {
    use soc_group::Column::{Code, Soc, Version};
    let alias = rows.fresh("g");
    let column = |column: soc_group::Column| Expr::col((alias.clone(), column));
    let mut select = Query::select();
    select
        .expr(column(Soc))
        .from_as(soc_group::Entity, alias.clone())
        .and_where(column(Version).eq(version::<Hierarchy>(rows)))
        .and_where(filter.on(&rows.of(column(Code))));
    rows.expr(listed::Column::SocCode).in_subquery(select)
}

#[derive(OneofObject)]
pub(crate) enum OccupationOrders {
    /// By title.
    Title(Direction),
    /// By O*NET-SOC code.
    Code(Direction),
    /// By job zone.
    JobZone(Direction),
}

impl OrderFields for OccupationOrders {
    type Of = Occupation;

    fn term(&self) -> OrderTerm {
        match self {
            Self::Title(direction) => OrderTerm::text(listed::Column::Title, *direction),
            Self::Code(direction) => String::term(listed::Column::Code, *direction),
            Self::JobZone(direction) => OrderTerm::nullable_number(listed::Column::JobZone, *direction),
        }
    }
}
