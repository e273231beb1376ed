//! Amounts of money are compared within their currency and period, in filters and orders, and in old databases.
use sea_orm::ConnectionTrait as _;

use crate::harness::{Binary, Folder, TestServer};

fn median(amount: &str, currency: &str, period: &str) -> String {
    let period = if period.is_empty() { String::new() } else { format!("period: {period}, ") };
    format!("pay: {{median: {{amount: {amount}, currency: {currency}, {period}source: survey, asOf: 2025-05-01}}}}\n")
}

fn pathway(key: &str, cost: &str) -> String {
    format!(
        "    - {{key: {key}, title: {key}, credential: CERTIFICATE, duration: {{low: P1Y, source: survey, asOf: 2025-05-01}}, \
         cost: {{{cost}, source: survey, asOf: 2025-05-01}}, suits: All.}}\n"
    )
}

async fn content() -> TestServer {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    folder.source("survey");
    folder.career("hour", "The H", &median("25", "USD", "HOUR"));
    folder.career("month", "The M", &median("5000.5", "USD", "MONTH"));
    folder.career("year", "The Y", &median("48000", "USD", "YEAR"));
    folder.career("euro", "The E", &median("30", "EUR", "HOUR"));
    folder.career("none", "The N", "");
    folder.career("once", "The O", &median("7", "USD", ""));
    let pathways =
        ["cheap,low: 400, high: 900, currency: USD", "dear,low: 20000, currency: USD", "euro,low: 500, currency: EUR"];
    let mut pathways: Vec<_> =
        pathways.iter().filter_map(|text| text.split_once(',')).map(|(key, cost)| pathway(key, cost)).collect();
    pathways.push(pathway("yearly", "low: 300, currency: USD, period: YEAR"));
    folder.career("ways", "The W", &format!("training:\n  pathways:\n{}", pathways.concat()));
    server.publish(&[folder.path().to_owned()]).await;
    server
}

async fn slugs(server: &TestServer, arguments: &str) -> String {
    let data = server.query_once(&format!("{{ careers({arguments}) {{ nodes {{ slug }} }} }}")).await;
    let nodes = data["careers"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
}

async fn check(server: &TestServer) {
    for (filter, expected) in [
        ("{lt: 500}", ""),
        ("{gte: 0}", "year"),
        ("{gt: 48000}", ""),
        ("{lte: 48000}", "year"),
        ("{eq: 48000, period: YEAR}", "year"),
        ("{eq: 52000}", ""),
        ("{eq: 25}", ""),
        ("{eq: 25, period: HOUR}", "hour"),
        ("{gte: 20, lt: 30, period: HOUR}", "hour"),
        ("{lt: 500, period: HOUR}", "hour"),
        ("{gte: 5000, lt: 5001, period: MONTH}", "month"),
        ("{ne: 48000}", "euro hour month none once ways"),
        ("{ne: 25, period: HOUR}", "euro month none once ways year"),
        ("{gt: 1, currency: \"EUR\"}", ""),
        ("{gt: 1, currency: \"EUR\", period: HOUR}", "euro"),
        ("{lt: 30, currency: \"EUR\", period: HOUR}", ""),
        ("{lte: 30, currency: \"EUR\", period: HOUR}", "euro"),
        ("{isNull: false}", "euro hour month year"),
        ("{isNull: true}", "none once ways"),
    ] {
        assert_eq!(
            slugs(server, &format!("filter: {{medianPay: {filter}}}, orderBy: {{slug: ASC}}")).await,
            expected,
            "{filter}"
        );
        let others = slugs(server, &format!("filter: {{not: {{medianPay: {filter}}}}}, orderBy: {{slug: ASC}}")).await;
        assert_eq!(expected.split_whitespace().count() + others.split_whitespace().count(), 7, "not {filter}");
    }
    assert_eq!(slugs(server, "orderBy: {medianPay: ASC}").await, "euro hour month year none once ways");
    assert_eq!(slugs(server, "orderBy: {medianPay: DESC}").await, "year month hour euro ways once none");
    let pathways = async |arguments: &str| {
        let data = server.query_once(&format!("{{ trainingPathways({arguments}) {{ nodes {{ key }} }} }}")).await;
        let nodes = data["trainingPathways"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(pathways("filter: {minCost: {lt: 1000}}").await, "cheap");
    assert_eq!(pathways("filter: {maxCost: {lte: 900}}").await, "cheap");
    assert_eq!(pathways("filter: {minCost: {lt: 1000, currency: \"EUR\"}}").await, "euro");
    assert_eq!(pathways("filter: {minCost: {lt: 1000, period: YEAR}}").await, "", "costs are paid once");
    assert_eq!(pathways("orderBy: {minCost: ASC}").await, "euro cheap dear yearly");
}

#[tokio::test]
async fn pay_of_different_periods_and_currencies_is_not_mixed() {
    check(&content().await).await;
}

#[tokio::test]
async fn amounts_of_an_old_database_are_compared_alike() {
    let server = content().await;
    // As an earlier version left it.
    for statement in [
        "DROP INDEX career_by_median_pay",
        "ALTER TABLE career DROP COLUMN median_pay",
        "ALTER TABLE career ADD COLUMN median_pay double precision",
        "CREATE INDEX career_by_median_pay ON career (median_pay)",
        "UPDATE career SET median_pay = 25 WHERE node_key = 'hour'",
        "DELETE FROM migration_careers WHERE version LIKE '%000051_pay' OR version LIKE '%_pay_periods'",
        "DROP INDEX training_pathway_by_least_cost",
        "DROP INDEX training_pathway_by_most_cost",
        "ALTER TABLE training_pathway DROP COLUMN least_cost",
        "ALTER TABLE training_pathway DROP COLUMN most_cost",
        "ALTER TABLE training_pathway ADD COLUMN min_cost double precision",
        "ALTER TABLE training_pathway ADD COLUMN max_cost double precision",
        "CREATE INDEX training_pathway_max_cost ON training_pathway (max_cost)",
        "DELETE FROM migration_training WHERE version LIKE '%000051_costs'",
    ] {
        server.db.execute_unprepared(statement).await.expect(statement);
    }

    let output = Binary::new(&["migrate"]).database(&server.database.url).run().await;

    assert_eq!(output.status, 0, "{}", output.err);
    check(&server).await;
}
