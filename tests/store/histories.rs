//! Random histories of several entries: the past is what was seen then, and nobody sees a draft who may not.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::harness::TestServer;

const ENTRIES: usize = 4;

/// Steps of editors, with entries by number.
#[derive(Clone, Debug)]
enum AuditEntry {
    Save(usize, Option<usize>),
    Publish(BTreeSet<usize>),
    Unpublish(usize),
    Restore(usize, usize),
    Archive(usize),
    Release(BTreeSet<usize>),
    PublishRelease,
    Rename(usize),
}

fn deed() -> impl Strategy<Value = AuditEntry> {
    let entry = || 0..ENTRIES;
    let some = || prop::collection::btree_set(0..ENTRIES, 1..ENTRIES);
    prop_oneof![
        8 => (entry(), prop::option::of(entry())).prop_map(|(of, link)| AuditEntry::Save(of, link)),
        5 => some().prop_map(AuditEntry::Publish),
        2 => entry().prop_map(AuditEntry::Unpublish),
        3 => (entry(), 1..5_usize).prop_map(|(of, revision)| AuditEntry::Restore(of, revision)),
        1 => entry().prop_map(AuditEntry::Archive),
        2 => some().prop_map(AuditEntry::Release),
        2 => Just(AuditEntry::PublishRelease),
        1 => entry().prop_map(AuditEntry::Rename),
    ]
}

/// Expected view of an entry: the words of its revisions.
#[derive(Clone, Debug, Default)]
struct Entry {
    slug: String,
    published: Option<String>,
    draft: Option<String>,
    /// The words of each revision, by number from 1.
    revisions: Vec<String>,
}

impl Entry {
    fn head(&self) -> Option<String> {
        self.draft.clone().or_else(|| self.published.clone())
    }
}

struct World {
    server: TestServer,
    token: String,
    entries: Vec<Entry>,
    /// The words in the release that is open.
    release: BTreeMap<usize, String>,
    releases: usize,
    words: usize,
    slugs: BTreeSet<String>,
    /// Which entry each slug was given to.
    owners: BTreeMap<String, usize>,
    /// The slugs under which something was ever published.
    public: BTreeSet<String>,
    /// Views, with their times.
    seen: Vec<(String, Value)>,
    /// Events of a subscriber.
    told: Arc<Mutex<String>>,
    /// All that was ever published.
    ever: BTreeSet<String>,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::empty().await;
        let token = server.token(&["read-drafts", "write", "publish"]).await;
        let entries: Vec<_> = (0..ENTRIES).map(|n| Entry { slug: format!("e{n}"), ..Entry::default() }).collect();
        let slugs = entries.iter().map(|entry| entry.slug.clone()).collect();
        let owners = entries.iter().enumerate().map(|(n, entry)| (entry.slug.clone(), n)).collect();
        let told = listen(&server).await;
        let (release, seen, ever, public) = (BTreeMap::new(), Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut world =
            Self { server, token, entries, release, releases: 0, words: 0, slugs, owners, public, seen, told, ever };
        world.mutate("createRelease(release: \"r0\")").await;
        world
    }

    /// Does it; tells whether it was done.
    async fn mutate(&mut self, mutation: &str) -> bool {
        self.payload(mutation, "").await.is_some()
    }

    /// Does it; what is selected of its payload, where it was done.
    async fn payload(&mut self, mutation: &str, selected: &str) -> Option<Value> {
        let mutation = format!("mutation {{ it: {mutation} {{ errors {{ code }} {selected} }} }}");
        let body = self.server.send(&self.token, &mutation, json!({})).await;
        assert_eq!(body.get("errors"), None, "{mutation}: {body}");
        let payload = body["data"]["it"].clone();
        (payload["errors"] == json!([])).then_some(payload)
    }

    fn list(&self, entries: &BTreeSet<usize>) -> String {
        let entries = entries.iter().map(|n| format!("{{kind: CAREER, slug: \"{}\"}}", self.entries[*n].slug));
        entries.collect::<Vec<_>>().join(", ")
    }

    async fn act(&mut self, deed: &AuditEntry) {
        match deed {
            AuditEntry::Save(n, link) => {
                self.words += 1;
                let word = format!("word{}word", self.words);
                let link = link.map(|to| format!(", career: \"{}\"", self.entries[to].slug)).unwrap_or_default();
                let entry = &self.entries[*n];
                let document = format!(
                    "{{slug: \"{}\", title: \"T {word}\", summary: \"S {word}\", tags: [\"{word}\"], \
                     relatedGuides: [{{title: \"R {word}\"{link}}}], faq: [{{key: \"{word}\", question: \"Q {word}?\", answer: \"A {word}\"}}]}}",
                    entry.slug
                );
                let base = entry.head().map(|head| {
                    let number = entry
                        .revisions
                        .iter()
                        .rposition(|word| *word == head)
                        .unwrap_or_else(|| panic!("{deed:?} {entry:?}"))
                        + 1;
                    format!(", baseRevision: {number}")
                });
                let mutation = format!("saveCareer(document: {document}{})", base.unwrap_or_default());
                if self.mutate(&mutation).await {
                    self.entries[*n].revisions.push(word.clone());
                    self.entries[*n].draft = Some(word);
                }
            }
            AuditEntry::Publish(entries) => {
                let mutation = format!("publish(entries: [{}])", self.list(entries));
                if self.mutate(&mutation).await {
                    for n in entries {
                        let entry = &mut self.entries[*n];
                        entry.published = entry.head();
                        entry.draft = None;
                    }
                }
            }
            AuditEntry::Unpublish(n) | AuditEntry::Archive(n) => {
                let archives = matches!(deed, AuditEntry::Archive(_));
                let name = if archives { "archive" } else { "unpublish" };
                let mutation = format!("{name}(entries: [{}])", self.list(&BTreeSet::from([*n])));
                if self.mutate(&mutation).await {
                    let entry = &mut self.entries[*n];
                    entry.draft = entry.head().filter(|_| !archives);
                    entry.published = None;
                }
            }
            AuditEntry::Restore(n, number) => {
                let slug = &self.entries[*n].slug;
                let mutation = format!("restore(kind: CAREER, slug: \"{slug}\", revision: {number})");
                if let Some(payload) = self.payload(&mutation, "isNew").await {
                    let entry = &mut self.entries[*n];
                    let word = entry.revisions[number - 1].clone();
                    // The words may be those of the head, and a link what it was before something was renamed.
                    if payload["isNew"] == true {
                        entry.revisions.push(word.clone());
                        entry.draft = Some(word);
                    } else {
                        assert_eq!(entry.head(), Some(word));
                    }
                }
            }
            AuditEntry::Release(entries) => {
                let mutation =
                    format!("addToRelease(release: \"r{}\", entries: [{}])", self.releases, self.list(entries));
                if self.mutate(&mutation).await {
                    self.release.extend(entries.iter().map(|n| (*n, self.entries[*n].draft.clone().unwrap())));
                }
            }
            AuditEntry::PublishRelease => {
                if self.mutate(&format!("publishRelease(release: \"r{}\")", self.releases)).await {
                    for (n, word) in std::mem::take(&mut self.release) {
                        let entry = &mut self.entries[n];
                        entry.draft = entry.draft.take().filter(|draft| *draft != word);
                        entry.published = Some(word);
                    }
                    self.releases += 1;
                    let mutation = format!("createRelease(release: \"r{}\")", self.releases);
                    assert!(self.mutate(&mutation).await);
                }
            }
            AuditEntry::Rename(n) => {
                // What a release holds is bound to the entry that it was.
                if self.release.contains_key(n) {
                    return;
                }
                let to = format!("n{}", self.slugs.len());
                let mutation = format!("rename(kind: CAREER, slug: \"{}\", to: \"{to}\")", self.entries[*n].slug);
                if self.mutate(&mutation).await {
                    self.slugs.insert(to.clone());
                    self.owners.insert(to.clone(), *n);
                    self.relink(*n, &to);
                }
            }
        }
    }

    /// Renaming makes new revisions: of the published one, of the draft, and of what links to them.
    fn relink(&mut self, n: usize, to: &str) {
        to.clone_into(&mut self.entries[n].slug);
        for entry in &mut self.entries {
            // Whatever was written, the words are those of the heads; numbers are asked for where they matter.
            entry.revisions = Vec::new();
        }
    }

    /// Numbers of revisions after a rename, as the server tells them.
    async fn recount(&mut self) {
        for n in 0..ENTRIES {
            let query = format!(
                "{{ entry(kind: CAREER, slug: \"{}\") {{ revisions(first: 100) {{ nodes {{ yaml }} }} }} }}",
                self.entries[n].slug
            );
            let body = self.server.send(&self.token, &query, json!({})).await;
            assert_eq!(body.get("errors"), None, "{query}: {body}");
            let nodes = body["data"]["entry"]["revisions"]["nodes"].as_array().cloned().unwrap_or_default();
            let words = nodes.iter().rev().map(|node| {
                let yaml = node["yaml"].as_str().unwrap();
                let word = yaml.split("title: T ").nth(1).unwrap().lines().next().unwrap();
                word.trim().to_owned()
            });
            self.entries[n].revisions = words.collect();
        }
    }

    fn query(&self) -> String {
        let by_slug: Vec<_> = self
            .slugs
            .iter()
            .map(|slug| {
                let id = kernel::global_id("Career".into(), slug);
                format!("{slug}: career(slug: \"{slug}\") {{ ...C }} i{slug}: node(id: \"{}\") {{ id }} ", id.as_str())
            })
            .collect();
        let filters: Vec<_> = (1..=self.words)
            .map(|n| {
                let word = format!("word{n}word");
                format!(
                    "f{n}: careers(filter: {{or: [{{title: {{contains: \"{word}\"}}}}, {{tag: {{eq: \"{word}\"}}}}]}}) {{ totalCount }} "
                )
            })
            .collect();
        let (by_slug, filters) = (by_slug.concat(), filters.concat());
        format!(
            "{{ {by_slug} {filters} careers(orderBy: [{{title: DESC}}]) {{ totalCount nodes {{ ...C }} pageInfo {{ endCursor }} }} \
             faqs {{ totalCount nodes {{ id question }} }} }} \
             fragment C on Career {{ id slug title summary {{ html }} tags relatedGuides {{ title career {{ title }} }} faq {{ answer {{ plain }} }} }}"
        )
    }

    async fn look(&mut self) {
        let query = self.query();
        let published = self.server.ask(&query, json!({})).await;
        assert!(published.errors.is_empty(), "{:#?}", published.errors);
        let text = published.data.to_string();
        let visible: BTreeSet<_> = self.entries.iter().filter_map(|entry| entry.published.clone()).collect();
        for n in 1..=self.words {
            let word = format!("word{n}word");
            assert_eq!(text.contains(&word), visible.contains(&word), "{word}: {text}");
            let found = published.data[format!("f{n}")]["totalCount"].as_u64();
            assert_eq!(found > Some(0), visible.contains(&word), "{word} by filter");
        }
        self.ever.extend(visible.iter().cloned());
        let told = self.told.lock().unwrap().clone();
        for n in 1..=self.words {
            let word = format!("word{n}word");
            assert!(self.ever.contains(&word) || !told.contains(&word), "{word} was told to subscribers: {told}");
        }
        let mut titles: Vec<_> = visible.iter().map(|word| format!("T {word}")).collect();
        let mut listed: Vec<_> = published.data["careers"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["title"].as_str().unwrap().to_owned())
            .collect();
        let in_order = listed.clone();
        listed.sort();
        titles.sort();
        listed.dedup();
        assert_eq!(listed, titles);
        assert!(in_order.is_sorted_by(|a, b| a >= b), "{in_order:?}");
        self.check_slugs(&published.data, &told);
        self.check_drafts(&query).await;
        self.check_release(&query).await;
        self.seen.push((self.server.now().to_rfc3339(), published.data));
    }

    /// The public is led only by slugs under which something was published, and only to what is.
    fn check_slugs(&mut self, seen: &Value, told: &str) {
        let published = self.entries.iter().filter(|entry| entry.published.is_some());
        self.public.extend(published.map(|entry| entry.slug.clone()));
        let text = seen.to_string();
        for (slug, n) in &self.owners {
            let is_visible = self.entries[*n].published.is_some();
            let leads_on = is_visible && self.public.contains(slug);
            for field in [slug.clone(), format!("i{slug}")] {
                assert_eq!(seen[&field].is_object(), leads_on, "{field}: {text}");
            }
            let told_of = format!("\"slug\":\"{slug}\"");
            assert_eq!(text.contains(&told_of), is_visible && self.entries[*n].slug == *slug, "{slug}: {text}");
            assert!(self.public.contains(slug) || !told.contains(&told_of), "{slug} was told to subscribers: {told}");
        }
    }

    /// The release shows what it holds, and beside it what is published.
    async fn check_release(&self, query: &str) {
        let perspective = format!("release:r{}", self.releases);
        let answer = self.server.send_in(&perspective, &self.token, query, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        let (shown, text) = (&answer["data"], answer["data"].to_string());
        let held = |(n, entry): (usize, &Entry)| self.release.get(&n).or(entry.published.as_ref()).cloned();
        let words: Vec<_> = self.entries.iter().enumerate().map(held).collect();
        for (entry, word) in self.entries.iter().zip(&words) {
            let title = shown[&entry.slug]["title"].as_str().map(str::to_owned);
            assert_eq!(title, word.as_ref().map(|word| format!("T {word}")), "{} in the release", entry.slug);
        }
        for n in 1..=self.words {
            let word = Some(format!("word{n}word"));
            let is_shown = words.contains(&word);
            assert_eq!(text.contains(word.as_deref().unwrap_or_default()), is_shown, "{word:?}: {text}");
            let found = shown[format!("f{n}")]["totalCount"].as_u64();
            assert_eq!(found > Some(0), is_shown, "{word:?} by filter in the release");
        }
    }

    async fn check_drafts(&self, query: &str) {
        let drafts = self.server.send_in("draft", &self.token, query, json!({})).await["data"].clone();
        for entry in &self.entries {
            let title = drafts[&entry.slug]["title"].as_str().map(str::to_owned);
            assert_eq!(title, entry.head().map(|word| format!("T {word}")), "the draft of {}", entry.slug);
        }
    }

    /// Each moment, looked back at, shows what was seen then.
    async fn look_back(&self) {
        let query = self.query();
        for (time, seen) in &self.seen {
            let then = self.server.send_in(&format!("as-of:{time}"), &self.token, &query, json!({})).await;
            assert_eq!(then.get("errors"), None, "{then}");
            for (field, value) in seen.as_object().unwrap() {
                assert_eq!(then["data"][field], *value, "{field} as of {time}");
            }
        }
    }
}

/// Listens to all changes, as anybody may; what comes is collected.
async fn listen(server: &TestServer) -> Arc<Mutex<String>> {
    let query = "subscription { contentChanged { change slug node { ... on Career { title summary { plain } relatedGuides { career { title } } } } } }";
    let request = server.http(reqwest::Method::POST).header("accept", "text/event-stream");
    let mut response = request.json(&json!({ "query": query })).send().await.unwrap();
    let told = Arc::<Mutex<String>>::default();
    let collected = told.clone();
    tokio::spawn(async move {
        while let Ok(Some(chunk)) = response.chunk().await {
            collected.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk));
        }
    });
    told
}

#[test]
fn the_past_is_what_was_seen_and_drafts_are_seen_by_nobody_else() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let cases = std::env::var("CAREERQL_TEST_HISTORIES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(10);
    let config = ProptestConfig { cases, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() };
    let history = prop::collection::vec(deed(), 8..24);
    let result = TestRunner::new(config).run(&history, |deeds| {
        runtime.block_on(async {
            let mut world = World::new().await;
            for deed in &deeds {
                world.act(deed).await;
                if matches!(deed, AuditEntry::Rename(_)) {
                    world.recount().await;
                }
                world.look().await;
            }
            world.look_back().await;
            if !world.ever.is_empty() {
                assert!(world.told.lock().unwrap().contains("contentChanged"), "the subscriber heard of it");
            }
        });
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
