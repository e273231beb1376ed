//! The rules of this module.
use kernel::{
    Rule,
    document::{CheckedDocument, Findings},
    path,
};

use sources::Figure as _;

use crate::{TrainingSection, document::RecommendedPath};

macro_rules! example {
    () => {
        "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\n---\nkind: career\nslug: nurse\ntitle: Nurse\n\
         summary: Cares for people.\ntraining:\n  pathways:\n    - key: first\n      title: A course\n      suits: All.\n      credential: CERTIFICATE\n      \
         duration: {low: P1Y, source: survey, asOf: 2026-05-10}\n      \
         cost: {low: 5000, currency: USD, source: survey, asOf: 2026-05-10}\n    - key: second\n      title: Another\n      suits: All.\n      \
         credential: CERTIFICATE\n      duration: {low: P1Y, source: survey, asOf: 2026-05-10}\n      \
         cost: {low: 5000, currency: USD, source: survey, asOf: 2026-05-10}\n"
    };
}

/// `buildsOn` names another pathway of the guide.
pub(crate) const UNKNOWN_PATHWAY: Rule = Rule::error(
    "unknown-pathway",
    "A pathway builds on another pathway of the same guide.",
    concat!(example!(), "      buildsOn: first\n"),
    concat!(example!(), "      buildsOn: zeroth\n"),
);

/// Checks the pathways of a career. Rule `unknown-pathway`: `buildsOn` names another pathway of the guide.
pub(crate) fn check(guide: &CheckedDocument, findings: &mut Findings) {
    if let Some(section) = guide.section::<TrainingSection>() {
        careers::check_links(&section.course_links, &path!["courseLinks"], findings);
    }
    let Some(training) = guide.section::<TrainingSection>().and_then(|section| section.training.as_ref()) else {
        return;
    };
    let list = path!["training", "pathways"];
    if let Some(path) = &training.recommended_path {
        check_path(path, findings);
    }
    for (index, pathway) in training.pathways.iter().enumerate() {
        pathway.duration.check(&list.then(index).then("duration"), findings);
        pathway.cost.check(&list.then(index).then("cost"), findings);
        let Some(base) = &pathway.builds_on else { continue };
        if *base == pathway.key || training.pathways.iter().all(|other| other.key != *base) {
            let message = format!("there is no other pathway `{}` in this guide", &**base);
            findings.error("unknown-pathway", list.then(index).then("buildsOn"), message);
        }
    }
}

/// Rules of figures, for the path that a guide recommends.
fn check_path(path: &RecommendedPath, findings: &mut Findings) {
    let at = path!["training", "recommendedPath"];
    path.time_to_employment.check(&at.then("timeToEmployment"), findings);
    for (index, step) in path.steps.iter().enumerate() {
        let at = at.then("steps").then(index);
        step.duration.check(&at.then("duration"), findings);
        step.within.check(&at.then("within"), findings);
    }
}
