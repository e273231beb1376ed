//! The object `Source`.
use kernel::{
    document::Severity,
    list::{Direction, Listed, OrderTerm},
};

use crate::entity::source;

kernel::entry_object! {
    /// A publication that figures are taken from: a statistical release, a handbook, a guide.
    Source { kind: "source", folder: "sources", broken_link: Severity::Error }
}

impl Listed for Source {
    type Table = source::Entity;

    const LIST: &'static str = "sources";
    const ABOUT: &'static str = "The publications that figures are taken from, by title where no order is given.";

    fn default_order() -> Vec<OrderTerm> {
        vec![OrderTerm::text(source::Column::Title, Direction::Asc)]
    }
}
