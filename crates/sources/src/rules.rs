//! Rules: those that every document keeps to, shown on the smallest kind of document, and that of figures which have grown old.
use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    App, BySlug as _, Kind, Result, Rule, Sections as _,
    async_graphql::Context,
    document::{Finding, Path, Severity, Step},
    request,
};
use serde_json::Value;

use crate::{Source, SourceProfile};

const GOOD: &str = "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\npublishedOn: 2026-05-10";

/// The rules of the shape of documents.
const SHAPE: [Rule; 13] = [
    Rule::error(
        "yaml",
        "A YAML file is valid YAML, so that it can be read.",
        GOOD,
        "kind: source\nslug: survey\ntitle: [A survey\npublisher: An office",
    ),
    Rule::error(
        "json",
        "A line of a JSON Lines file is one JSON object.",
        r#"{"kind": "source", "slug": "survey", "title": "A survey", "publisher": "An office"}"#,
        r#"{"kind": "source", "slug": "survey", "title": "A survey", "#,
    ),
    Rule::error(
        "unreadable-file",
        "A file is readable, and is UTF-8 text.",
        GOOD,
        "(a file that is not UTF-8 text, or that this process may not read)",
    ),
    Rule::error("no-documents", "A folder contains documents; an empty one is probably a mistake.", GOOD, ""),
    Rule::error(
        "changed-since-import",
        "An import does not overwrite what people have changed since the last one: `--ours` keeps their changes, `--theirs` takes the file.",
        GOOD,
        "(a changed file of an entry that an editor has changed, too)",
    ),
    Rule::error(
        "duplicate-document",
        "Each entry is in one file, so that it is clear which version counts.",
        "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\n---\n\
         kind: source\nslug: census\ntitle: A census\npublisher: An office",
        "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\n---\n\
         kind: source\nslug: survey\ntitle: A census\npublisher: An office",
    ),
    Rule::error(
        "missing-field",
        "Every required field is present.",
        GOOD,
        "kind: source\nslug: survey\ntitle: A survey",
    ),
    Rule::error(
        "unknown-field",
        "A field has a name that its kind knows: a misspelled field would be lost.",
        GOOD,
        "kind: source\nslug: survey\ntitel: A survey\ntitle: A survey\npublisher: An office",
    ),
    Rule::error(
        "duplicate-field",
        "A field appears once, so that it is clear which value counts.",
        GOOD,
        "kind: source\nslug: survey\ntitle: A survey\ntitle: Another\npublisher: An office",
    ),
    Rule::error(
        "wrong-type",
        "A value has the type of its field: text, a number, a list, a mapping, a date and so on.",
        GOOD,
        "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\npublishedOn: last spring",
    ),
    Rule::error(
        "character",
        "A text contains characters that people read: no control characters, no marks that reorder what follows, no byte order mark, \
         and not only invisible characters; a single line contains no line break and no tab. This is the same on every database.",
        GOOD,
        "kind: source\nslug: survey\ntitle: \"A sur\\u0007vey\"\npublisher: An office",
    )
    .for_new(),
    Rule::warning(
        "private-character",
        "A character means the same in every font: those of the private use areas, such as the bullets of a word processor, do not.",
        GOOD,
        "kind: source\nslug: survey\ntitle: \"\\uF0B7 A survey\"\npublisher: An office",
    ),
    Rule::error(
        "unknown-value",
        "A field with a fixed set of values has one of them.",
        GOOD,
        "kind: sauce\nslug: survey\ntitle: A survey\npublisher: An office",
    ),
];

/// The rule about figures that have grown old; whoever owns figures shows examples.
const STALE: &str = "stale-figure";

/// Registers the rules.
pub(crate) fn register(app: &mut App) {
    for rule in SHAPE {
        app.rule(rule);
    }
    app.check_when_read(|ctx, fields| Box::pin(stale(ctx, fields)));
}

/// Rule `stale-figure`: figures whose source has announced a release that is out by now.
async fn stale(ctx: &Context<'_>, fields: &Value) -> Result<Vec<Finding>> {
    let mut figures = Vec::new();
    collect(fields, &mut Path::default(), &mut figures);
    let slugs: BTreeSet<&str> = figures.iter().map(|figure| figure.source).collect();
    let mut releases: BTreeMap<&str, String> = BTreeMap::new();
    let today = request(ctx).day().to_string();
    for slug in slugs {
        let Some(source) = Source::by_slug(ctx, slug).await? else { continue };
        let profile = source.entry().section::<SourceProfile>(ctx).await?;
        let release = profile.next_release_on.as_ref().map(|date| date.0.to_string());
        releases.extend(release.filter(|release| *release <= today).map(|release| (slug, release)));
    }
    let stale = figures.into_iter().filter_map(|FigureAt { path, source, as_of }| {
        let release = releases.get(source).filter(|release| as_of < release.as_str())?;
        let message =
            format!("the figure is of {as_of}, and `{source}` had a release due on {release}; look it up again");
        Some(Finding { severity: Severity::Warning, rule: STALE, path, message })
    });
    Ok(stale.collect())
}

/// A figure of a document: where it stands, the slug of its source, and the day it was stated for.
struct FigureAt<'a> {
    path: Path,
    source: &'a str,
    as_of: &'a str,
}

fn collect<'a>(value: &'a Value, path: &mut Path, figures: &mut Vec<FigureAt<'a>>) {
    match value {
        Value::Object(fields) => {
            let text = |field: &str| fields.get(field).and_then(Value::as_str);
            if let (Some(source), Some(as_of)) = (text("source"), text("asOf")) {
                figures.push(FigureAt { path: path.clone(), source, as_of });
            }
            for (name, value) in fields {
                path.0.push(Step::from(name.as_str()));
                collect(value, path, figures);
                path.0.pop();
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                path.0.push(Step::from(index));
                collect(value, path, figures);
                path.0.pop();
            }
        }
        _ => {}
    }
}
