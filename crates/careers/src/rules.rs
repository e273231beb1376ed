//! The rules that this module reports, and those of every document that need a career to be shown.
use kernel::{App, Rule};

macro_rules! career {
    ($more:literal) => {
        concat!("kind: career\nslug: nurse\ntitle: Nurse\nsummary: Cares for people.\n", $more)
    };
}

macro_rules! cited {
    ($more:literal) => {
        concat!("kind: source\nslug: survey\ntitle: A survey\npublisher: An office\n---\n", career!($more))
    };
}

const RULES: [Rule; 18] = [
    Rule::warning(
        "earlier-shape",
        "A file is written in the shape of today, which the field `shape` says; one without it is of the first shape. What an earlier \
         shape said otherwise is read as it was meant.",
        "kind: category\nslug: health\ntitle: Health\n---\nkind: career\nslug: nurse\nshape: 2026-12-01\ntitle: Nurse\nsummary: Cares for people.\n\
         article: {headline: A guide, publishedOn: 2026-05-10, category: health, author: {name: A, kind: PERSON}, explanation: About it.}",
        "kind: category\nslug: health\ntitle: Health\n---\nkind: career\nslug: nurse\ntitle: Nurse\nsummary: Cares for people.\n\
         article: {headline: A guide, publishedOn: 2026-05-10, category: Health, author: {name: A, kind: PERSON}, explanation: About it.}",
    ),
    Rule::error(
        "newer-shape",
        "A file has a shape that this version of CareerQL knows.",
        career!("shape: 2026-12-01"),
        career!("shape: 2999-01-01"),
    ),
    Rule::error(
        "duplicate-value",
        "A tag, an alternate or hidden title, a code or a percentile appears once in its list, however it is spelt.",
        career!("alternateTitles: [Carer, Attendant]"),
        career!("alternateTitles: [Carer, CARER]"),
    )
    .for_new(),
    Rule::error(
        "code-format",
        "A code has the form of its classification: SOC 29-2072, O*NET-SOC 29-2072.00, CIP 51.0707, ISCO 3252, ESCO a URI.",
        career!("codes: [{scheme: SOC, version: '2018', code: 29-2072, match: EXACT}]"),
        career!("codes: [{scheme: SOC, version: '2018', code: 29-20X2, match: EXACT}]"),
    )
    .for_new(),
    Rule::warning(
        "ambiguous-tag",
        "A tag stands for one thing: `c` is what is left of C, C++ and C#.",
        career!("tags: [c-language, c-plus-plus, c-sharp]"),
        career!("tags: [c]"),
    ),
    Rule::error(
        "percentile-order",
        "A higher percentile is not less than a lower one of the same currency and period; the median is the 50th.",
        cited!(
            "pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}\n  percentiles:\n    - {percentile: 90, pay: {amount: 90000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}}"
        ),
        cited!(
            "pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}\n  percentiles:\n    - {percentile: 90, pay: {amount: 40000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}}"
        ),
    )
    .for_new(),
    Rule::error(
        "out-of-range",
        "A figure has a possible value: amounts and counts are not below 0, changes not below -100 %, and durations are longer than zero, a week has at most 168 hours, an age is between 1 and 120, and images are at least 1 pixel wide and high.",
        cited!("pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}"),
        cited!("pay:\n  median: {amount: -5, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}"),
    )
    .for_new(),
    Rule::error(
        "future-date",
        "The day that a figure was stated for, or that a source was published on, is not in the future.",
        cited!("pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}"),
        cited!("pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2950-05-10}"),
    )
    .for_new(),
    Rule::error(
        "duplicate-key",
        "Keys are unique in their list, because ids are made of them.",
        career!(
            "roles:\n  - {key: ward, title: Ward nurse, level: ENTRY, summary: Works on a ward.}\n  - {key: head, title: Head nurse, level: SENIOR, summary: Leads a ward.}"
        ),
        career!(
            "roles:\n  - {key: ward, title: Ward nurse, level: ENTRY, summary: Works on a ward.}\n  - {key: ward, title: Head nurse, level: SENIOR, summary: Leads a ward.}"
        ),
    ),
    Rule::error(
        "low-above-high",
        "The low end of a range is not above the high one.",
        cited!(
            "pay:\n  atAGlance:\n    - {title: All, range: {low: 40000, high: 60000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}}"
        ),
        cited!(
            "pay:\n  atAGlance:\n    - {title: All, range: {low: 60000, high: 40000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}}"
        ),
    ),
    Rule::error(
        "empty-range",
        "A range has at least one end: if both are unknown, leave the range out.",
        cited!(
            "pay:\n  atAGlance:\n    - {title: All, range: {low: 40000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}}"
        ),
        cited!(
            "pay:\n  atAGlance:\n    - {title: All, range: {currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}}"
        ),
    ),
    Rule::error(
        "broken-link",
        "A link leads to an existing entry. A missing source or certification is an error; a missing career is a warning, and the link is null until that career is loaded.",
        cited!("pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}"),
        career!("pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}"),
    ),
    Rule::warning(
        "stale-figure",
        "A figure is not older than a release that its source has announced and that is out by now. This depends on the current date, so `findings` reports it when content is read.",
        concat!(
            "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\nnextReleaseOn: 2999-05-10\n---\n",
            career!("pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2025-05-10}")
        ),
        concat!(
            "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\nnextReleaseOn: 2026-05-10\n---\n",
            career!("pay:\n  median: {amount: 50000, currency: USD, period: YEAR, source: survey, asOf: 2025-05-10}")
        ),
    ),
    Rule::error(
        "oversized-prose",
        "Prose has at most 100,000 bytes, is nested at most 32 deep (quotes, lists and their items, emphasis, links, tables and HTML elements together), and has at most 10,000 table cells and 2,000 HTML tags, so that it renders quickly.",
        career!(
            "advancementSummary: |\n  > - Quotes, *lists* and <em>emphasis</em> stand in one another, but not without end."
        ),
        career!("advancementSummary: '> > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > So deep.'"),
    ),
    Rule::error(
        "unknown-role",
        "A reference to a role by its key names a role of the same guide.",
        career!(
            "roles:\n  - {key: ward, title: Ward nurse, level: ENTRY, summary: Works on a ward.}\nadvancement:\n  - {key: up, from: ward, toCareer: nurse, title: Up, description: One day.}"
        ),
        career!(
            "roles:\n  - {key: ward, title: Ward nurse, level: ENTRY, summary: Works on a ward.}\nadvancement:\n  - {key: up, from: wart, toCareer: nurse, title: Up, description: One day.}"
        ),
    ),
    Rule::error(
        "nowhere",
        "A move leads somewhere: to a role of this guide, to another career, or to both.",
        career!(
            "roles:\n  - {key: ward, title: Ward nurse, level: ENTRY, summary: Works on a ward.}\nadvancement:\n  - {key: up, from: ward, toCareer: nurse, title: Up, description: One day.}"
        ),
        career!(
            "roles:\n  - {key: ward, title: Ward nurse, level: ENTRY, summary: Works on a ward.}\nadvancement:\n  - {key: up, from: ward, title: Up, description: One day.}"
        ),
    ),
    Rule::error(
        "percentile",
        "A percentile is between 1 and 99.",
        cited!(
            "pay:\n  percentiles:\n    - {percentile: 90, pay: {amount: 90000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}}"
        ),
        cited!(
            "pay:\n  percentiles:\n    - {percentile: 100, pay: {amount: 90000, currency: USD, period: YEAR, source: survey, asOf: 2026-05-10}}"
        ),
    ),
    Rule::error(
        "duplicate-band",
        "A role has at most one range of pay at a stage.",
        cited!(
            "roles:\n  - {key: ward, title: Ward nurse, level: ENTRY, summary: Works on a ward.}\npay:\n  bands:\n    - {role: ward, stage: ENTRY, range: {low: 40000, currency: USD, source: survey, asOf: 2026-05-10}}\n    - {role: ward, stage: SENIOR, range: {low: 50000, currency: USD, source: survey, asOf: 2026-05-10}}"
        ),
        cited!(
            "roles:\n  - {key: ward, title: Ward nurse, level: ENTRY, summary: Works on a ward.}\npay:\n  bands:\n    - {role: ward, stage: ENTRY, range: {low: 40000, currency: USD, source: survey, asOf: 2026-05-10}}\n    - {role: ward, stage: ENTRY, range: {low: 50000, currency: USD, source: survey, asOf: 2026-05-10}}"
        ),
    ),
];

/// Registers the rules.
pub(crate) fn register(app: &mut App) {
    for rule in RULES {
        app.rule(rule);
    }
}
