//! The recipes of the documentation: each vendor, by the very command and file that its page names, gets the requests that the page shows,
//! byte by byte, and the tags of whatever is published, renamed, withdrawn and released.
use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use careerql_server::{Settings, WebhookOptions};
use chrono::TimeDelta;
use kernel::store::Mode;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Received, Receiver, TestServer, eventually};

/// A text that is secret.
const SECRET: &str = "Bearer s3cret-s3cret";

/// A recipe, as the page has it.
struct Recipe {
    name: String,
    /// The file of the body, by its name.
    file: String,
    body: String,
    command: String,
    /// Requests that the vendor gets, as the page shows them.
    requests: Vec<String>,
}

fn block(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap().trim_end().to_owned()).collect()
}

fn recipe(name: &str) -> Recipe {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recipes.md");
    let page = fs::read_to_string(page).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with(name)).unwrap();
    let command = block(section, "sh").remove(0);
    let file = command.split("--body ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    assert!(section.contains(&format!("`{file}`")), "{name} does not say what stands in {file}");
    let (body, requests) = (block(section, "json").remove(0), block(section, "http"));
    Recipe { name: name.to_owned(), file, body, command, requests }
}

/// A server whose webhook was made by the command of a recipe, and the vendor's place.
struct Site {
    server: TestServer,
    folder: Folder,
    token: String,
    vendor: Receiver,
}

impl Site {
    async fn new(recipe: &Recipe, takes: fn(&Received) -> bool) -> Self {
        // Nobody takes a call for lost while the clock is put forward.
        let webhook_timeout_seconds = Duration::from_secs(1_000_000);
        let webhooks =
            WebhookOptions { webhook_private_addresses: true, webhook_timeout_seconds, ..WebhookOptions::default() };
        let server = TestServer::with_settings(Settings { webhooks, ..Settings::default() }).await;
        let (folder, vendor) = (Folder::new(), Receiver::default());
        *vendor.takes.lock().unwrap() = Some(takes);
        let place = vendor.start().await.replace("/hook", "");
        folder.file(&recipe.file, &recipe.body);
        let words: Vec<_> = recipe.command.split(' ').collect();
        assert_eq!(words[..3], ["careerql", "webhook", "create"]);
        let path = words[3].splitn(4, '/').nth(3).unwrap();
        let (url, mut arguments) = (format!("{place}/{path}"), words[1..].to_vec());
        arguments[2] = &url;
        let mut binary = Binary::new(&arguments).database(&server.database.url).within(folder.path());
        for pair in arguments.windows(2).filter(|pair| pair[0] == "--header-env") {
            binary = binary.env(pair[1].split_once('=').unwrap().1, SECRET);
        }
        let made = binary.run().await;
        assert!(made.status == 0 && made.out.starts_with("whsec_"), "{}: {made:?}", recipe.name);
        let token = server.token(&["administer", "publish", "read-drafts", "write"]).await;
        Self { server, folder, token, vendor }
    }

    async fn run(&self, mutation: &str) {
        let body = self.server.send(&self.token, &format!("mutation {{ {mutation} }}"), json!({})).await;
        assert!(body.get("errors").is_none() && !body.to_string().contains("\"code\":"), "{body:#}");
    }

    /// Waits until everything is delivered; pauses between calls pass at once.
    async fn delivered(&self, is_told: impl Fn(&[Received]) -> bool) {
        let query = "{ webhooks { deliveries(first: 100) { nodes { dueAt deadAt failure } } } }";
        let mut looks = 0;
        eventually("everything is delivered", async || {
            // Not at each look: a call that is on its way would be taken for lost, and made again.
            looks += 1;
            if looks % 20 == 0 {
                self.server.advance(TimeDelta::seconds(61));
            }
            let body = self.server.send_once(&self.token, query).await;
            let nodes = body["data"]["webhooks"][0]["deliveries"]["nodes"].as_array().cloned().unwrap_or_default();
            assert!(nodes.iter().all(|node| node["failure"].is_null()), "{nodes:?}");
            let is_open = nodes.iter().any(|node| node["dueAt"].is_string());
            !is_open && is_told(&self.vendor.got.lock().unwrap())
        })
        .await;
    }

    /// Publishes a career, and compares what the vendor got with the page.
    async fn gets_what_the_page_shows(&self, recipe: &Recipe) {
        self.server.publish(&[self.folder.career("nurse", "Nurse", "")]).await;
        let count = recipe.requests.len();
        self.delivered(|got| got.len() >= count).await;
        let got: Vec<_> = self.vendor.got.lock().unwrap().drain(..).collect();
        let shown: Vec<_> = got.iter().map(shown).collect();
        assert_eq!(shown, recipe.requests, "{}", recipe.name);
    }

    /// Renames, withdraws and releases; in each case the vendor is told of all tags that change.
    async fn is_told_of_every_change(&self, tags_of: fn(&Value) -> Vec<String>) {
        let tags = |got: &[Received]| -> BTreeSet<String> { got.iter().flat_map(|got| tags_of(&got.json())).collect() };
        self.run("rename(kind: CAREER, slug: \"nurse\", to: \"carer\") { errors { code } }").await;
        self.expect(&["career", "career:carer", "career:nurse"], tags).await;
        self.run("unpublish(entries: [{kind: CAREER, slug: \"carer\"}]) { errors { code } }").await;
        self.expect(&["career", "career:carer", "career:nurse"], tags).await;
        self.server.import(&[self.folder.career("baker", "Baker", "")], Mode::Draft).await;
        self.run(
            "createRelease(release: \"r\") { errors { code } } \
             addToRelease(release: \"r\", entries: [{kind: CAREER, slug: \"baker\"}]) { errors { code } } \
             publishRelease(release: \"r\") { errors { code } }",
        )
        .await;
        self.expect(&["career", "career:baker"], tags).await;
    }

    async fn expect(&self, expected: &[&str], tags: impl Fn(&[Received]) -> BTreeSet<String>) {
        let expected: BTreeSet<_> = expected.iter().map(|tag| (*tag).to_owned()).collect();
        self.delivered(|got| tags(got).is_superset(&expected)).await;
        let got: Vec<_> = self.vendor.got.lock().unwrap().drain(..).collect();
        assert_eq!(tags(&got), expected);
    }
}

/// A request as the page shows it: without what belongs to the connection, and with a word in the place of a secret.
fn shown(got: &Received) -> String {
    let of_connection = ["accept", "accept-encoding", "content-length", "host", "user-agent"];
    let mut own = Vec::new();
    let mut content_type = None;
    for (name, value) in &got.headers {
        let value = value.to_str().unwrap();
        match name.as_str() {
            "webhook-id" | "webhook-timestamp" | "webhook-signature" => {}
            "content-type" => content_type = Some(format!("content-type: {value}")),
            name if of_connection.contains(&name) => {}
            name => own.push(format!("{name}: {}", if value == SECRET { "SECRET" } else { value })),
        }
    }
    own.sort_by_key(|line| !line.ends_with("SECRET"));
    let lines = [format!("{} {}", got.method, got.path)].into_iter().chain(own).chain(content_type);
    let head = lines.collect::<Vec<_>>().join("\n");
    format!("{head}\n\n{}", String::from_utf8(got.body.clone()).unwrap()).trim_end().to_owned()
}

/// Tells whether a request is a POST of JSON to this path, with its secret in this header.
fn is_post(got: &Received, path: &str, header: &str) -> bool {
    got.method == "POST"
        && got.path == path
        && got.headers.get(header).is_some_and(|value| value == SECRET)
        && got.headers.get("content-type").is_some_and(|value| value == "application/json")
}

/// The strings of a body that is `{ name: [strings] }` and nothing else, with at most so many.
fn strings(body: &Value, name: &str, most: usize) -> Option<Vec<String>> {
    let object = body.as_object().filter(|object| object.len() == 1)?;
    let strings = object.get(name)?.as_array()?.iter().map(|tag| tag.as_str().map(str::to_owned));
    strings.collect::<Option<Vec<_>>>().filter(|strings| !strings.is_empty() && strings.len() <= most)
}

#[tokio::test]
async fn cloudflare_purges_by_tags() {
    let recipe = recipe("Cloudflare");
    let site = Site::new(&recipe, |got| {
        is_post(got, "/client/v4/zones/ZONE_ID/purge_cache", "authorization")
            && strings(&got.json(), "tags", 100).is_some()
    });
    let site = site.await;
    site.gets_what_the_page_shows(&recipe).await;
    site.is_told_of_every_change(|body| strings(body, "tags", 100).unwrap()).await;
}

#[tokio::test]
async fn fastly_purges_by_surrogate_keys() {
    let recipe = recipe("Fastly");
    let site = Site::new(&recipe, |got| {
        is_post(got, "/service/SERVICE_ID/purge", "fastly-key")
            && got.headers.get("fastly-soft-purge").is_some_and(|value| value == "1")
            && strings(&got.json(), "surrogate_keys", 256).is_some()
    });
    let site = site.await;
    site.gets_what_the_page_shows(&recipe).await;
    site.is_told_of_every_change(|body| strings(body, "surrogate_keys", 256).unwrap()).await;
}

#[tokio::test]
async fn bunny_purges_one_tag_by_each_request() {
    let tag = |body: &Value| vec![body["CacheTag"].as_str().unwrap().to_owned()];
    let recipe = recipe("Bunny");
    let site = Site::new(&recipe, |got| {
        let body = got.json();
        is_post(got, "/pullzone/PULL_ZONE_ID/purgeCache", "accesskey")
            && body["CacheTag"].is_string()
            && body.as_object().unwrap().len() == 1
    });
    let site = site.await;
    site.gets_what_the_page_shows(&recipe).await;
    site.is_told_of_every_change(tag).await;
}

#[tokio::test]
async fn a_route_of_nextjs_revalidates_tags() {
    let recipe = recipe("Next.js");
    let site = Site::new(&recipe, |got| {
        is_post(got, "/api/revalidate", "authorization") && strings(&got.json(), "tags", 1_000).is_some()
    });
    let site = site.await;
    site.gets_what_the_page_shows(&recipe).await;
    site.is_told_of_every_change(|body| strings(body, "tags", 1_000).unwrap()).await;
}

#[tokio::test]
async fn a_deploy_hook_builds_an_astro_site() {
    let recipe = recipe("Astro");
    let site = Site::new(&recipe, |got| {
        got.method == "POST"
            && got.path == "/v1/integrations/deploy/PROJECT_ID/HOOK_ID"
            && got.body.is_empty()
            && !got.headers.contains_key("content-type")
    });
    let site = site.await;
    site.gets_what_the_page_shows(&recipe).await;
    // Whatever else is published within the pause is one build.
    let folder = &site.folder;
    site.server.publish(&[folder.career("a", "A", ""), folder.career("b", "B", ""), folder.career("c", "C", "")]).await;
    site.run("rename(kind: CAREER, slug: \"nurse\", to: \"carer\") { errors { code } }").await;
    site.delivered(|got| !got.is_empty()).await;
    let builds = site.vendor.got.lock().unwrap().len();
    assert!((1..=3).contains(&builds), "{builds} builds");
}
