//! Filtering of tasks.
use async_graphql::InputObject;
use careers::Career;
use kernel::{
    Result,
    list::{Filter, FilterFields, NumberFilter, RowsOf, TextFilter, Through, all_given},
};
use sea_orm::sea_query::SimpleExpr;

use crate::{AiTask, document::TaskHolderFilter, entity::ai_task::Column};

#[derive(InputObject)]
pub(crate) struct AiTaskConditions {
    /// Conditions on the name.
    title: Option<TextFilter>,
    /// Conditions on who does it.
    handled_by: Option<TaskHolderFilter>,
    /// Conditions on the lower end of the measured change, in percent.
    min_effect: Option<NumberFilter>,
    /// Conditions on the upper end of the measured change, in percent.
    max_effect: Option<NumberFilter>,
    /// Conditions on the career that the task belongs to.
    career: Option<Filter<Career>>,
}

impl FilterFields for AiTaskConditions {
    type Of = AiTask;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        Ok(all_given([
            self.title.as_ref().map(|title| title.on(&rows.column(Column::Title))),
            self.handled_by.as_ref().map(|holder| holder.by_name().on(&rows.column(Column::HandledBy))),
            self.min_effect.as_ref().map(|effect| effect.on(&rows.nullable(Column::MinEffect))),
            self.max_effect.as_ref().map(|effect| effect.on(&rows.nullable(Column::MaxEffect))),
            self.career.as_ref().map(|career| career.on(rows, &Through::SameDocument)).transpose()?,
        ]))
    }
}
