//! N+1 is impossible to miss: every query here states how many SQL statements it may take.
use careerql_server::{CacheOptions, Settings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer, seed};

const GUIDE: &str = "
    title summary { plain } tags codes { code } relatedGuides { title }
    article { headline keyTakeaways { plain } domains { title } }
    roles { title duties { title description { html } } advancesTo { title } }
    workSettings { title }
    pay { summary { plain } }
    outlook { pace throughYear }
    advancement { title from { title } }
    training { pathways { title duration { low high } } recommendedPath { steps { title } } }
    aiImpact { verdict tasks { title } }
    faq { question answer { plain } }
    seo { title } image { url } hiddenTitles entryRoutes { title requirements } workingHours { pattern } restrictions { title }
    stories { name } licences { title } courseLinks { url } jobLinks { url }";

#[tokio::test]
async fn a_career_with_everything_in_it_takes_two_statements() {
    let server = TestServer::seeded().await;

    let answer =
        server.ask(&format!(r#"{{ career(slug: "health-information-technology") {{ {GUIDE} }} }}"#), json!({})).await;

    assert_eq!(answer.errors, Vec::<Value>::new());
    assert_eq!(answer.statements, 2);
}

/// A server that keeps nothing, but takes what it can from stored JSON.
async fn without_caches() -> TestServer {
    let caching = CacheOptions { cache_mib: 0, ..CacheOptions::default() };
    let server = TestServer::with_settings(Settings { caching, ..Settings::default() }).await;
    server.publish(&[seed()]).await;
    server
}

/// Answer to a selection of the seed's career there, and the number of its statements.
async fn asked_of(server: &TestServer, fields: &str) -> (Value, u64) {
    let query = format!(r#"{{ career(slug: "health-information-technology") {{ {fields} }} }}"#);
    let before = server.statements();
    let answer = server.http(Method::POST).json(&json!({ "query": query })).send().await.unwrap();
    let data = answer.json::<Value>().await.unwrap()["data"]["career"].take();
    (data, server.statements() - before)
}

#[tokio::test]
async fn what_will_be_looked_at_comes_with_the_entry() {
    let server = without_caches().await;
    let statements = async |fields: &str| asked_of(&server, fields).await.1;

    assert_eq!(statements("slug").await, 1);
    assert_eq!(statements("title roles { title } outlook { pace } faq { answer { html } }").await, 1);
    assert_eq!(statements("certifications { certification { title issuer { name } } }").await, 2);

    // Entries of two kinds, each with sections of its own.
    let both = "certifications { certification { title } } pay { median { source { title } } }";
    let (data, statements) = asked_of(&server, both).await;
    assert_eq!(statements, 2);
    let title = &data["certifications"][0]["certification"]["title"];
    assert_eq!(title, "Registered Health Information Technician", "{data}");
    assert!(data["pay"]["median"]["source"]["title"].is_string(), "{data}");
}

#[tokio::test]
async fn no_section_is_loaded_twice() {
    let server = without_caches().await;

    // The bands stand in a section that nobody announced. Their roles are looked for later: these are there already.
    let (data, statements) = asked_of(&server, "title roles { title } salaryBands { role { title } }").await;

    assert_eq!(data["salaryBands"][0]["role"], data["roles"][0], "{data}");
    assert_eq!(statements, 2);
}

#[tokio::test]
async fn each_hop_to_other_entries_takes_two_more() {
    let server = TestServer::seeded().await;
    let statements = async |fields: &str| {
        let query = format!(r#"{{ career(slug: "health-information-technology") {{ {GUIDE} {fields} }} }}"#);
        let answer = server.ask(&query, json!({})).await;
        assert_eq!(answer.errors, Vec::<Value>::new());
        answer.statements
    };

    assert_eq!(statements("certifications { certification { title issuer { name } } }").await, 4);
    assert_eq!(statements("pay { median { source { title publisher } } }").await, 4);
    assert_eq!(
        statements("certifications { certification { title careers { nodes { title } } } }").await,
        5,
        "the way back finds careers whose sections are loaded already"
    );
    assert_eq!(
        statements("roles { advancesFrom { nodes { title from { title } } } }").await,
        3,
        "the moves stand in this guide, whose sections are loaded already"
    );
    assert_eq!(
        statements("certifications { certification { title careers { totalCount nodes { title } } } }").await,
        6
    );
}

#[tokio::test]
async fn twenty_careers_cost_the_same_number_as_one() {
    let server = TestServer::empty().await;
    let content = Folder::new();
    content.source("survey");
    for number in 0..5 {
        content.certification(&format!("cert-{number}"), "Issuer");
    }
    for number in 0..20 {
        let certification = number % 5;
        let more = format!(
            "{}certifications: [{{certification: cert-{certification}, why: It helps., when: Early.}}]\n\
             roles: [{{key: one, title: One, duties: [{{title: Work, description: Working.}}]}}]\n",
            Folder::median(40_000 + number)
        );
        content.career(&format!("career-{number:02}"), &format!("Career {number:02}"), &more);
    }
    server.publish(&[content.path().to_owned()]).await;
    let statements = async |first: usize, total: &str| {
        let query = format!(
            "{{ careers(first: {first}) {{ {total} nodes {{ title roles {{ title duties {{ title }} advancesFrom {{ nodes {{ title }} }} }}
                 pay {{ median {{ amount source {{ title }} }} }}
                 certifications {{ certification {{ title careers(first: 2) {{ nodes {{ title }} }} }} }} }} }} }}"
        );
        let answer = server.ask(&query, json!({})).await;
        assert_eq!(answer.errors, Vec::<Value>::new());
        assert_eq!(answer.data["careers"]["nodes"].as_array().unwrap().len(), first);
        answer.statements
    };

    // The careers; their sections; the sources and certifications with their sections; the pages of both back links; the
    // sections of the careers these lead to. Some of it joins where the database is slow, or is loaded already.
    for first in [1, 2, 20] {
        let taken = statements(first, "").await;
        assert!((5..=7).contains(&taken), "first: {first} took {taken} statements");
        let taken = statements(first, "totalCount").await;
        assert!((6..=8).contains(&taken), "a total is one more: first: {first} took {taken} statements");
    }
}

#[tokio::test]
async fn each_list_of_what_a_site_asks_takes_as_many_statements_as_it_has_levels() {
    let server = without_caches().await;
    let cases = [
        ("{ category(slug: \"career-guide\") { title parents { title } } }", 1),
        ("{ category(slug: \"career-guide\") { title careers { nodes { title } } children { nodes { title } } } }", 4),
        ("{ categories { nodes { title careers { totalCount nodes { title } } } } }", 5),
        ("{ entryRoutes { nodes { title requirements } } }", 2),
        ("{ licences { nodes { title place } } }", 1),
        (
            "{ careers { nodes { title updatedAt seo { title } image { url } workingHours { pattern } jobLinks { url } } } }",
            3,
        ),
        ("{ changes(since: \"0\") { nodes { slug change } } }", 1),
    ];
    let mut counted = Vec::new();
    for (query, _) in cases {
        let before = server.statements();
        let answer = server.http(Method::POST).json(&json!({ "query": query })).send().await.unwrap();
        let body = answer.json::<Value>().await.unwrap();
        assert_eq!(body.get("errors"), None, "{query}: {body}");
        counted.push((query, server.statements() - before));
    }
    assert_eq!(counted, cases);
}

#[tokio::test]
async fn a_total_alone_is_one_statement() {
    let server = TestServer::seeded().await;

    let answer = server.ask("{ careers { totalCount } }", json!({})).await;

    assert_eq!(answer.data["careers"]["totalCount"], 1);
    assert_eq!(answer.statements, 1);
}

#[tokio::test]
async fn nodes_of_many_types_are_found_together() {
    let server = TestServer::seeded().await;
    let found = server
        .query("{ roles(first: 3) { nodes { id } } faqs(first: 3) { nodes { id } } certifications(first: 3) { nodes { id } } }")
        .await;
    let ids: Vec<&str> = ["roles", "faqs", "certifications"]
        .iter()
        .flat_map(|list| found[list]["nodes"].as_array().unwrap())
        .map(|node| node["id"].as_str().unwrap())
        .collect();

    let query =
        "query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Role { title } ... on FaqQuestion { question }
                 ... on Certification { title } } }";
    let answer = server.ask(query, json!({ "ids": ids })).await;

    assert_eq!(answer.data["nodes"].as_array().unwrap().iter().filter(|node| node.is_object()).count(), 9);
    assert_eq!(answer.statements, 3, "the entries, their sections, and the sections of the certifications");
}
