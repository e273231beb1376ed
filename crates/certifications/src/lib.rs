//! Certifications, as entries of their own, and the careers that recommend them.
//!
//! Owns the kind `certification` and the section `certifications` of a career. Adds `Career.certifications`,
//! `Certification.careers`, and `certification` and `certifications` to the root.
mod certification;
mod check;
mod document;
#[path = "../migrations/mod.rs"]
mod migrations;
mod query;
mod recommendation;

pub use certification::Certification;
pub use document::{CareerCertification, CertificationLevel, CertificationProfile, CertificationsSection, Issuer};

use careers::Career;
use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.kind::<Certification>();
    app.section::<Certification, CertificationProfile>();
    app.check::<Certification>(check::check_image);
    app.entries::<Certification>();
    app.extend::<QueryRoot, query::CertificationQueries>();

    app.section::<Career, CertificationsSection>();
    app.rule(check::DUPLICATE);
    app.check::<Career>(check::check);
    app.project::<Career>(recommendation::project);
    app.back_links::<recommendation::RecommendedBy>();
    app.filter::<recommendation::Recommends>();
    app.filter::<recommendation::IsRecommended>();
}
