//! Credentials: certifications, as entries of their own, with the careers that recommend them, and licences by place.
//!
//! Owns the kind `certification` and the sections `certifications` and `licences` of a career. Adds `Career.certifications`,
//! `Career.licences`, `Certification.careers`, and `certification`, `certifications` and `licences` to the root.
mod certification;
mod check;
mod document;
#[path = "../migrations/mod.rs"]
mod migrations;
mod query;
mod recommendation;

pub use certification::Certification;
pub use document::{
    CareerCertification, CertificationLevel, CertificationProfile, CertificationsSection, Issuer, Licence, LicenceKind,
    LicenceNeed, LicencesSection, RegionCode,
};

use careers::Career;
use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.kind::<Certification>();
    app.section::<Certification, CertificationProfile>();
    app.listed::<Certification>(check::is_listed);
    app.check::<Certification>(check::check_image);
    app.entries::<Certification>();
    app.extend::<QueryRoot, query::CertificationQueries>();

    app.section::<Career, CertificationsSection>();
    app.section::<Career, LicencesSection>();
    app.part::<Licence>();
    app.rule(check::DUPLICATE);
    app.check::<Career>(check::check);
    app.project::<Career>(recommendation::project);
    app.back_links::<recommendation::RecommendedBy>();
    app.filter::<recommendation::Recommends>();
    app.filter::<recommendation::IsRecommended>();
}
