//! Pay and outlook of occupations: figures with their reasons, the code and place they were published for, filters and orders.
use std::{path::Path, sync::Arc};

use careerql_server::{CacheOptions, Settings};
use datasets::{Outcome, SyncOptions, Target};
use kernel::store::ChangeInfo;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

/// Syncs the samples of a data set.
async fn sync(server: &TestServer, dataset: &str, folder: &str) {
    let options = SyncOptions {
        dataset: dataset.to_owned(),
        paths: vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/samples").join(folder)],
        is_plan: false,
        target: Target::Published,
        accept: Vec::new(),
        edition: None,
        published_on: None,
        next_release_on: None,
        keep: 2,
        change: ChangeInfo::now("test", ""),
    };
    let outcome = datasets::sync(&server.db, server.graph.catalog(), options, Arc::new(|_, _| {})).await.unwrap();
    assert!(matches!(outcome, Outcome::Synced(_)), "{outcome:#?}");
}

async fn synced(server: TestServer) -> TestServer {
    for (dataset, folder) in [
        ("onet", "onet-labour"),
        ("soc-crosswalks", "soc-crosswalks"),
        ("bls-oews", "bls-oews"),
        ("bls-projections", "bls-projections"),
    ] {
        sync(&server, dataset, folder).await;
    }
    server
}

async fn labour() -> TestServer {
    synced(TestServer::empty().await).await
}

/// An occupation.
async fn occupation(server: &TestServer, code: &str, fields: &str) -> Value {
    server.query(&format!("{{ occupation(code: \"{code}\") {{ {fields} }} }}")).await["occupation"].clone()
}

/// A number as answers write it.
fn number(number: f64) -> Value {
    serde_json::from_str(&number.to_string()).unwrap()
}

fn value(value: f64) -> Value {
    json!({ "value": number(value), "atLeast": null, "missing": null })
}

fn missing(reason: &str) -> Value {
    json!({ "value": null, "atLeast": null, "missing": reason })
}

fn at_least(bound: f64) -> Value {
    json!({ "value": null, "atLeast": number(bound), "missing": null })
}

const FIGURE: &str = "{ value atLeast missing }";

#[tokio::test]
async fn a_cell_without_a_value_has_its_reason() {
    let server = labour().await;
    let wage = format!(
        "wages(first: 10) {{ nodes {{ publishedFor {{ place {{ code }} }} employment {FIGURE} locationQuotient {FIGURE}
           hourly {{ median {FIGURE} }} annual {{ median {FIGURE} p90 {FIGURE} }} }} }}"
    );
    let cells = async |code: &str, place: &str| {
        let found = occupation(&server, code, &wage).await;
        let wages = found["wages"]["nodes"].as_array().unwrap().clone();
        wages.into_iter().find(|wage| wage["publishedFor"]["place"]["code"] == place).unwrap()
    };

    let suppressed = cells("29-2072.00", "40140").await;
    assert_eq!(suppressed["hourly"]["median"], missing("NOT_RELEASED"));
    assert_eq!(suppressed["employment"], value(210.0), "the other cells of the row have theirs");
    let unreleased = cells("15-1252.00", "40140").await;
    assert_eq!(unreleased["employment"], missing("NOT_RELEASED"));
    assert_eq!(unreleased["annual"]["median"], value(120_640.0));

    let hourly = cells("27-2011.00", "US").await;
    assert_eq!((&hourly["hourly"]["median"], &hourly["annual"]["median"]), (&value(29.0), &missing("HOURLY_ONLY")));
    assert_eq!(hourly["locationQuotient"], missing("NOT_APPLICABLE"), "the nation is not compared with itself");
    let annual = cells("25-2056.00", "US").await;
    assert_eq!((&annual["hourly"]["median"], &annual["annual"]["median"]), (&missing("ANNUAL_ONLY"), &value(65_000.0)));

    let top_coded = cells("29-1242.00", "US").await;
    assert_eq!((&top_coded["hourly"]["median"], &top_coded["annual"]["p90"]), (&at_least(115.0), &at_least(239_200.0)));
}

#[tokio::test]
async fn a_wage_says_what_it_was_published_for() {
    let server = labour().await;
    let published = async |code: &str, place: &str| {
        let fields = format!(
            "wage(place: \"{place}\") {{ publishedFor {{ code isExact place {{ code }} }} annual {{ median {{ value }} }} }}"
        );
        let wage = occupation(&server, code, &fields).await["wage"].clone();
        let of = &wage["publishedFor"];
        let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
        let is_exact = of["isExact"].as_bool().unwrap();
        (text(&of["code"]), text(&of["place"]["code"]), is_exact, wage["annual"]["median"]["value"].as_f64())
    };
    let told = |code: &str, place: &str, is_exact, median| (code.to_owned(), place.to_owned(), is_exact, Some(median));

    assert_eq!(published("15-1252.00", "40140").await, told("15-1252", "40140", true, 120_640.0));
    assert_eq!(published("29-2072.00", "40140").await, told("29-2072", "US-CA", false, 60_320.0), "not released there");
    assert_eq!(published("29-9021.00", "40140").await, told("29-9021", "US", false, 64_480.0), "nor in the state");
    assert_eq!(published("25-2056.00", "US-CA").await, told("25-2052", "US-CA", false, 85_000.0), "a group of codes");
}

#[tokio::test]
async fn projections_keep_what_the_file_says() {
    let server = labour().await;
    let fields = format!(
        "projection {{ publishedFor {{ code title otherTitles isExact }} baseYear targetYear wageYear
           baseEmployment {FIGURE} targetEmployment {FIGURE} change {FIGURE} percentChange {FIGURE} openings {FIGURE}
           medianAnnualWage {FIGURE} entryEducation relatedExperience onTheJobTraining dataset {{ slug release period }} }}"
    );

    let projection = occupation(&server, "29-2072.00", &fields).await["projection"].clone();
    assert_eq!(
        projection,
        json!({
            "publishedFor": {
                "code": "29-2072",
                "title": "Medical records specialists",
                "otherTitles": ["Coder of Records", "Keeper of Charts"],
                "isExact": true,
            },
            "baseYear": 2023, "targetYear": 2033, "wageYear": 2023,
            "baseEmployment": value(190_400.0), "targetEmployment": value(203_000.0), "change": value(12_600.0),
            "percentChange": value(6.6), "openings": value(14_100.0), "medianAnnualWage": value(49_000.0),
            "entryEducation": "POSTSECONDARY_NONDEGREE_AWARD",
            "relatedExperience": "NO_EXPERIENCE",
            "onTheJobTraining": "NO_TRAINING",
            "dataset": { "slug": "bls-projections", "release": "2023-2033", "period": "2023/2033" },
        })
    );
    let actors = occupation(&server, "27-2011.00", &fields).await["projection"].clone();
    assert_eq!((&actors["medianAnnualWage"], &actors["change"]), (&missing("NOT_RELEASED"), &value(-800.0)));
    let surgeons = occupation(&server, "29-1242.00", &fields).await["projection"].clone();
    assert_eq!(surgeons["medianAnnualWage"], at_least(239_200.0));
    let group = occupation(&server, "25-2056.00", &fields).await["projection"].clone();
    assert_eq!((&group["publishedFor"]["code"], &group["publishedFor"]["isExact"]), (&json!("25-2052"), &json!(false)));
    assert_eq!(group["baseEmployment"], value(1_240_500.0));
    assert_eq!(occupation(&server, "55-1011.00", &fields).await["projection"], Value::Null);
}

/// The first digits of the codes that a list answers.
async fn codes(server: &TestServer, arguments: &str) -> String {
    let data = server.query_once(&format!("{{ occupations({arguments}) {{ nodes {{ code }} }} }}")).await;
    let nodes = data["occupations"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["code"].as_str().unwrap()[..7].to_owned()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn occupations_are_filtered_by_pay_in_one_unit() {
    let server = labour().await;
    for (filter, expected) in [
        ("wage: {unit: YEAR, gte: 60000, lte: 70000}", "25-2056 29-9021"),
        ("wage: {unit: HOUR, gte: 25, lt: 30}", "27-2011"),
        ("wage: {unit: YEAR, gt: 0, lt: 100}", ""),
        ("wage: {unit: YEAR, isNull: true}", "27-2011 55-1011"),
        ("wage: {unit: HOUR, isNull: true}", "25-2056 55-1011"),
        ("wage: {unit: YEAR, gte: 239200}", "29-1242"),
        ("wage: {unit: YEAR, statistic: MEAN, gte: 300000}", "29-1242"),
        ("wage: {unit: YEAR, statistic: P90, gte: 239200}", "29-1242"),
        ("wage: {place: \"US-CA\", unit: YEAR, isNull: false}", "15-1252 25-2056 29-2072"),
        ("wage: {place: \"US-CA\", unit: YEAR, statistic: P90, gte: 200000}", "15-1252"),
        ("wage: {place: \"40140\", unit: YEAR, isNull: false}", "15-1252"),
        ("not: {wage: {unit: YEAR, gte: 60000}}", "27-2011 29-2072 55-1011"),
        ("projectedGrowth: {gt: 10}", "15-1252 29-9021"),
        ("projectedGrowth: {lt: 0}", "27-2011"),
        ("projectedGrowth: {isNull: true}", "55-1011"),
        ("projectedOpenings: {gte: 14100, lt: 20000}", "25-2056 29-2072"),
        ("entryEducation: {in: [ASSOCIATE_DEGREE, SOME_COLLEGE]}", "27-2011 29-9021"),
        ("entryEducation: {ne: BACHELOR_DEGREE}", "27-2011 29-1242 29-2072 29-9021 55-1011"),
    ] {
        assert_eq!(
            codes(&server, &format!("filter: {{{filter}}}, orderBy: {{code: ASC}}")).await,
            expected,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn occupations_are_sorted_by_pay_and_outlook() {
    let server = labour().await;
    for (order, expected) in [
        ("{wage: {unit: YEAR, direction: DESC}}", "29-1242 15-1252 25-2056 29-9021 29-2072 55-1011 27-2011"),
        ("{wage: {unit: YEAR, direction: ASC}}", "29-2072 29-9021 25-2056 15-1252 29-1242 27-2011 55-1011"),
        ("{wage: {unit: HOUR, direction: ASC}}", "29-2072 27-2011 29-9021 15-1252 29-1242 25-2056 55-1011"),
        (
            "[{wage: {place: \"US-CA\", unit: YEAR, direction: DESC}}, {code: ASC}]",
            "15-1252 25-2056 29-2072 27-2011 29-1242 29-9021 55-1011",
        ),
        ("{projectedGrowth: DESC}", "15-1252 29-9021 29-2072 29-1242 25-2056 27-2011 55-1011"),
        ("{projectedOpenings: ASC}", "29-1242 29-9021 27-2011 29-2072 25-2056 15-1252 55-1011"),
        ("[{entryEducation: ASC}, {code: ASC}]", "27-2011 29-2072 29-9021 15-1252 25-2056 29-1242 55-1011"),
    ] {
        assert_eq!(codes(&server, &format!("orderBy: {order}")).await, expected, "{order}");
        // Page by page, it is the same.
        let (mut paged, mut after) = (Vec::new(), String::new());
        loop {
            let query = format!(
                "{{ occupations(first: 2, orderBy: {order} {after}) {{ pageInfo {{ endCursor hasNextPage }} nodes {{ code }} }} }}"
            );
            let page = server.query_once(&query).await["occupations"].clone();
            paged.extend(
                page["nodes"].as_array().unwrap().iter().map(|node| node["code"].as_str().unwrap()[..7].to_owned()),
            );
            after = format!(", after: {}", page["pageInfo"]["endCursor"]);
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(paged.join(" "), expected, "{order}");
    }
}

/// A guide that names these codes, and states this pay.
fn guide(folder: &Folder, slug: &str, codes: &[(&str, &str)], pay: &str) {
    let code =
        |(scheme, code): &(&str, &str)| format!("{{scheme: {scheme}, version: '2019', code: {code}, match: EXACT}}");
    let codes: Vec<_> = codes.iter().map(code).collect();
    folder.career(slug, slug, &format!("codes: [{}]\n{pay}", codes.join(", ")));
}

#[tokio::test]
async fn guides_are_found_by_the_pay_of_their_occupations() {
    let server = labour().await;
    let folder = Folder::new();
    guide(&folder, "records", &[("ONET_SOC", "29-2072.00"), ("SOC", "29-9021")], "");
    guide(&folder, "teaching", &[("ONET_SOC", "25-2056.00")], "");
    guide(&folder, "acting", &[("SOC", "27-2011")], "");
    guide(&folder, "other", &[], "");
    server.publish(&[folder.path().to_owned()]).await;
    let slugs = async |arguments: &str| {
        let data = server.query_once(&format!("{{ careers({arguments}) {{ nodes {{ slug }} }} }}")).await;
        let nodes = data["careers"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (filter, expected) in [
        ("wage: {unit: YEAR, gte: 60000}", "records teaching"),
        ("wage: {unit: YEAR, lt: 60000}", "records"),
        ("wage: {unit: YEAR, isNull: true}", "acting other"),
        ("wage: {unit: HOUR, gte: 20}", "acting records"),
        ("wage: {place: \"US-CA\", unit: YEAR, gte: 80000}", "teaching"),
        ("not: {wage: {unit: YEAR, isNull: false}}", "acting other"),
    ] {
        assert_eq!(slugs(&format!("filter: {{{filter}}}, orderBy: {{slug: ASC}}")).await, expected, "{filter}");
    }
    assert_eq!(
        slugs("orderBy: [{wage: {unit: YEAR, direction: DESC}}, {slug: ASC}]").await,
        "teaching records acting other"
    );
    assert_eq!(
        slugs("orderBy: [{wage: {unit: HOUR, direction: ASC}}, {slug: ASC}]").await,
        "acting records other teaching"
    );
}

#[tokio::test]
async fn a_list_filtered_and_sorted_by_pay_takes_three_statements() {
    let caching = CacheOptions { cache_mib: 0, ..CacheOptions::default() };
    let server = synced(TestServer::with_settings(Settings { caching, ..Settings::default() }).await).await;
    let asked = async |query: &str| {
        let before = server.statements();
        let answer = server.http(Method::POST).json(&json!({ "query": query })).send().await.unwrap();
        let data = answer.json::<Value>().await.unwrap();
        assert_eq!(data["errors"], Value::Null);
        server.statements() - before
    };
    let list = "occupations(first: 50, filter: {wage: {place: \"US-CA\", unit: YEAR, gte: 1000}},
                  orderBy: [{wage: {place: \"US-CA\", unit: YEAR, direction: DESC}}])";
    let wage = "wage(place: \"US-CA\") { annual { median { value } } publishedFor { code } }";

    assert_eq!(asked(&format!("{{ {list} {{ nodes {{ code title {wage} }} }} }}")).await, 3);
    let projection = "projection { openings { value } publishedFor { code } entryEducation dataset { release } }";
    assert_eq!(
        asked(&format!("{{ occupation(code: \"25-2056.00\") {{ {projection} }} }}")).await,
        3,
        "one for the manifest"
    );
}

#[tokio::test]
async fn a_data_set_is_stale_from_its_next_release_on() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let manifest = |due: &str| {
        let text = format!(
            "kind: dataset\nslug: survey\ntitle: A survey\npublisher: An office\nrelease: May 2025\nlicence: CC-BY-4.0\n\
             attribution: An office, 2025\nnextReleaseOn: {due}\n"
        );
        folder.file("datasets/survey.yaml", &text)
    };
    let told = async || {
        server.query("{ dataset(slug: \"survey\") { findings { rule path } } }").await["dataset"]["findings"].clone()
    };

    server.publish(&[manifest("2999-01-01")]).await;
    assert_eq!(told().await, json!([]));
    server.publish(&[manifest("2026-01-01")]).await;
    assert_eq!(told().await, json!([{ "rule": "stale-dataset", "path": "nextReleaseOn" }]));
}

#[tokio::test]
async fn a_guide_that_differs_from_the_data_is_told_so() {
    let server = labour().await;
    let folder = Folder::new();
    folder.source("survey");
    let money = |amount: &str, period: &str| {
        format!("{{amount: {amount}, currency: USD, period: {period}, source: survey, asOf: 2025-05-01}}")
    };
    let percentile =
        |percentile: u32, amount: &str| format!("{{percentile: {percentile}, pay: {}}}", money(amount, "YEAR"));
    let pay = |median: String, percentiles: &[String]| {
        format!("pay: {{median: {median}, percentiles: [{}]}}\n", percentiles.join(", "))
    };
    let both = [("ONET_SOC", "29-2072.00"), ("SOC", "29-9021")];
    guide(&folder, "near", &both, &pay(money("49000", "YEAR"), &[percentile(90, "102000")]));
    guide(&folder, "far", &both, &pay(money("56000", "YEAR"), &[percentile(90, "104000"), percentile(20, "1")]));
    guide(&folder, "hourly", &[("SOC", "27-2011")], &pay(money("20.5", "HOUR"), &[]));
    guide(&folder, "annual", &[("SOC", "27-2011")], &pay(money("20000", "YEAR"), &[]));
    guide(&folder, "bound", &[("SOC", "29-1242")], &pay(money("400000", "YEAR"), &[]));
    guide(&folder, "below", &[("SOC", "29-1242")], &pay(money("200000", "YEAR"), &[]));
    server.publish(&[folder.path().to_owned()]).await;
    let told = async |slug: &str| {
        let query = format!(
            "{{ career(slug: \"{slug}\") {{ findings(rule: \"differs-from-data\") {{ severity path message }} }} }}"
        );
        server.query(&query).await["career"]["findings"].clone()
    };
    let finding = |message: &str| json!([{ "severity": "WARNING", "path": "pay.median", "message": message }]);

    assert_eq!(told("near").await, json!([]));
    assert_eq!(
        told("far").await,
        finding(
            "the guide says 56000 USD per year, and the data set `bls-oews` (May 2024) has 49920 for 29-2072, percentile 50; look it up again"
        )
    );
    assert_eq!(
        told("hourly").await,
        finding(
            "the guide says 20.5 USD per hour, and the data set `bls-oews` (May 2024) has 29 for 27-2011, percentile 50; look it up again"
        )
    );
    assert_eq!(told("annual").await, json!([]), "there is no annual wage to compare with");
    assert_eq!(told("bound").await, json!([]));
    assert_eq!(
        told("below").await,
        finding(
            "the guide says 200000 USD per year, and the data set `bls-oews` (May 2024) has at least 239200 for 29-1242, percentile 50; look it up again"
        )
    );
}
