//! The object `Career`. Its fields come from its sections and from the modules that extend it.
use kernel::{
    document::Severity,
    list::{Direction, Listed, OrderTerm},
};

use crate::entity::career;

kernel::entry_object! {
    /// An occupation or group of occupations that people choose, learn and grow in: one career guide.
    Career { kind: "career", folder: "careers", broken_link: Severity::Warning }
}

impl Listed for Career {
    type Table = career::Entity;

    const LIST: &'static str = "careers";
    const ABOUT: &'static str = "All careers, by title where no order is given.";

    fn default_order() -> Vec<OrderTerm> {
        vec![OrderTerm::text(career::Column::Title, Direction::Asc)]
    }
}
