//! The object `Certification`, and the careers that recommend it.
use careers::Career;
use kernel::{
    Kind,
    document::Severity,
    list::{BackLinks, Direction, Listed, OrderTerm},
};

use crate::entity::{career_certification, certification};

kernel::entry_object! {
    /// A credential that an organization awards to people who meet its requirements.
    Certification { kind: "certification", folder: "certifications", broken_link: Severity::Error }
}

impl Listed for Certification {
    type Table = certification::Entity;

    const LIST: &'static str = "certifications";
    const ABOUT: &'static str = "All certifications, by title where no order is given.";

    fn default_order() -> Vec<OrderTerm> {
        vec![OrderTerm::text(certification::Column::Title, Direction::Asc)]
    }
}

/// `Certification.careers`.
pub(crate) struct RecommendedBy;

impl BackLinks for RecommendedBy {
    type On = Certification;
    type To = Career;
    type Table = career_certification::Entity;

    const NAME: &'static str = "careers";
    const ABOUT: &'static str = "The careers that recommend this certification.";

    fn column() -> career_certification::Column {
        career_certification::Column::Certification
    }

    fn key(certification: &Certification) -> String {
        certification.entry().slug().to_owned()
    }
}
