//! The rules of this module.
use kernel::{
    document::{CheckedDocument, Findings},
    path,
};

use sources::Figure as _;

use crate::AiImpactSection;

/// Checks the figures of a career's tasks.
pub(crate) fn check(guide: &CheckedDocument, findings: &mut Findings) {
    let impact = guide.section::<AiImpactSection>().and_then(|section| section.ai_impact.as_ref());
    if let Some(impact) = impact {
        for (index, task) in impact.tasks.iter().enumerate() {
            let change = task.effect.as_ref().map(|effect| effect.change.clone());
            change.check(&path!["aiImpact", "tasks", index, "effect", "change"], findings);
        }
    }
}
