//! The rules of this module.
use kernel::{
    document::{Findings, Guide},
    path,
};

use crate::AiImpactSection;

/// Checks the tasks of a career.
pub(crate) fn check(guide: &Guide, findings: &mut Findings) {
    let impact = guide.section::<AiImpactSection>().and_then(|section| section.ai_impact.as_ref());
    if let Some(impact) = impact {
        findings.unique_keys(&path!["aiImpact", "tasks"], impact.tasks.iter().map(|task| &*task.key));
    }
}
