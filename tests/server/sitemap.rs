//! The sitemap: the addresses of what is published, and of nothing else.
use std::io::Read as _;

use careerql_server::{CacheOptions, Settings, SitemapOptions};
use kernel::store::Mode;
use reqwest::{Method, Response, StatusCode};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestDatabase, TestServer};

const CAREERS: &str = "career=https://www.example.com/careers/{slug}?a=1&b=2";

async fn server(templates: &[&str]) -> TestServer {
    let site_url_templates = templates.iter().map(|template| template.parse().unwrap()).collect();
    let caching = CacheOptions { shared_max_age_seconds: Some(60), ..CacheOptions::default() };
    TestServer::with_settings(Settings {
        sitemap: SitemapOptions { site_url_templates },
        caching,
        ..Settings::default()
    })
    .await
}

async fn ask(server: &TestServer, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let url = server.http(Method::GET).build().unwrap().url().join(path).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.request(method, url);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

async fn text(server: &TestServer, path: &str) -> String {
    let answer = ask(server, Method::GET, path, &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.unwrap()
}

/// Addresses of a sitemap.
fn addresses(xml: &str) -> Vec<&str> {
    xml.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap()).collect()
}

async fn run(server: &TestServer, token: &str, mutation: &str) {
    let body = server.send(token, &format!("mutation {{ {mutation} }}"), json!({})).await;
    assert!(body.get("errors").is_none() && !body.to_string().contains("\"code\":"), "{body:#}");
}

#[tokio::test]
async fn it_names_the_pages_of_what_is_published() {
    let (server, folder) = (server(&[CAREERS, "source=https://www.example.com/sources/{slug}"]).await, Folder::new());
    server.publish(&[folder.career("nurse", "N", ""), folder.career("baker", "B", ""), folder.source("bls")]).await;
    server.publish(&[folder.certification("cpr", "Someone")]).await;
    server.import(&[folder.career("draft", "D", "")], Mode::Draft).await;

    let xml = text(&server, "/sitemap.xml").await;

    let at = server.query("{ career(slug: \"baker\") { updatedAt } }").await["career"]["updatedAt"].clone();
    let at = format!("{}Z", at.as_str().unwrap().split('.').next().unwrap());
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n<url>"));
    assert!(xml.ends_with("</url>\n</urlset>\n"), "{xml}");
    assert!(
        xml.contains(&format!(
            "<url><loc>https://www.example.com/careers/baker?a=1&amp;b=2</loc><lastmod>{at}</lastmod></url>\n"
        )),
        "{xml}"
    );
    let page = |slug: &str| format!("https://www.example.com/careers/{slug}?a=1&amp;b=2");
    assert_eq!(addresses(&xml), [page("baker"), page("nurse"), "https://www.example.com/sources/bls".to_owned()]);

    let token = server.token(&["publish", "read-drafts", "write"]).await;
    run(&server, &token, "rename(kind: CAREER, slug: \"nurse\", to: \"carer\") { errors { code } }").await;
    run(&server, &token, "unpublish(entries: [{kind: CAREER, slug: \"baker\"}]) { errors { code } }").await;
    let xml = text(&server, "/sitemap.xml").await;
    assert_eq!(addresses(&xml), [page("carer"), "https://www.example.com/sources/bls".to_owned()]);
    // Nobody sees drafts there, whatever they may see elsewhere.
    let answer = ask(
        &server,
        Method::GET,
        "/sitemap.xml",
        &[("authorization", &format!("Bearer {token}")), ("careerql-perspective", "draft")],
    )
    .await;
    assert_eq!(answer.text().await.unwrap(), xml);
}

#[tokio::test]
async fn caches_keep_it_until_something_is_published() {
    let (server, folder) = (server(&[CAREERS]).await, Folder::new());
    let empty = text(&server, "/sitemap.xml").await;
    assert_eq!(addresses(&empty), Vec::<&str>::new());
    let paths: Vec<_> = (0..20).map(|number| folder.career(&format!("c{number}"), "C", "")).collect();
    server.publish(&paths).await;
    let whole = text(&server, "/sitemap.xml").await;
    let first = ask(&server, Method::GET, "/sitemap.xml", &[]).await;
    let header =
        |answer: &Response, name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header(&first, "cache-control").unwrap(), "public, max-age=0, s-maxage=60, must-revalidate");
    assert_eq!(header(&first, "cache-tag").unwrap(), "career");
    assert_eq!(header(&first, "content-type").unwrap(), "application/xml; charset=utf-8");
    let tag = header(&first, "etag").unwrap();

    let known = ask(&server, Method::GET, "/sitemap.xml", &[("if-none-match", &tag)]).await;
    assert_eq!((known.status(), header(&known, "etag")), (StatusCode::NOT_MODIFIED, Some(tag.clone())));
    assert_eq!(known.bytes().await.unwrap().len(), 0);
    let head = ask(&server, Method::HEAD, "/sitemap.xml", &[]).await;
    assert_eq!(
        (head.status(), header(&head, "etag"), header(&head, "cache-tag")),
        (StatusCode::OK, Some(tag.clone()), Some("career".to_owned()))
    );
    assert_eq!(head.bytes().await.unwrap().len(), 0);

    for (name, decoded) in [("gzip", true), ("br", true), ("identity", false)] {
        let answer = ask(&server, Method::GET, "/sitemap.xml", &[("accept-encoding", name)]).await;
        assert_eq!(header(&answer, "content-encoding").as_deref(), decoded.then_some(name));
        assert!(!decoded || header(&answer, "etag").unwrap() != tag);
        let (bytes, mut decoded) = (answer.bytes().await.unwrap(), String::new());
        let _read = match name {
            "gzip" => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut decoded).unwrap(),
            "br" => brotli::Decompressor::new(&bytes[..], 4096).read_to_string(&mut decoded).unwrap(),
            _ => (&bytes[..]).read_to_string(&mut decoded).unwrap(),
        };
        assert_eq!(decoded, whole, "{name}");
    }

    server.publish(&[folder.career("new", "New", "")]).await;
    let changed = ask(&server, Method::GET, "/sitemap.xml", &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert!(changed.text().await.unwrap().contains("/careers/new?"));
}

#[tokio::test]
async fn there_is_none_where_no_addresses_are_known() {
    let server = server(&[]).await;
    for path in ["/sitemap.xml", "/sitemap-1.xml"] {
        let answer = ask(&server, Method::GET, path, &[]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let body: Value = answer.json().await.unwrap();
        let error = &body["errors"][0];
        assert_eq!(error["extensions"]["code"], "NOT_FOUND");
        assert!(error["message"].as_str().unwrap().contains("--site-url-template"), "{body}");
    }
    for path in ["/sitemap-.xml", "/sitemap-x.xml", "/other"] {
        let answer = ask(&server, Method::GET, path, &[]).await;
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status == StatusCode::NOT_FOUND && body.contains("There is nothing at this path"), "{path}: {body}");
    }
    let database = TestDatabase::fresh().await;
    for (templates, words) in [
        ("career=https://x.example/{slug},nothing=https://x.example/{slug}", "there is no kind `nothing`"),
        ("career=https://x.example/{slug},career=https://y.example/{slug}", "given twice"),
        ("career=https://x.example/", "needs `{slug}`"),
    ] {
        let refused = Binary::new(&["--listen", "127.0.0.1:0"])
            .database(&database.url)
            .env("CAREERQL_SITE_URL_TEMPLATES", templates)
            .run()
            .await;
        assert!(refused.status != 0 && refused.err.contains(words), "{refused:?}");
    }
}

#[tokio::test]
async fn more_than_fifty_thousand_addresses_stand_in_several_sitemaps() {
    let (server, folder) = (server(&["source=https://www.example.com/sources/{slug}", CAREERS]).await, Folder::new());
    server.publish(&[folder.source("bls")]).await;
    for sql in [
        "INSERT INTO entry (kind, slug) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50005)
         SELECT 'career', 'c' || (100000 + i) FROM n",
        "INSERT INTO revision (entry_id, number, hash, author, message, created_at)
         SELECT id, 1, 'h', 'a', 'm', CURRENT_TIMESTAMP FROM entry WHERE slug LIKE 'c1%'",
        "INSERT INTO publication (entry_id, revision_id, published_at)
         SELECT entry_id, id, CURRENT_TIMESTAMP FROM revision WHERE hash = 'h'",
        "UPDATE entry SET published_revision_id = (SELECT id FROM revision WHERE entry_id = entry.id) WHERE slug LIKE 'c1%'",
    ] {
        server.db.execute_unprepared(sql).await.unwrap();
    }
    let index = text(&server, "/sitemap.xml").await;
    assert!(index.contains("<sitemapindex xmlns=") && index.ends_with("</sitemapindex>\n"), "{index}");
    assert_eq!(addresses(&index), ["https://www.example.com/sitemap-1.xml", "https://www.example.com/sitemap-2.xml"]);
    let (first, second) = (text(&server, "/sitemap-1.xml").await, text(&server, "/sitemap-2.xml").await);
    let (first, second) = (addresses(&first), addresses(&second));
    assert_eq!((first.len(), second.len()), (50_000, 6));
    assert!(first[0].ends_with("/sources/bls") && first[1].contains("/c100001?") && second[5].contains("/c150005?"));
    let mut all: Vec<_> = first.iter().chain(&second).collect();
    all.dedup();
    assert_eq!(all.len(), 50_006, "each once");
    for path in ["/sitemap-0.xml", "/sitemap-3.xml"] {
        assert_eq!(ask(&server, Method::GET, path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn pages_that_search_engines_shall_not_list_are_left_out() {
    let templates =
        [CAREERS, "category=https://www.example.com/{slug}", "certification=https://www.example.com/c/{slug}"];
    let (server, folder) = (server(&templates).await, Folder::new());
    let hidden = "seo: {noIndex: true}\n";
    let certificate = std::fs::read_to_string(folder.certification("cpr", "Someone")).unwrap();
    let category = |slug: &str, more: &str| {
        folder.file(&format!("categories/{slug}.yaml"), &format!("kind: category\nslug: {slug}\ntitle: C\n{more}"))
    };
    let files = [
        folder.career("nurse", "N", "seo: {title: Nurses}\n"),
        folder.career("hidden", "H", hidden),
        category("care", ""),
        category("inner", hidden),
        folder.file("certifications/cpr.yaml", &format!("{certificate}{hidden}")),
    ];
    server.publish(&files).await;
    let named = async || {
        let xml = text(&server, "/sitemap.xml").await;
        addresses(&xml).iter().map(|address| address.split('?').next().unwrap().to_owned()).collect::<Vec<_>>()
    };

    assert_eq!(named().await, ["https://www.example.com/careers/nurse", "https://www.example.com/care"]);
    // What is published decides, not a draft.
    server.import(&[folder.career("nurse", "N", hidden)], Mode::Draft).await;
    assert_eq!(named().await.len(), 2);
    server.publish(&[folder.career("nurse", "N", hidden), folder.career("hidden", "H", "")]).await;
    assert_eq!(named().await, ["https://www.example.com/careers/hidden", "https://www.example.com/care"]);
}
