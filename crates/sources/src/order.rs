//! Sorting of sources.
use async_graphql::OneofObject;
use kernel::list::{Direction, OrderFields, OrderTerm};

use crate::{Source, entity::source};

#[derive(OneofObject)]
#[graphql(name = "SourceOrderFields")]
pub(crate) enum SourceOrder {
    /// By title.
    Title(Direction),
    /// By publisher.
    Publisher(Direction),
    /// By slug.
    Slug(Direction),
}

impl OrderFields for SourceOrder {
    type Of = Source;

    fn term(&self) -> OrderTerm {
        match self {
            Self::Title(direction) => OrderTerm::text(source::Column::Title, *direction),
            Self::Publisher(direction) => OrderTerm::text(source::Column::Publisher, *direction),
            Self::Slug(direction) => OrderTerm::text(source::Column::NodeKey, *direction),
        }
    }
}
