//! The rules of this module.
use kernel::{
    document::{Findings, Guide},
    path,
};

use crate::TrainingSection;

/// Checks the pathways of a career. Rule `unknown-pathway`: `buildsOn` names another pathway of the guide.
pub(crate) fn check(guide: &Guide, findings: &mut Findings) {
    let Some(training) = guide.section::<TrainingSection>().and_then(|section| section.training.as_ref()) else {
        return;
    };
    let list = path!["training", "pathways"];
    findings.unique_keys(&list, training.pathways.iter().map(|pathway| &*pathway.key));
    for (index, pathway) in training.pathways.iter().enumerate() {
        let Some(base) = &pathway.builds_on else { continue };
        if *base == pathway.key || training.pathways.iter().all(|other| other.key != *base) {
            let message = format!("there is no other pathway `{}` in this guide", &**base);
            findings.error("unknown-pathway", list.then(index).then("buildsOn"), message);
        }
    }
}
