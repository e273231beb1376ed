//! Additions of this module to `Career` beside its section: filters.
use async_graphql::InputObject;
use careers::Career;
use kernel::{
    Result,
    list::{FilterFields, Relation, RowsOf, Through, all_given},
};
use sea_orm::sea_query::SimpleExpr;

use crate::{AiTask, document::AiVerdictFilter, entity::ai_impact};

#[derive(InputObject)]
pub(crate) struct CareerAiConditions {
    /// The career has a verdict on AI that meets these conditions.
    ai_verdict: Option<AiVerdictFilter>,
    /// Conditions on the tasks that AI takes over or leaves to people.
    ai_tasks: Option<Relation<AiTask>>,
}

impl FilterFields for CareerAiConditions {
    type Of = Career;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        let verdict = |filter: &AiVerdictFilter| {
            rows.has(ai_impact::Entity, ai_impact::Column::Verdict, |verdict| filter.by_name().on(verdict))
        };
        Ok(all_given([
            self.ai_verdict.as_ref().map(verdict),
            self.ai_tasks.as_ref().map(|tasks| tasks.on(rows, &Through::SameDocument)).transpose()?,
        ]))
    }
}
