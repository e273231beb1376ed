//! The document of a certification, and the section `certifications` of a career's document.
use async_graphql::{Enum, InputObject, SimpleObject};
use kernel::{Link, RichText, Section, Text, Url};
use serde::{Deserialize, Serialize};

use crate::Certification;

/// A credential that an organization awards.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "CertificationProfileInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificationProfile {
    /// The full name of the credential.
    pub title: Text,
    /// The letters it is known by.
    pub abbreviation: Option<Text>,
    /// Organization that awards it.
    pub issuer: Issuer,
    /// Whom it is meant for.
    pub level: CertificationLevel,
    /// Summary of what it attests, in a few sentences.
    pub summary: RichText,
    /// Requirements that have to be met before it is awarded, all of them; empty where the guide does not say.
    #[graphql(default)]
    #[serde(default)]
    pub requirements: Vec<Text>,
    /// Its page.
    pub url: Option<Url>,
}

impl Section for CertificationProfile {
    const NAME: &'static str = "certification";
}

/// An organization that awards credentials.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "IssuerInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Issuer {
    /// The name it is known by.
    pub name: Text,
    /// The full name, where it differs.
    pub full_name: Option<Text>,
    /// Its page.
    pub url: Option<Url>,
}

/// Whom a certification is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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

kernel::enum_filter!(
    /// Conditions on whom a certification is meant for.
    CertificationLevelFilter,
    CertificationLevel
);

/// The certifications that help in a career, as a section.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "CertificationsSectionInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificationsSection {
    /// The certifications that help in this career, in the order in which they are best taken.
    #[graphql(default)]
    #[serde(default)]
    pub certifications: Vec<CareerCertification>,
}

impl Section for CertificationsSection {
    const NAME: &'static str = "certifications";
}

/// A certification as one career sees it.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "CareerCertificationInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CareerCertification {
    /// The certification; null where it is not visible.
    pub certification: Link<Certification>,
    /// Benefit that it brings in this career.
    pub why: RichText,
    /// Time at which to take it.
    pub when: RichText,
}
