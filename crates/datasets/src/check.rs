//! The rules of this module.
use std::collections::HashMap;

use kernel::{
    App, Result, Rule,
    async_graphql::Context,
    document::{CheckedDocument, Finding, Findings, Severity},
    path, request,
    sea_orm::sea_query::{Expr, ExprTrait as _, Query},
};
use serde_json::Value;

use crate::{Dataset, DatasetProfile, tables::data_version, version::number};

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

const DAYS: Rule = Rule::error(
    "dataset-days",
    "The next release of a data set is due after its release was published.",
    GOOD,
    "kind: dataset\nslug: survey\ntitle: A survey\npublisher: An office\nrelease: May 2025\nlicence: CC-BY-4.0\nattribution: An office, 2025\npublishedOn: 2026-05-15\nnextReleaseOn: 2026-05-15",
);

const ROWS: Rule = Rule::warning(
    "dataset-rows",
    "The database has the rows of each table of a data set, and as many of them as it says. Told when it is read: a document that was exported \
     elsewhere brings no rows.",
    GOOD,
    "kind: dataset\nslug: survey\ntitle: A survey\npublisher: An office\nrelease: May 2025\nlicence: CC-BY-4.0\nattribution: An office, 2025\ntables:\n  - name: wages\n    version: 0000000000000000\n    rows: 9",
);

pub(crate) fn register(app: &mut App) {
    app.rule(TABLE);
    app.rule(DAYS);
    app.rule(STALE);
    app.rule(ROWS);
    app.check_when_read(|ctx, fields| Box::pin(unstored(ctx, fields)));
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
            let message =
                format!("`{}` is not a digest of rows; run `careerql sync`, which writes them", &*table.version);
            findings.error(TABLE.id, path!["tables", index, "version"], message);
        }
        if let Some(first) = profile.tables[..index].iter().position(|other| other.name == table.name) {
            let message = format!("the table `{}` is already at tables[{first}]; keep one of them", &*table.name);
            findings.error(TABLE.id, path!["tables", index, "name"], message);
        }
    }
    if let (Some(published), Some(next)) = (profile.published_on, profile.next_release_on)
        && next <= published
    {
        let message = format!(
            "the next release is due on {}, and this one was published on {}; correct one of the days",
            next.0, published.0
        );
        findings.error(DAYS.id, path!["nextReleaseOn"], message);
    }
}

/// Rule `dataset-rows`.
async fn unstored(ctx: &Context<'_>, fields: &Value) -> Result<Vec<Finding>> {
    // Only data sets have one.
    let Some(tables) = fields.get("attribution").and_then(|_| fields.get("tables")?.as_array()) else {
        return Ok(Vec::new());
    };
    let version = |table: &Value| number(table.get("version")?.as_str()?);
    let mut select = Query::select();
    select.columns([data_version::Column::Version, data_version::Column::RowCount]).from(data_version::Entity);
    select.and_where(Expr::col(data_version::Column::Version).is_in(tables.iter().filter_map(version)));
    let stored = request(ctx).read(&select, |row| Ok((row.integer(0)?, row.integer(1)?))).await?;
    let stored: HashMap<i64, i64> = stored.into_iter().collect();
    let finding = |(index, table): (usize, &Value)| {
        let name = table.get("name")?.as_str()?;
        let says = table.get("rows")?.as_i64()?;
        let (field, message) = match stored.get(&version(table)?) {
            None => ("version", format!("the rows of the table `{name}` are not in this database")),
            Some(rows) if *rows != says => ("rows", format!("the table `{name}` has {rows} rows, not {says}")),
            Some(_) => return None,
        };
        let message = format!("{message}; run `careerql sync` with the files of this release");
        Some(Finding { severity: Severity::Warning, rule: ROWS.id, path: path!["tables", index, field], message })
    };
    Ok(tables.iter().enumerate().filter_map(finding).collect())
}

/// Rule `stale-dataset`.
fn stale(ctx: &Context<'_>, fields: &Value) -> Option<Finding> {
    // Only data sets have one.
    fields.get("attribution")?;
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
