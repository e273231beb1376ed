//! Rule `differs-from-data`: the pay that a guide states, and the one that is published for its occupations.
use std::collections::BTreeSet;

use datasets::DatasetProfile;
use futures_util::future::try_join_all;
use kernel::{
    App, Kind as _, Result, Rule, Sections as _,
    async_graphql::Context,
    document::{Finding, Path, Severity},
    path, request,
};
use occupations::code::{is_onet_soc, is_soc, soc_of};
use serde_json::Value;

use crate::{Wage, load::WageIn};

const DIFFERS: Rule = Rule::warning(
    "differs-from-data",
    "The median and the percentiles of pay that a guide states in US dollars by the hour or by the year differ by at most 5 % from what the data set \
     `bls-oews` has for one of its occupations in the nation, of the same unit and percentile. The data set may be newer than the guide, so \
     `findings` reports it when content is read.",
    "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\n---\nkind: career\nslug: nurse\ntitle: Nurse\nsummary: Cares for people.\n\
     codes: [{scheme: SOC, version: '2018', code: 29-1141, match: EXACT}]\n\
     pay:\n  median: {amount: 93600, currency: USD, period: YEAR, source: survey, asOf: 2025-05-10}",
    "kind: source\nslug: survey\ntitle: A survey\npublisher: An office\n---\nkind: career\nslug: nurse\ntitle: Nurse\nsummary: Cares for people.\n\
     codes: [{scheme: SOC, version: '2018', code: 29-1141, match: EXACT}]\n\
     pay:\n  median: {amount: 60000, currency: USD, period: YEAR, source: survey, asOf: 2025-05-10}",
);

/// The largest share by which a guide may differ.
const TOLERANCE: f64 = 0.05;

pub(crate) fn register(app: &mut App) {
    app.rule(DIFFERS);
    app.check_when_read(|ctx, fields| Box::pin(differing(ctx, fields)));
}

/// A pay that a guide states.
struct Stated {
    path: Path,
    percentile: i64,
    amount: f64,
    is_hourly: bool,
}

/// A published figure: its value or bound, and the wage that it is taken from.
struct Published<'a> {
    number: f64,
    is_bound: bool,
    wage: &'a Wage,
}

/// Rule `differs-from-data`.
async fn differing(ctx: &Context<'_>, fields: &Value) -> Result<Vec<Finding>> {
    let (stated, socs) = (stated(fields), occupations_of(fields));
    if stated.is_empty() || socs.is_empty() {
        return Ok(Vec::new());
    }
    let loaders = request(ctx);
    let wages = socs.iter().map(|soc| loaders.load(WageIn { soc: (*soc).into(), place: "US".into() }));
    let wages: Vec<_> = try_join_all(wages).await?.into_iter().flatten().collect();
    let mut findings = Vec::new();
    for stated in stated {
        let published = wages.iter().filter_map(|wage| published(wage, &stated));
        let nearest = published.min_by(|one, other| distance(&stated, one).total_cmp(&distance(&stated, other)));
        let Some(nearest) = nearest.filter(|nearest| distance(&stated, nearest) > TOLERANCE) else { continue };
        let entry = &nearest.wage.dataset;
        let release = entry.section::<DatasetProfile>(ctx).await?.release.to_string();
        let (per, at_least) = (if stated.is_hourly { "hour" } else { "year" }, if nearest.is_bound { "at least " } else { "" });
        let message = format!(
            "the guide says {} USD per {per}, and the data set `{}` ({release}) has {at_least}{} for {}, percentile {}; look it up again",
            stated.amount,
            entry.slug(),
            nearest.number,
            nearest.wage.row.code,
            stated.percentile,
        );
        findings.push(Finding { severity: Severity::Warning, rule: DIFFERS.id, path: stated.path, message });
    }
    Ok(findings)
}

/// The share by which a guide differs from a figure; none where a published bound holds.
fn distance(stated: &Stated, published: &Published<'_>) -> f64 {
    if published.is_bound && stated.amount >= published.number {
        return 0.0;
    }
    (stated.amount - published.number).abs() / published.number.max(f64::MIN_POSITIVE)
}

fn published<'a>(wage: &'a Wage, stated: &Stated) -> Option<Published<'a>> {
    let figure = wage.row.percentile(stated.percentile, stated.is_hourly)?;
    let number = figure.value.or(figure.at_least)?.0;
    Some(Published { number, is_bound: figure.value.is_none(), wage })
}

/// The pay that a guide states in US dollars by the hour or by the year.
fn stated(fields: &Value) -> Vec<Stated> {
    let pay = &fields["pay"];
    let read = |money: &Value, percentile: i64, path: Path| {
        let is_hourly = match money["period"].as_str()? {
            "HOUR" => true,
            "YEAR" => false,
            _ => return None,
        };
        (money["currency"] == "USD").then_some(())?;
        Some(Stated { path, percentile, amount: money["amount"].as_f64()?, is_hourly })
    };
    let points = pay["percentiles"].as_array().map(Vec::as_slice).unwrap_or_default();
    let points = points.iter().enumerate().filter_map(|(index, point)| {
        read(&point["pay"], point["percentile"].as_i64()?, path!["pay", "percentiles", index, "pay"])
    });
    read(&pay["median"], 50, path!["pay", "median"]).into_iter().chain(points).collect()
}

/// The SOC codes of the occupations that a guide is about. One that is merely related to it has a pay of its own.
fn occupations_of(fields: &Value) -> BTreeSet<&str> {
    if fields["kind"] != careers::Career::NAME {
        return BTreeSet::new();
    }
    let codes = fields["codes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_about = |code: &&Value| code["match"] != "RELATED" && matches!(code["scheme"].as_str(), Some("SOC" | "ONET_SOC"));
    let codes = codes.iter().filter(is_about).filter_map(|code| code["code"].as_str());
    codes.filter(|code| is_soc(code) || is_onet_soc(code)).map(soc_of).collect()
}
