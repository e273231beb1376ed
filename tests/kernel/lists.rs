//! Lists: filters, orders, pages and totals.
use serde_json::{Value, json};

use crate::harness::{Folder, TestServer};

/// Six careers: `a` to `f`, with a median pay that rises, ties, and is missing for `c` and `f`.
async fn six_careers() -> TestServer {
    let server = TestServer::empty().await;
    let content = Folder::new();
    content.source("survey");
    content.certification("alpha", "First");
    content.certification("beta", "Second");
    let certified = |slug: &str| format!("certifications: [{{certification: {slug}, why: It helps., when: Early.}}]\n");
    let role = |level: &str| format!("roles: [{{key: one, title: One, level: {level}}}]\n");
    content.career("a", "Ärztin", &[Folder::median(50_000), certified("alpha"), role("ENTRY")].concat());
    content.career("b", "100% remote", &[Folder::median(40_000), certified("alpha")].concat());
    content.career("c", "Carer", &[certified("beta"), role("ENTRY")].concat());
    content.career("d", "driver_x", &[Folder::median(50_000), role("SENIOR")].concat());
    content.career("e", "Electrician", &[Folder::median(70_000), "tags: [power, trade]\n".into()].concat());
    content.career("f", "Farmer", "tags: [trade]\n");
    server.publish(&[content.path().to_owned()]).await;
    server
}

async fn slugs(server: &TestServer, arguments: &str) -> Vec<String> {
    let data = server.query(&format!("{{ careers{arguments} {{ nodes {{ slug }} }} }}")).await;
    let nodes = data["careers"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn operators_filter() {
    let server = six_careers().await;
    let cases = [
        (r#"{title: {contains: "R"}}"#, "a b c d e f"),
        (r#"{title: {eq: "ELECTRICIAN"}}"#, "e"),
        (r#"{title: {contains: "%"}}"#, "b"),
        (r#"{title: {contains: "_"}}"#, "d"),
        (r#"{title: {startsWith: "äR"}}"#, "a"),
        (r#"{title: {endsWith: "er"}}"#, "c f"),
        (r#"{title: {in: ["carer", "farmer"]}}"#, "c f"),
        (r"{title: {in: []}}", ""),
        (r"{title: {notIn: []}}", "a b c d e f"),
        (r#"{slug: {in: ["a", "b"]}}"#, "a b"),
        (r#"{slug: {ne: "a"}}"#, "b c d e f"),
        ("{medianPay: {gte: 50000}}", "a d e"),
        ("{medianPay: {gt: 50000, lt: 80000}}", "e"),
        ("{medianPay: {isNull: true}}", "c f"),
        ("{category: {isNull: true}}", "a b c d e f"),
        ("{category: {isNull: false}}", ""),
        ("{medianPay: {ne: 50000}}", "b c e f"),
        ("{not: {medianPay: {gt: 50000}}}", "a b c d f"),
        ("{not: {medianPay: {ne: 50000}}}", "a d"),
        (r#"{tag: {eq: "trade"}}"#, "e f"),
        (r#"{or: [{slug: {eq: "a"}}, {slug: {eq: "b"}}]}"#, "a b"),
        (r#"{and: [{medianPay: {gte: 50000}}, {title: {contains: "r"}}], not: {slug: {eq: "e"}}}"#, "a d"),
        ("{}", "a b c d e f"),
        ("{or: []}", ""),
        ("{or: [{}]}", "a b c d e f"),
        ("{and: []}", "a b c d e f"),
        ("{not: {}}", ""),
        ("{title: null}", "a b c d e f"),
    ];
    for (filter, expected) in cases {
        let found = slugs(&server, &format!("(filter: {filter}, orderBy: {{slug: ASC}})")).await;
        assert_eq!(found.join(" "), expected, "{filter}");
    }
}

#[tokio::test]
async fn filters_reach_into_relations() {
    let server = six_careers().await;
    let cases = [
        (r#"{certifications: {some: {issuer: {eq: "first"}}}}"#, "a b"),
        (r#"{certifications: {none: {issuer: {eq: "first"}}}}"#, "c d e f"),
        (r#"{certifications: {every: {issuer: {eq: "second"}}}}"#, "c d e f"),
        (r#"{certifications: {some: {}, every: {issuer: {eq: "second"}}}}"#, "c"),
        ("{roles: {some: {level: {eq: ENTRY}}}}", "a c"),
        ("{roles: {some: {level: {in: [ENTRY, SENIOR]}}}, certifications: {none: {}}}", "d"),
        (r#"{certifications: {some: {careers: {some: {slug: {eq: "b"}}}}}}"#, "a b"),
        (r"{roles: {some: {career: {roles: {some: {level: {eq: SENIOR}}}}}}}", "d"),
    ];
    for (filter, expected) in cases {
        let found = slugs(&server, &format!("(filter: {filter}, orderBy: {{slug: ASC}})")).await;
        assert_eq!(found.join(" "), expected, "{filter}");
    }
    let found = server
        .query(r"{ certifications(filter: {careers: {some: {medianPay: {lt: 45000}}}}) { nodes { slug } } }")
        .await;
    assert_eq!(found["certifications"]["nodes"], json!([{ "slug": "alpha" }]));
}

#[tokio::test]
async fn a_filter_that_is_too_deep_is_refused() {
    let server = six_careers().await;
    let filter = format!("{}{{}}{}", "{not: ".repeat(40), "}".repeat(40));

    let answer = server.ask(&format!("{{ careers(filter: {filter}) {{ totalCount }} }}"), json!({})).await;

    assert_eq!(answer.codes(), ["FILTER_TOO_DEEP"]);
}

#[tokio::test]
async fn missing_values_come_last_and_ties_are_broken_by_key_in_the_direction_of_the_last_criterion() {
    let server = six_careers().await;

    assert_eq!(slugs(&server, "").await.join(" "), "b c d e f a", "by title, folded, byte by byte");
    assert_eq!(slugs(&server, "(orderBy: {medianPay: ASC})").await.join(" "), "b a d e c f");
    assert_eq!(slugs(&server, "(orderBy: {medianPay: DESC})").await.join(" "), "e d a b f c");
    assert_eq!(slugs(&server, "(orderBy: [{medianPay: DESC}, {slug: ASC}])").await.join(" "), "e a d b c f");
}

/// Walks a list page by page, forwards or backwards; every page must be as long as it may.
async fn walk(server: &TestServer, order: &str, size: usize, forwards: bool) -> Vec<String> {
    let (count, cursor) = if forwards { ("first", "after") } else { ("last", "before") };
    let mut walked: Vec<String> = Vec::new();
    let mut place = Value::Null;
    loop {
        let query = format!(
            "query($place: String) {{ careers(orderBy: {order}, {count}: {size}, {cursor}: $place) {{
                 nodes {{ slug }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} totalCount }} }}"
        );
        let answer = server.ask(&query, json!({ "place": place })).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        let page = &answer.data["careers"];
        assert_eq!(page["totalCount"], 6);
        let slugs: Vec<String> =
            page["nodes"].as_array().unwrap().iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect();
        let more = &page["pageInfo"][if forwards { "hasNextPage" } else { "hasPreviousPage" }];
        place = page["pageInfo"][if forwards { "endCursor" } else { "startCursor" }].clone();
        if forwards {
            walked.extend(slugs);
        } else {
            walked.splice(0..0, slugs);
        }
        if *more == false {
            return walked;
        }
        assert!(walked.len().is_multiple_of(size) && walked.len() < 6, "{walked:?}");
    }
}

#[tokio::test]
async fn pages_cover_every_order_without_gap_or_overlap() {
    let server = six_careers().await;
    for order in [
        "{slug: ASC}",
        "{slug: DESC}",
        "{title: DESC}",
        "{medianPay: ASC}",
        "{medianPay: DESC}",
        "[{medianPay: DESC}, {title: DESC}]",
        "[{publishedOn: ASC}, {growth: DESC}, {medianPay: ASC}]",
    ] {
        let whole = slugs(&server, &format!("(orderBy: {order})")).await;
        for size in 1..=6 {
            assert_eq!(walk(&server, order, size, true).await, whole, "{order}, first: {size}");
            assert_eq!(walk(&server, order, size, false).await, whole, "{order}, last: {size}");
        }
    }
}

#[tokio::test]
async fn wrong_pages_are_refused_with_a_code() {
    let server = six_careers().await;
    let cursor = server.query("{ careers(orderBy: {slug: ASC}, first: 1) { pageInfo { endCursor } } }").await;
    let cursor = cursor["careers"]["pageInfo"]["endCursor"].as_str().unwrap();
    let cases = [
        ("first: 101".to_owned(), "PAGE_TOO_LARGE"),
        ("last: 2000000".to_owned(), "PAGE_TOO_LARGE"),
        ("first: -1".to_owned(), "BAD_PAGE"),
        ("first: 1, last: 1".to_owned(), "BAD_PAGE"),
        (r#"after: "nonsense""#.to_owned(), "BAD_CURSOR"),
        (r#"after: """#.to_owned(), "BAD_CURSOR"),
        (format!(r#"after: "{cursor}", orderBy: {{title: ASC}}"#), "BAD_CURSOR"),
        ("orderBy: {title: ASC, slug: ASC}".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("orderBy: {}".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("filter: {titel: {eq: \"x\"}}".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (arguments, code) in cases {
        let answer = server.ask(&format!("{{ careers({arguments}) {{ nodes {{ slug }} }} }}"), json!({})).await;
        assert_eq!(answer.codes(), [code], "{arguments}: {:?}", answer.errors);
    }
    let none =
        server.query("{ careers(first: 0) { nodes { slug } pageInfo { hasNextPage endCursor } totalCount } }").await;
    assert_eq!(
        none["careers"],
        json!({ "nodes": [], "pageInfo": { "hasNextPage": true, "endCursor": null }, "totalCount": 6 })
    );
}

#[tokio::test]
async fn back_links_are_lists_like_any_other() {
    let server = six_careers().await;

    let found = server
        .query(
            r"{ certifications { nodes { slug
                   all: careers(orderBy: {slug: DESC}) { totalCount nodes { slug } pageInfo { hasNextPage } }
                   one: careers(first: 1, orderBy: {slug: ASC}) { nodes { slug } pageInfo { hasNextPage endCursor } }
                   rich: careers(filter: {medianPay: {gt: 45000}}) { totalCount nodes { slug } } } } }",
        )
        .await;
    let (alpha, beta) = (&found["certifications"]["nodes"][0], &found["certifications"]["nodes"][1]);
    assert_eq!(alpha["all"]["nodes"], json!([{ "slug": "b" }, { "slug": "a" }]));
    assert_eq!(alpha["all"]["totalCount"], 2);
    assert_eq!(alpha["one"]["nodes"], json!([{ "slug": "a" }]));
    assert_eq!(alpha["one"]["pageInfo"]["hasNextPage"], true);
    assert_eq!(alpha["rich"], json!({ "totalCount": 1, "nodes": [{ "slug": "a" }] }));
    assert_eq!(beta["all"]["totalCount"], 1);
    assert_eq!(beta["rich"], json!({ "totalCount": 0, "nodes": [] }));

    let cursor = alpha["one"]["pageInfo"]["endCursor"].as_str().unwrap();
    let next = server
        .query(&format!(
            r#"{{ certification(code: "ALPHA") {{ careers(first: 1, after: "{cursor}", orderBy: {{slug: ASC}}) {{
                   nodes {{ slug }} pageInfo {{ hasNextPage hasPreviousPage }} }} }} }}"#
        ))
        .await;
    assert_eq!(next["certification"]["careers"]["nodes"], json!([{ "slug": "b" }]));
    assert_eq!(next["certification"]["careers"]["pageInfo"], json!({ "hasNextPage": false, "hasPreviousPage": true }));
}

#[tokio::test]
async fn an_empty_database_has_empty_lists() {
    let server = TestServer::empty().await;

    let found = server
        .query(r#"{ careers { totalCount nodes { slug } } faqs { nodes { id } } career(slug: "none") { slug } }"#)
        .await;

    assert_eq!(found, json!({ "careers": { "totalCount": 0, "nodes": [] }, "faqs": { "nodes": [] }, "career": null }));
}
