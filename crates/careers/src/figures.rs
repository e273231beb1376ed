//! Checks of the figures of a career, and of what a profile says twice.
use std::collections::HashMap;

use kernel::{
    document::{CheckedDocument, Findings, Path},
    list::fold,
    path,
};
use sources::Figure as _;

use crate::document::{ArticleSection, Code, CodeScheme, OutlookSection, Pay, PaySection, Profile};

/// Tags that are what is left of several names.
const AMBIGUOUS: [(&str, &str); 2] = [("c", "C, C++ and C#"), ("f", "F and F#")];

/// Checks figures, codes and lists of a career.
pub(crate) fn check(guide: &CheckedDocument, findings: &mut Findings) {
    if let Some(profile) = guide.section::<Profile>() {
        check_profile(profile, findings);
    }
    if let Some(pay) = guide.section::<PaySection>().and_then(|section| section.pay.as_ref()) {
        check_pay(pay, findings);
    }
    if let Some(outlook) = guide.section::<OutlookSection>().and_then(|section| section.outlook.as_ref()) {
        outlook.growth.check(&path!["outlook", "growth"], findings);
        outlook.openings.check(&path!["outlook", "openings"], findings);
    }
    if let Some(article) = guide.section::<ArticleSection>().and_then(|section| section.article.as_ref()) {
        for (index, milestone) in article.milestones.iter().enumerate() {
            milestone.market_size.check(&path!["article", "milestones", index, "marketSize"], findings);
        }
    }
}

/// Rule `duplicate-value`: nothing stands twice in a list, however it is spelt.
pub(crate) fn once(list: &Path, values: impl Iterator<Item = String>, findings: &mut Findings) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, value) in values.enumerate() {
        if let Some(first) = seen.get(&value) {
            let message = format!("`{value}` is already at {}; keep one of them", list.then(*first));
            findings.error("duplicate-value", list.then(index), message);
        } else {
            seen.insert(value, index);
        }
    }
}

/// Rules `duplicate-value`, `code-format` and `ambiguous-tag`.
fn check_profile(profile: &Profile, findings: &mut Findings) {
    once(&path!["alternateTitles"], profile.alternate_titles.iter().map(|title| fold(title)), findings);
    once(&path!["tags"], profile.tags.iter().map(|tag| tag.to_string()), findings);
    let code =
        |code: &Code| format!("{} {} {}", kernel::list::enum_name(code.scheme), code.version.trim(), code.code.trim());
    once(&path!["codes"], profile.codes.iter().map(code), findings);
    for (index, code) in profile.codes.iter().enumerate() {
        let (is_valid, form) = form_of(code.scheme, &code.code);
        if !is_valid {
            let message = format!("`{}` is not a code of this classification; {form}", code.code);
            findings.error("code-format", path!["codes", index, "code"], message);
        }
    }
    for (index, tag) in profile.tags.iter().enumerate() {
        if let Some((_, names)) = AMBIGUOUS.iter().find(|(ambiguous, _)| *ambiguous == &**tag) {
            let message = format!(
                "`{}` may stand for {names}; write `{}-language`, `{0}-plus-plus` or `{0}-sharp`",
                &**tag, &**tag
            );
            findings.warning("ambiguous-tag", path!["tags", index], message);
        }
    }
}

/// Tells whether a code has the form of its classification, and which that is.
fn form_of(scheme: CodeScheme, code: &str) -> (bool, &'static str) {
    let is_like = |pattern: &str| {
        code.len() == pattern.len()
            && code
                .bytes()
                .zip(pattern.bytes())
                .all(|(byte, as_in)| if as_in == b'9' { byte.is_ascii_digit() } else { byte == as_in })
    };
    match scheme {
        CodeScheme::Soc => (is_like("99-9999"), "a SOC code is written like 29-2072"),
        CodeScheme::OnetSoc => (is_like("99-9999.99"), "an O*NET-SOC code is written like 29-2072.00"),
        CodeScheme::Cip => {
            (["99", "99.99", "99.9999"].into_iter().any(is_like), "a CIP code is written like 51, 51.07 or 51.0707")
        }
        CodeScheme::Isco => {
            (["9", "99", "999", "9999"].into_iter().any(is_like), "an ISCO code has one to four digits, like 3252")
        }
        CodeScheme::Esco => (
            code.starts_with("http://data.europa.eu/esco/") || code.starts_with("https://data.europa.eu/esco/"),
            "an ESCO code is a URI like http://data.europa.eu/esco/occupation/…",
        ),
    }
}

/// Rules `duplicate-value` and `percentile-order`, and those of figures.
fn check_pay(pay: &Pay, findings: &mut Findings) {
    pay.median.check(&path!["pay", "median"], findings);
    let list = path!["pay", "percentiles"];
    for (index, point) in pay.percentiles.iter().enumerate() {
        point.pay.check(&list.then(index).then("pay"), findings);
    }
    // One percentile may be given by the hour and by the year.
    let point = |point: &crate::document::PayPercentile| {
        let period = point.pay.period.map_or_else(|| "once".to_owned(), kernel::list::enum_name);
        format!("{} ({} {period})", point.percentile, &*point.pay.currency)
    };
    once(&list, pay.percentiles.iter().map(point), findings);
    check_order(pay, &list, findings);
    for (index, glance) in pay.at_a_glance.iter().enumerate() {
        glance.range.check(&path!["pay", "atAGlance", index, "range"], findings);
    }
    for (index, band) in pay.bands.iter().enumerate() {
        band.range.check(&path!["pay", "bands", index, "range"], findings);
    }
    for (index, adjustment) in pay.adjustments.iter().enumerate() {
        adjustment.change.check(&path!["pay", "adjustments", index, "change"], findings);
    }
}

/// A higher percentile pays at least as much as a lower one, of the same currency and period; the median is the 50th.
fn check_order(pay: &Pay, list: &Path, findings: &mut Findings) {
    let points = pay.percentiles.iter().enumerate();
    let median = pay.median.iter().map(|median| (50, median, path!["pay", "median"]));
    let mut points: Vec<_> = points
        .map(|(index, point)| (point.percentile, &point.pay, list.then(index).then("pay")))
        .chain(median)
        .collect();
    points.sort_by_key(|(percentile, ..)| *percentile);
    for (index, (percentile, pay, at)) in points.iter().enumerate() {
        let alike = |(_, other, _): &&(i32, &sources::Money, Path)| {
            other.currency == pay.currency && other.period == pay.period
        };
        let lower = points[..index].iter().rev().find(alike);
        let Some((below, other, _)) =
            lower.filter(|(below, other, _)| below < percentile && other.amount.0 > pay.amount.0)
        else {
            continue;
        };
        let message = format!(
            "percentile {percentile} is {}, less than percentile {below}, which is {}; swap or correct them",
            pay.amount, other.amount
        );
        findings.error("percentile-order", at.clone(), message);
    }
}
