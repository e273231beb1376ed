//! The rules of this module.
use kernel::{
    document::{Findings, Guide},
    path,
};

use crate::CertificationsSection;

/// Checks the certifications of a career. Rule `duplicate-certification`: each is recommended once.
pub(crate) fn check(guide: &Guide, findings: &mut Findings) {
    let Some(section) = guide.section::<CertificationsSection>() else { return };
    for (index, recommended) in section.certifications.iter().enumerate() {
        let slug = recommended.certification.slug();
        let earlier = &section.certifications[..index];
        if let Some(first) = earlier.iter().position(|other| other.certification.slug() == slug) {
            let message = format!("`{slug}` stands at certifications[{first}] already; keep one of them");
            findings.error("duplicate-certification", path!["certifications", index, "certification"], message);
        }
    }
}
