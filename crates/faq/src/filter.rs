//! Filtering of questions.
use async_graphql::InputObject;
use careers::Career;
use kernel::{
    Result,
    list::{Filter, FilterFields, RowsOf, TextFilter, Through, all_given},
};
use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};

use crate::{Question, entity::question};

#[derive(InputObject)]
pub(crate) struct QuestionConditions {
    /// The question or its answer meets these conditions.
    text: Option<TextFilter>,
    /// Conditions on the question.
    question: Option<TextFilter>,
    /// Conditions on the plain text of the answer.
    answer: Option<TextFilter>,
    /// Conditions on the career that the question is about.
    career: Option<Filter<Career>>,
}

impl FilterFields for QuestionConditions {
    type Of = Question;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        let question = rows.column(question::Column::Question);
        let answer = rows.column(question::Column::Answer);
        Ok(all_given([
            self.text.as_ref().map(|text| text.on(&question).or(text.on(&answer))),
            self.question.as_ref().map(|text| text.on(&question)),
            self.answer.as_ref().map(|text| text.on(&answer)),
            self.career.as_ref().map(|career| career.on(rows, &Through::SameDocument)).transpose()?,
        ]))
    }
}
