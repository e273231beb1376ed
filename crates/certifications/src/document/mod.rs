//! The document of a certification, and the section `certifications` of a career's document.
mod licences;

pub use licences::{Licence, LicenceKind, LicenceNeed, LicencesSection, RegionCode};

use kernel::{Link, RichText, Text, Url, enumeration, object, section};
use pages::{Image, Seo};

use crate::Certification;

/// A credential that an organization awards.
#[section(
    key = "certification",
    entry = Certification,
    list = "certifications",
    about = "All certifications, by title unless `orderBy` is given.",
    sort_by = title,
)]
pub struct CertificationProfile {
    /// The full name of the credential.
    #[column(filter = "Conditions on the full name.", order = "By full name.")]
    pub title: Text,
    /// The letters it is known by.
    #[column(filter = "Conditions on the abbreviation.", order = "By abbreviation.")]
    pub abbreviation: Option<Text>,
    /// Organization that awards it.
    #[column(
        issuer: Text = |issuer: &Issuer| issuer.name.clone(),
        filter = "Conditions on the name of the issuer.",
        order = "By the name of the issuer.",
    )]
    pub issuer: Issuer,
    /// Whom it is meant for.
    #[column(filter = "Conditions on whom it is meant for.")]
    pub level: CertificationLevel,
    /// Summary of what it attests, in a few sentences.
    pub summary: RichText,
    /// Requirements that have to be met before it is awarded, all of them; empty if the guide does not say.
    pub requirements: Vec<Text>,
    /// Its page.
    pub url: Option<Url>,
    /// Metadata of its page on the reader's site, for search engines and previews of links.
    pub seo: Option<Seo>,
    /// The image of the certification, such as its badge.
    pub image: Option<Image>,
}

/// An organization that awards credentials, licences or registrations.
#[object]
pub struct Issuer {
    /// The name it is known by.
    pub name: Text,
    /// The full name, if it differs.
    pub full_name: Option<Text>,
    /// Its page.
    pub url: Option<Url>,
}

/// Whom a certification is meant for.
#[enumeration(filter = "Conditions on whom a certification is meant for.")]
pub enum CertificationLevel {
    /// People who start in the field.
    Entry,
    /// Technicians and specialists.
    Technician,
    /// Managers and administrators.
    Manager,
    /// Experienced professionals.
    Advanced,
    /// Users of one vendor's product, at any stage.
    Vendor,
}

/// The certifications that help in a career, as a section.
#[section(key = "certifications")]
pub struct CertificationsSection {
    /// The certifications that help in this career, in the order in which they are best taken.
    pub certifications: Vec<CareerCertification>,
}

/// A certification as one career sees it.
#[object]
pub struct CareerCertification {
    /// The certification; null if it is not visible.
    pub certification: Link<Certification>,
    /// Benefit that it brings in this career.
    pub why: RichText,
    /// Time at which to take it.
    pub when: RichText,
}
