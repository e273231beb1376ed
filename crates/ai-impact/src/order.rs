//! Sorting of tasks.
use async_graphql::OneofObject;
use kernel::list::{Direction, OrderFields, OrderTerm};

use crate::{AiTask, entity::ai_task::Column};

#[derive(OneofObject)]
#[graphql(name = "AiTaskOrderFields")]
pub(crate) enum AiTaskOrder {
    /// By name.
    Title(Direction),
    /// By the lower end of the measured change.
    MinEffect(Direction),
    /// By the upper end of the measured change.
    MaxEffect(Direction),
}

impl OrderFields for AiTaskOrder {
    type Of = AiTask;

    fn term(&self) -> OrderTerm {
        match self {
            Self::Title(direction) => OrderTerm::text(Column::Title, *direction),
            Self::MinEffect(direction) => OrderTerm::nullable_number(Column::MinEffect, *direction),
            Self::MaxEffect(direction) => OrderTerm::nullable_number(Column::MaxEffect, *direction),
        }
    }
}
