//! Sorting of certifications.
use async_graphql::OneofObject;
use kernel::list::{Direction, OrderFields, OrderTerm};

use crate::{Certification, entity::certification::Column};

#[derive(OneofObject)]
#[graphql(name = "CertificationOrderFields")]
pub(crate) enum CertificationOrder {
    /// By full name.
    Title(Direction),
    /// By abbreviation.
    Abbreviation(Direction),
    /// By the name of the issuer.
    Issuer(Direction),
    /// By slug.
    Slug(Direction),
}

impl OrderFields for CertificationOrder {
    type Of = Certification;

    fn term(&self) -> OrderTerm {
        match self {
            Self::Title(direction) => OrderTerm::text(Column::Title, *direction),
            Self::Abbreviation(direction) => OrderTerm::nullable_text(Column::Abbreviation, *direction),
            Self::Issuer(direction) => OrderTerm::text(Column::Issuer, *direction),
            Self::Slug(direction) => OrderTerm::text(Column::NodeKey, *direction),
        }
    }
}
