//! Certifications, as entries of their own, and the careers that recommend them.
//!
//! Owns the kind `certification` and the section `certifications` of a career. Adds `Career.certifications`,
//! `Certification.careers`, and `certification` and `certifications` to the root.
mod certification;
mod check;
mod document;
pub mod entity;
mod extend;
mod filter;
mod order;
mod project;
mod query;

pub use certification::Certification;
pub use document::{CareerCertification, CertificationLevel, CertificationProfile, CertificationsSection, Issuer};

use careers::Career;
use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::certifications::migrations);
    app.kind::<Certification>();
    app.section::<Certification, CertificationProfile>();
    app.project::<Certification>(project::certification);
    app.back_links::<certification::RecommendedBy>();

    app.section::<Career, CertificationsSection>();
    app.rule(check::DUPLICATE);
    app.check::<Career>(check::check);
    app.project::<Career>(project::career);
    app.filter::<extend::career::CareerCertificationConditions>();

    app.extend::<QueryRoot, query::CertificationQueries>();
    app.list::<Certification>();
    app.filter::<filter::CertificationConditions>();
    app.order::<order::CertificationOrder>();
}
