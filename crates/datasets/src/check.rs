//! The rules of this module.
use kernel::{
    App, Result, Rule,
    async_graphql::Context,
    document::{CheckedDocument, Finding, Findings, Severity},
    path, request,
};
use serde_json::Value;

use crate::{Dataset, DatasetProfile, version::number};

const GOOD: &str = "kind: dataset\nslug: survey\ntitle: A survey\npublisher: An office\nrelease: May 2025\nlicence: CC-BY-4.0\nattribution: An office, 2025\ntables:\n  - name: wages\n    version: 0123456789abcdef\n    rows: 2";

const TABLE: Rule = Rule::error(
    "dataset-table",
    "A data set names each of its tables once, by the digest of its rows: 16 hexadecimal digits, the first from 0 to 7. `careerql sync` writes them.",
    GOOD,
    "kind: dataset\nslug: survey\ntitle: A survey\npublisher: An office\nrelease: May 2025\nlicence: CC-BY-4.0\nattribution: An office, 2025\ntables:\n  - name: wages\n    version: newest\n    rows: 2",
);

const STALE: Rule = Rule::warning(
    "stale-dataset",
    "A data set whose next release is out is synced again. Told on the day that it is read, once for the data set and not for each of its figures.",
    GOOD,
    "kind: dataset\nslug: survey\ntitle: A survey\npublisher: An office\nrelease: May 2025\nlicence: CC-BY-4.0\nattribution: An office, 2025\nnextReleaseOn: 2026-01-01",
);

pub(crate) fn register(app: &mut App) {
    app.rule(TABLE);
    app.rule(STALE);
    app.check::<Dataset>(check);
    app.check_when_read(|ctx, fields| {
        let finding = stale(ctx, fields);
        Box::pin(async move { Ok::<_, kernel::Error>(finding.into_iter().collect()) as Result<Vec<Finding>> })
    });
}

fn check(guide: &CheckedDocument, findings: &mut Findings) {
    let Some(profile) = guide.section::<DatasetProfile>() else { return };
    for (index, table) in profile.tables.iter().enumerate() {
        if number(&table.version).is_none() || table.version.len() != 16 {
            let message = format!("`{}` is not a digest of rows; run `careerql sync`, which writes them", &*table.version);
            findings.error(TABLE.id, path!["tables", index, "version"], message);
        }
        if let Some(first) = profile.tables[..index].iter().position(|other| other.name == table.name) {
            let message = format!("the table `{}` is already at tables[{first}]; keep one of them", &*table.name);
            findings.error(TABLE.id, path!["tables", index, "name"], message);
        }
    }
}

/// Rule `stale-dataset`.
fn stale(ctx: &Context<'_>, fields: &Value) -> Option<Finding> {
    // No other kind of document has both.
    let due = fields.get("nextReleaseOn")?.as_str()?;
    let release = fields.get("release")?.as_str()?;
    let today = request(ctx).day().to_string();
    (due <= today.as_str()).then(|| Finding {
        severity: Severity::Warning,
        rule: STALE.id,
        path: path!["nextReleaseOn"],
        message: format!(
            "the release `{release}` has a successor since {due}; run `careerql sync` with its files, or correct the day"
        ),
    })
}
