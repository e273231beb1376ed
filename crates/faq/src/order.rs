//! Sorting of questions.
use async_graphql::OneofObject;
use kernel::list::{Direction, OrderFields, OrderTerm};

use crate::{Question, entity::question};

#[derive(OneofObject)]
#[graphql(name = "QuestionOrderFields")]
pub(crate) enum QuestionOrder {
    /// By the question.
    Question(Direction),
}

impl OrderFields for QuestionOrder {
    type Of = Question;

    fn term(&self) -> OrderTerm {
        let Self::Question(direction) = self;
        OrderTerm::text(question::Column::Question, *direction)
    }
}
