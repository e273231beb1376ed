//! Filtering of programs.
use async_graphql::InputObject;
use careers::Career;
use kernel::{
    Result,
    list::{Filter, FilterFields, NumberFilter, RowsOf, TextFilter, Through, all_given},
};
use sea_orm::sea_query::SimpleExpr;
use sources::MoneyFilter;

use crate::{TrainingPathway, document::CredentialFilter, entity::training_pathway::Column};

#[derive(InputObject)]
pub(crate) struct PathwayConditions {
    /// Conditions on the name.
    title: Option<TextFilter>,
    /// Conditions on what it ends with.
    credential: Option<CredentialFilter>,
    /// Conditions on the shortest time it takes, in months.
    min_months: Option<NumberFilter>,
    /// Conditions on the longest time it takes, in months.
    max_months: Option<NumberFilter>,
    /// Conditions on the least it costs in all, in whole units of its currency; a cost per period is none in all.
    min_cost: Option<MoneyFilter>,
    /// Conditions on the most it costs in all, in whole units of its currency; a cost per period is none in all.
    max_cost: Option<MoneyFilter>,
    /// Conditions on the career that it leads into.
    career: Option<Filter<Career>>,
}

impl FilterFields for PathwayConditions {
    type Of = TrainingPathway;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        Ok(all_given([
            self.title.as_ref().map(|title| title.on(&rows.column(Column::Title))),
            self.credential.as_ref().map(|credential| credential.by_name().on(&rows.column(Column::Credential))),
            self.min_months.as_ref().map(|months| months.on(&rows.nullable(Column::MinMonths))),
            self.max_months.as_ref().map(|months| months.on(&rows.nullable(Column::MaxMonths))),
            self.min_cost.as_ref().map(|cost| cost.on(&rows.nullable(Column::LeastCost))),
            self.max_cost.as_ref().map(|cost| cost.on(&rows.nullable(Column::MostCost))),
            self.career.as_ref().map(|career| career.on(rows, &Through::SameDocument)).transpose()?,
        ]))
    }
}
