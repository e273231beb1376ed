//! The rules of this module.
use kernel::{
    document::{Findings, Guide},
    path,
};

use crate::FaqSection;

/// Checks the questions of a career.
pub(crate) fn check(guide: &Guide, findings: &mut Findings) {
    if let Some(section) = guide.section::<FaqSection>() {
        findings.unique_keys(&path!["faq"], section.faq.iter().map(|question| &*question.key));
    }
}
