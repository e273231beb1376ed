//! Figures, codes and tags that cannot be right are found, and what is stored already can still be published.
use careers::document::PlaceCode;
use kernel::{Link, Number, list::ListValue as _, scalar::Date, store::Mode};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use sources::{Currency, Money, PayPeriod};

use crate::harness::{Binary, Folder, TestServer};

const FIGURE: &str = "currency: USD, period: YEAR, source: survey, asOf: 2025-05-01";
const DATED: &str = "source: survey, asOf: 2025-05-01";

async fn career(more: &str) -> Vec<String> {
    let folder = Folder::new();
    folder.source("survey");
    folder.career("x", "X", more);
    let output = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;
    let prefix = format!("{}/careers/x.yaml:", folder.path().display());
    let mut lines: Vec<_> = output.out.lines().map(|line| line.replace(&prefix, "")).collect();
    lines.pop();
    lines
}

#[tokio::test]
async fn what_cannot_be_right_is_found() {
    let outlook = |growth: &str, openings: &str| {
        format!(
            "outlook: {{growth: {{percent: {growth}, {DATED}}}, throughYear: 2034, pace: DECLINE, openings: {{count: {openings}, period: YEAR, {DATED}}}}}\n"
        )
    };
    let percentiles = |points: &[(u8, u32)]| {
        let points = points
            .iter()
            .map(|(percentile, amount)| format!("{{percentile: {percentile}, pay: {{amount: {amount}, {FIGURE}}}}}"));
        format!("pay: {{median: {{amount: 50, {FIGURE}}}, percentiles: [{}]}}\n", points.collect::<Vec<_>>().join(", "))
    };
    let way = |duration: &str, cost: &str| {
        format!(
            "training: {{pathways: [{{key: a, title: A, credential: MASTER, suits: All., duration: {{low: {duration}, {DATED}}}, \
             cost: {{low: {cost}, currency: USD, {DATED}}}}}]}}\n"
        )
    };
    let code = |scheme: &str, code: &str| {
        format!("codes: [{{scheme: {scheme}, version: '2018', code: '{code}', match: EXACT}}]\n")
    };
    for (text, expected) in [
        ("tags: [one, two, one]\n".to_owned(), "error[duplicate-value] tags[2]: `one` is already at tags[0]"),
        ("alternateTitles: [Straße, STRASSE]\n".to_owned(), "error[duplicate-value] alternateTitles[1]: "),
        ("alternateTitles: [\"caf\\u00e9\", \"Cafe\\u0301\"]\n".to_owned(), "error[duplicate-value] alternateTitles[1]: "),
        (
            "codes: [{scheme: SOC, version: '2018', code: 29-2072, match: EXACT}, {scheme: SOC, version: '2018', code: 29-2072, match: CLOSE}]\n".to_owned(),
            "error[duplicate-value] codes[1]: ",
        ),
        (percentiles(&[(90, 90), (90, 91)]), "error[duplicate-value] pay.percentiles[1]: "),
        (percentiles(&[(10, 100), (90, 90)]), "error[percentile-order] pay.median: "),
        (percentiles(&[(90, 20)]), "error[percentile-order] pay.percentiles[0].pay: percentile 90 is 20, less than percentile 50, which is 50"),
        (code("SOC", "29-20X2"), "error[code-format] codes[0].code: `29-20X2` is not a code of this classification; a SOC code is written like"),
        (code("SOC", "29-2072.00"), "error[code-format] codes[0].code: "),
        (code("ONET_SOC", "29-2072"), "error[code-format] codes[0].code: "),
        (code("ISCO", "12345"), "error[code-format] codes[0].code: "),
        (outlook("-101", "5"), "error[out-of-range] outlook.growth.percent: it is -101, and nothing can fall by more than 100 %"),
        (outlook("5", "-1"), "error[out-of-range] outlook.openings.count: it is -1, and a number of people"),
        (format!("pay: {{median: {{amount: -1, {FIGURE}}}}}\n"), "error[out-of-range] pay.median.amount: "),
        (way("P0D", "5"), "error[out-of-range] training.pathways[0].duration.low: "),
        (way("P1Y", "-5"), "error[out-of-range] training.pathways[0].cost.low: "),
        (
            format!("pay: {{median: {{amount: 5, {}}}}}\n", FIGURE.replace("2025", "2050")),
            "error[future-date] pay.median.asOf: 2050-05-01 is in the future",
        ),
        ("tags: [c]\n".to_owned(), "warning[ambiguous-tag] tags[0]: `c` may stand for C, C++ and C#"),
    ] {
        let lines = career(&text).await;
        assert_eq!(lines.len(), 1, "{expected}: {lines:#?}");
        assert!(lines[0].contains(expected), "{expected}: {lines:#?}");
    }
    for fine in [
        percentiles(&[(10, 20), (25, 50), (75, 50), (90, 90)]),
        code("ONET_SOC", "29-2072.01"),
        code("CIP", "51.0707"),
        code("ESCO", "http://data.europa.eu/esco/occupation/x"),
        outlook("-100", "0"),
        way("P1D", "0"),
        "tags: [c-language, c-plus-plus, c-sharp]\nalternateTitles: [C, C++, C#]\n".to_owned(),
    ] {
        assert_eq!(career(&fine).await, Vec::<String>::new(), "{fine}");
    }
}

#[tokio::test]
async fn what_is_stored_already_can_be_published() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.import(&[folder.career("a", "A title", "tags: [one, two]\n")], Mode::Draft).await;
    // As a version without these rules left it.
    let old = "UPDATE section SET body = REPLACE(REPLACE(body, 'two', 'one'), 'A title', 'A\\u0007 title')";
    server.db.execute_unprepared(old).await.unwrap();
    let token = server.token(&["read-drafts", "publish"]).await;

    let publish = "mutation { publish(entries: [{kind: CAREER, slug: \"a\"}]) { errors { code } warnings { finding { rule severity } } } }";
    let published = server.send(&token, publish, json!({})).await["data"]["publish"].clone();

    assert_eq!(published["errors"], json!([]), "{published}");
    let rules: Vec<_> =
        published["warnings"].as_array().unwrap().iter().map(|warning| &warning["finding"]["rule"]).collect();
    assert!(rules.contains(&&json!("duplicate-value")) && rules.contains(&&json!("character")), "{published}");
    let seen = server.query("{ career(slug: \"a\") { title } }").await;
    assert_eq!(seen["career"]["title"], "A\u{7} title", "what is stored is answered as it stands");
}

#[test]
fn places_are_codes_not_names() {
    for code in ["US", "US-CA", "US-DC", "US-x-rural"] {
        assert!(PlaceCode::parse(code).is_some(), "{code}");
    }
    for text in ["", "California", "CA", "us-ca", "US-ZZ", "US-x-", "DE-BY"] {
        assert!(PlaceCode::parse(text).is_none(), "{text}");
    }
}

#[test]
fn columns_of_money_sort_like_amounts_within_a_currency_and_a_period() {
    let key = |currency: &str, amount: f64| {
        let (currency, as_of) = (Currency::parse(currency).unwrap(), Date(chrono::NaiveDate::default()));
        let period = Some(PayPeriod::Year);
        let money = Money { amount: Number(amount), currency, period, source: Link::to("survey"), as_of };
        money.pay().unwrap().stored()
    };
    let amounts = [f64::MIN, -5.5, -0.1, 0.0, 0.1, 1.0, 9.0, 10.0, 48_000.0, 48_000.5, 1e12];
    let keys: Vec<_> = amounts.iter().map(|amount| key("USD", *amount)).collect();
    assert!(keys.is_sorted() && keys.windows(2).all(|pair| pair[0] != pair[1]), "{keys:?}");
    assert!(key("EUR", 1e12) < key("USD", 0.0));
    assert_eq!(key("USD", -0.0), key("USD", 0.0));
}

#[tokio::test]
async fn a_number_keeps_its_last_digit() {
    let folder = Folder::new();
    // With arithmetic that is fast and not exact, its last digit would be another.
    let number = "31.245270191439438";
    let outlook = format!("outlook: {{growth: {{percent: {number}, {DATED}}}, throughYear: 2034, pace: DECLINE}}\n");
    let server = TestServer::empty().await;
    server.import(&[folder.source("survey"), folder.career("a", "A title", &outlook)], Mode::Publish).await;
    let seen = server.query("{ career(slug: \"a\") { outlook { growth { percent } } } }").await;
    assert_eq!(seen["career"]["outlook"]["growth"]["percent"].to_string(), number);
}
