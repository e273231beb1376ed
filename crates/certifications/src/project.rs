//! The rows by which certifications are found, and by which they lead back to careers.
use kernel::{
    Entry,
    document::Guide,
    list::{enum_name, fold},
    store::Rows,
};
use sea_orm::ActiveValue::Set;

use crate::{
    CertificationProfile, CertificationsSection,
    entity::{career_certification, certification},
};

pub(crate) fn certification(guide: &Guide, entry: &Entry, rows: &mut Rows) {
    let Some(profile) = guide.section::<CertificationProfile>() else { return };
    rows.insert(certification::ActiveModel {
        revision_id: Set(entry.revision()),
        entry_id: Set(entry.id()),
        node_key: Set(entry.slug().to_owned()),
        title: Set(fold(&profile.title)),
        abbreviation: Set(profile.abbreviation.as_ref().map(|abbreviation| fold(abbreviation))),
        issuer: Set(fold(&profile.issuer.name)),
        level: Set(enum_name(profile.level)),
    });
}

pub(crate) fn career(guide: &Guide, entry: &Entry, rows: &mut Rows) {
    let Some(section) = guide.section::<CertificationsSection>() else { return };
    for (position, recommended) in (0..).zip(&section.certifications) {
        rows.insert(career_certification::ActiveModel {
            revision_id: Set(entry.revision()),
            certification: Set(recommended.certification.slug().to_owned()),
            position: Set(position),
        });
    }
}
