//! Sorting of careers, roles and moves.
use async_graphql::OneofObject;
use kernel::list::{Direction, OrderFields, OrderTerm};

use crate::{
    Advancement, Career, Role,
    entity::{advancement, career, role},
};

#[derive(OneofObject)]
#[graphql(name = "CareerOrderFields")]
pub(crate) enum CareerOrder {
    /// By title.
    Title(Direction),
    /// By slug.
    Slug(Direction),
    /// By median pay per year, within each currency; currencies in the order of their codes. Pay by the hour counts 2,080 times, pay by
    /// the month 12 times.
    MedianPay(Direction),
    /// By the projected change of employment.
    Growth(Direction),
    /// By the day the article was published.
    PublishedOn(Direction),
}

impl OrderFields for CareerOrder {
    type Of = Career;

    fn term(&self) -> OrderTerm {
        use career::Column;
        match self {
            Self::Title(direction) => OrderTerm::text(Column::Title, *direction),
            Self::Slug(direction) => OrderTerm::text(Column::NodeKey, *direction),
            Self::MedianPay(direction) => OrderTerm::nullable_text(Column::YearlyPay, *direction),
            Self::Growth(direction) => OrderTerm::nullable_number(Column::Growth, *direction),
            Self::PublishedOn(direction) => OrderTerm::nullable_text(Column::PublishedOn, *direction),
        }
    }
}

#[derive(OneofObject)]
#[graphql(name = "RoleOrderFields")]
pub(crate) enum RoleOrder {
    /// By title.
    Title(Direction),
}

impl OrderFields for RoleOrder {
    type Of = Role;

    fn term(&self) -> OrderTerm {
        let Self::Title(direction) = self;
        OrderTerm::text(role::Column::Title, *direction)
    }
}

#[derive(OneofObject)]
#[graphql(name = "AdvancementOrderFields")]
pub(crate) enum AdvancementOrder {
    /// By the name of the goal.
    Title(Direction),
}

impl OrderFields for AdvancementOrder {
    type Of = Advancement;

    fn term(&self) -> OrderTerm {
        let Self::Title(direction) = self;
        OrderTerm::text(advancement::Column::Title, *direction)
    }
}
