//! Growth: what a hundredfold collection costs.
use serde_json::{Value, json};

use crate::{
    Result,
    generate::slug,
    load::{Load, Requests, ask, request},
    serve::{COLD, Server, THIN, median},
};

/// Number and length of the measurements of each query that must not cost more in a larger collection: in short turns, as the machine
/// may be faster in one than in the next.
const SHORT_ROUNDS: (usize, &str) = (15, "300ms");

/// Queries whose cost must not grow with the collection: median times, nothing kept, one connection; the collections in turns.
pub(crate) async fn measure(collections: &[(usize, String)], load: &Load) -> Result<()> {
    let (rounds, duration) = SHORT_ROUNDS;
    let load = &Load { duration: duration.to_owned(), ..load.clone() };
    let mut servers = Vec::new();
    for (careers, url) in collections {
        let server = Server::careerql(url, &COLD, load).await?;
        let queries = growing(&server, *careers).await?;
        for (_, query) in &queries {
            ask(server.address(), query).await?;
        }
        servers.push((server, queries));
    }
    let (Some((from, _)), Some((to, _))) = (collections.first(), collections.last()) else { return Ok(()) };
    crate::say(format_args!(
        "\n## Growth (nothing kept, one connection, p50)\n\n| query | {from} careers, ms | {to} careers, ms | ratio |\n|---|---|---|---|"
    ))?;
    for number in 0..servers[0].1.len() {
        let mut times = vec![Vec::new(); servers.len()];
        for _ in 0..rounds {
            for ((server, queries), times) in servers.iter().zip(&mut times) {
                times.push(load.run(server.address(), &Requests::Same(queries[number].1.clone()), 1)?.p50);
            }
        }
        let (small, large) = (&times[0], &times[times.len() - 1]);
        let ratio = median(large.iter().zip(small).map(|(large, small)| large / small));
        let (name, small, large) =
            (servers[0].1[number].0, median(small.iter().copied()), median(large.iter().copied()));
        crate::say(format_args!("| {name} | {small:.2} | {large:.2} | {ratio:.2} |"))?;
    }
    Ok(())
}

/// The queries that are asked of collections of different sizes.
async fn growing(server: &Server, careers: usize) -> Result<[(&'static str, Value); 14]> {
    let list = |arguments: &str| json!({ "query": format!("{{ careers({arguments}) {{ nodes {{ title }} pageInfo {{ endCursor }} }} }}") });
    let ordered =
        r#"filter: { medianPay: { gte: 60000 }, title: { contains: "planner" } }, orderBy: [{ medianPay: DESC }]"#;
    let deep = deep(server, careers).await?;
    Ok([
        ("by slug", request(THIN, json!({ "slug": slug(careers / 2) }))),
        ("first page", list("first: 20")),
        ("filtered and ordered page", list(&format!("first: 20, {ordered}"))),
        (
            "ordered page, 9 of 10 rows in",
            list(&format!("first: 20, orderBy: [{{ medianPay: DESC }}], after: \"{deep}\"")),
        ),
        ("filtered total", json!({ "query": "{ careers(filter: { medianPay: { gte: 100000 } }) { totalCount } }" })),
        ("total", json!({ "query": "{ careers { totalCount } }" })),
        ("updated last", list("first: 20, orderBy: [{ updatedAt: DESC }]")),
        ("updated since, none", list(r#"first: 20, filter: { updatedAt: { gt: "2100-01-01T00:00:00Z" } }"#)),
        ("changes", json!({ "query": "{ changes(since: \"0\", first: 20) { nodes { kind slug change } } }" })),
        ("categories", json!({ "query": "{ categories { nodes { title } } }" })),
        (
            "careers of a category",
            json!({ "query": "{ category(slug: \"health\") { careers(first: 20) { nodes { title } } } }" }),
        ),
        ("by category", list(r#"first: 20, filter: { category: { eq: "health" } }"#)),
        ("by tag", list(r#"first: 20, filter: { tag: { eq: "planner" } }"#)),
        ("by certification", list(r#"first: 20, filter: { certifications: { some: { issuer: { eq: "Board 3" } } } }"#)),
    ])
}

/// A cursor about nine tenths into the careers by median pay.
async fn deep(server: &Server, careers: usize) -> Result<String> {
    let order = "orderBy: [{ medianPay: DESC }]";
    let low = json!({ "query": format!("{{ careers(first: 1, filter: {{ medianPay: {{ lte: 35000 }} }}, {order}) {{ nodes {{ slug }} edges {{ cursor }} }} }}") });
    let (answer, _) = ask(server.address(), &low).await?;
    let cursor = answer["data"]["careers"]["edges"][0]["cursor"].as_str();
    Ok(cursor.ok_or_else(|| format!("none of {careers} careers pays little"))?.to_owned())
}
