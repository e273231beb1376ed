//! The section `licences` of a career's document: who may do the work, by the law of a place.
use std::sync::Arc;

use careers::Career;
use kernel::{Link, RichText, Slug, Text, Url, enumeration, part, section, typed_scalar};

use super::Issuer;
use crate::Certification;

/// Licences and registrations of a career, as a section.
#[section(key = "licences")]
pub struct LicencesSection {
    /// Licences and registrations of people in this career, by place.
    pub licences: Vec<Arc<Licence>>,
}

/// A permission to do the work of a career in a place: a licence, or a registration with an authority.
#[part(
    of = Career,
    section = LicencesSection,
    list = "licences",
    about = "The licences and registrations of all careers, by title unless `orderBy` is given.",
    sort_by = title,
    owner_filter = "Conditions on the licences and registrations of the career.",
)]
pub struct Licence {
    /// The key, unique among the licences of the career.
    pub key: Slug,
    /// Kind of the permission.
    pub kind: LicenceKind,
    /// The name of the licence or of the register.
    #[column(filter, order)]
    pub title: Text,
    /// The place in which it counts.
    #[column(
        place: String = |place: &RegionCode| place.to_string(),
        filter = "Conditions on the code of the place in which it counts.",
    )]
    pub place: RegionCode,
    /// Need for it in that place.
    #[column(filter = "Conditions on whether the place requires it.")]
    pub need: LicenceNeed,
    /// Authority that grants it or keeps the register.
    pub authority: Issuer,
    /// The certification that it asks for; null if it asks for none, or that is not visible.
    pub certification: Option<Link<Certification>>,
    /// Conditions on which it is granted, and the work that it allows.
    pub description: Option<RichText>,
    /// Page of the authority about it.
    pub url: Option<Url>,
}

/// Kind of a permission.
#[enumeration]
pub enum LicenceKind {
    /// A licence, which an authority grants.
    Licence,
    /// A registration: the authority enters the person into a register.
    Registration,
}

/// Need for a permission.
#[enumeration(filter = "Conditions on the need for a licence or a registration.")]
pub enum LicenceNeed {
    /// Nobody may do the work without it.
    Required,
    /// Nobody may use the title of the profession without it.
    TitleProtected,
    /// People may do the work without it, and employers value it.
    Voluntary,
}

typed_scalar!(
    /// A country, or a part of one.
    RegionCode,
    "RegionCode",
    "A country by its ISO 3166-1 code such as `GB`, or a part of one by its ISO 3166-2 code such as `GB-SCT` or `US-CA`.",
    "https://www.iso.org/iso-3166-country-codes.html",
    is_region
);

fn is_region(text: &str) -> bool {
    let (country, part) = text.split_once('-').map_or((text, None), |(country, part)| (country, Some(part)));
    let is_part = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()) && part.is_none_or(is_part)
}
