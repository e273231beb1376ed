//! The rules of this module.
use kernel::{
    document::{CheckedDocument, Findings, Path},
    list::fold,
    path,
};

use sources::Figure as _;

use crate::{
    check_links,
    document::{AdvancementSection, PageSection, PaySection, RolesSection, StoriesSection, WorkSection},
    figures::once,
};

/// Checks the parts of a career against each other.
pub(crate) fn check(guide: &CheckedDocument, findings: &mut Findings) {
    let Some(roles) = guide.section::<RolesSection>() else { return };
    if let Some(advancement) = guide.section::<AdvancementSection>() {
        check_advancement(advancement, roles, findings);
    }
    if let Some(pay) = guide.section::<PaySection>() {
        check_pay(pay, roles, findings);
    }
}

/// Checks hours, restrictions and links to jobs.
pub(crate) fn check_work(guide: &CheckedDocument, findings: &mut Findings) {
    let Some(work) = guide.section::<WorkSection>() else { return };
    if let Some(hours) = &work.working_hours {
        hours.per_week.check(&path!["workingHours", "perWeek"], findings);
    }
    for (index, restriction) in work.restrictions.iter().enumerate() {
        if let Some(age) = restriction.minimum_age.filter(|age| !(1..=120).contains(age)) {
            let message = format!("it is {age}, and an age is between 1 and 120 years");
            findings.error("out-of-range", path!["restrictions", index, "minimumAge"], message);
        }
    }
    check_links(&work.job_links, &path!["jobLinks"], findings);
}

/// Checks pictures, and what the page has beside the content. Rule `duplicate-value`: no title stands twice.
pub(crate) fn check_page(guide: &CheckedDocument, findings: &mut Findings) {
    let stories = guide.section::<StoriesSection>().map(|section| section.stories.as_slice()).unwrap_or_default();
    for (index, story) in stories.iter().enumerate() {
        if let Some(image) = &story.image {
            image.check(&path!["stories", index, "image"], findings);
        }
    }
    let Some(page) = guide.section::<PageSection>() else { return };
    if let Some(image) = &page.image {
        image.check(&path!["image"], findings);
    }
    once(&path!["hiddenTitles"], page.hidden_titles.iter().map(|title| fold(title)), findings);
}

/// Rule `unknown-role`: a key of a role leads to a role of this guide.
fn known_role(key: &str, roles: &RolesSection, path: Path, findings: &mut Findings) {
    if roles.role(key).is_none() {
        let known = roles.roles.iter().map(|role| format!("`{}`", &*role.key)).collect::<Vec<_>>().join(", ");
        findings.error("unknown-role", path, format!("there is no role `{key}` in this guide; it has {known}"));
    }
}

/// Rule `nowhere`: a move leads to a role, to another career, or both.
fn check_advancement(section: &AdvancementSection, roles: &RolesSection, findings: &mut Findings) {
    for (index, advancement) in section.advancement.iter().enumerate() {
        let at = path!["advancement", index];
        known_role(&advancement.from, roles, at.then("from"), findings);
        match (&advancement.to, &advancement.to_career) {
            (Some(to), None) => known_role(to, roles, at.then("to"), findings),
            (None, None) => {
                let message = "the move leads nowhere; give `to` (a role of this guide) or `toCareer`";
                findings.error("nowhere", at, message);
            }
            (_, Some(_)) => {}
        }
    }
}

/// Rules `percentile` and `duplicate-band`.
fn check_pay(section: &PaySection, roles: &RolesSection, findings: &mut Findings) {
    let Some(pay) = &section.pay else { return };
    for (index, point) in pay.percentiles.iter().enumerate() {
        if !(1..=99).contains(&point.percentile) {
            let message = format!("a percentile must be between 1 and 99, not {}", point.percentile);
            findings.error("percentile", path!["pay", "percentiles", index, "percentile"], message);
        }
    }
    for (index, band) in pay.bands.iter().enumerate() {
        known_role(&band.role, roles, path!["pay", "bands", index, "role"], findings);
        let same = |other: &crate::document::PayBand| other.role == band.role && other.stage == band.stage;
        if let Some(first) = pay.bands[..index].iter().position(same) {
            let message = format!("pay.bands[{first}] already has this role at this stage; keep one of them");
            findings.error("duplicate-band", path!["pay", "bands", index], message);
        }
    }
}
