//! Sorting of programs.
use async_graphql::OneofObject;
use kernel::list::{Direction, OrderFields, OrderTerm};

use crate::{TrainingPathway, entity::training_pathway::Column};

#[derive(OneofObject)]
#[graphql(name = "TrainingPathwayOrderFields")]
pub(crate) enum PathwayOrder {
    /// By name.
    Title(Direction),
    /// By the shortest time it takes.
    MinMonths(Direction),
    /// By the longest time it takes.
    MaxMonths(Direction),
    /// By the least it costs in all, within each currency.
    MinCost(Direction),
    /// By the most it costs in all, within each currency.
    MaxCost(Direction),
}

impl OrderFields for PathwayOrder {
    type Of = TrainingPathway;

    fn term(&self) -> OrderTerm {
        match self {
            Self::Title(direction) => OrderTerm::text(Column::Title, *direction),
            Self::MinMonths(direction) => OrderTerm::nullable_number(Column::MinMonths, *direction),
            Self::MaxMonths(direction) => OrderTerm::nullable_number(Column::MaxMonths, *direction),
            Self::MinCost(direction) => OrderTerm::nullable_text(Column::LeastCost, *direction),
            Self::MaxCost(direction) => OrderTerm::nullable_text(Column::MostCost, *direction),
        }
    }
}
