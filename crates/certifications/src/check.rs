//! The rules of this module.
use kernel::{
    Rule,
    document::{CheckedDocument, Findings},
    path,
};
use pages::Seo;

use crate::{CertificationProfile, CertificationsSection};

macro_rules! example {
    () => {
        "kind: certification\nslug: cpr\ntitle: First aid\nissuer: {name: A society}\nlevel: ENTRY\nsummary: First aid.\n---\n\
         kind: career\nslug: nurse\ntitle: Nurse\nsummary: Cares for people.\n"
    };
}

/// Each certification is recommended once.
pub(crate) const DUPLICATE: Rule = Rule::error(
    "duplicate-certification",
    "A guide recommends each certification at most once.",
    concat!(example!(), "certifications:\n  - {certification: cpr, why: It saves lives., when: At once.}"),
    concat!(
        example!(),
        "certifications:\n  - {certification: cpr, why: It saves lives., when: At once.}\n  \
         - {certification: cpr, why: It is asked for., when: Later.}"
    ),
);

/// Tells whether the page of a certification stands in a sitemap.
pub(crate) fn is_listed(document: &CheckedDocument) -> bool {
    let profile = document.section::<CertificationProfile>();
    profile.and_then(|profile| profile.seo.as_ref()).is_none_or(Seo::is_listed)
}

/// Checks the image of a certification.
pub(crate) fn check_image(document: &CheckedDocument, findings: &mut Findings) {
    let image = document.section::<CertificationProfile>().and_then(|profile| profile.image.as_ref());
    if let Some(image) = image {
        image.check(&path!["image"], findings);
    }
}

/// Checks the certifications of a career. Rule `duplicate-certification`: each is recommended once.
pub(crate) fn check(guide: &CheckedDocument, findings: &mut Findings) {
    let Some(section) = guide.section::<CertificationsSection>() else { return };
    for (index, recommended) in section.certifications.iter().enumerate() {
        let slug = recommended.certification.slug();
        let earlier = &section.certifications[..index];
        if let Some(first) = earlier.iter().position(|other| other.certification.slug() == slug) {
            let message = format!("`{slug}` is already at certifications[{first}]; keep one of them");
            findings.error("duplicate-certification", path!["certifications", index, "certification"], message);
        }
    }
}
