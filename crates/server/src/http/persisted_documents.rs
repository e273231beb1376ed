//! Which documents may run, and those that clients name instead of sending: trusted documents and automatic persisted queries.
use std::{
    collections::HashMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use kernel::{Error, Result};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::request_error::RequestError;

/// Time for which a stored query stays without being asked for, where others need its place.
const IDLE: Duration = Duration::from_hours(1);
/// Maximum size of the stored queries, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Queries that may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TrustMode {
    /// Every query, and the documents of the manifest by their ids.
    #[default]
    Off,
    /// The same; what is not in the manifest is logged.
    Log,
    /// The documents of the manifest and nothing else.
    Require,
}

/// Options about which queries may run.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Queries")]
pub struct QueryOptions {
    /// A manifest of trusted documents, in the format of Apollo's `generate-persisted-query-manifest` or of relay-compiler.
    #[arg(long, env = "CAREERQL_TRUSTED_DOCUMENTS", value_name = "FILE")]
    pub trusted_documents: Option<PathBuf>,
    /// Treatment of other documents.
    #[arg(long, env = "CAREERQL_TRUST", value_enum, default_value = "off", requires = "trusted_documents")]
    pub trust: TrustMode,
    /// Number of automatic persisted queries that are kept; 0 switches them off.
    #[arg(long, env = "CAREERQL_MAX_PERSISTED_QUERIES", default_value_t = 1_000, value_name = "N")]
    pub max_persisted_queries: usize,
    /// Hides the schema: no introspection, and no suggestions in errors.
    #[arg(long, env = "CAREERQL_HIDE_SCHEMA")]
    pub hide_schema: bool,
}

/// The documents that are known by name.
pub(super) struct PersistedDocuments {
    trusted: Trusted,
    mode: TrustMode,
    persisted: Mutex<Persisted>,
    max_persisted: usize,
}

/// The text of a query.
pub(super) struct Found {
    pub(super) text: Arc<str>,
    /// The hash under which the query is to be stored, once it has proved well formed and within the limits.
    pub(super) store: Option<String>,
    /// Time at which it was last asked for, where it is a stored query.
    pub(super) last_use: Option<Arc<LastUse>>,
}

/// Time at which a stored query was last asked for, in seconds since the first was. Shared with the answers that are kept for it,
/// which are given without looking for the query.
#[derive(Debug)]
pub(super) struct LastUse(AtomicI64);

impl LastUse {
    fn now() -> Self {
        Self(AtomicI64::new(seconds()))
    }

    /// It is asked for.
    pub(super) fn renew(&self) {
        self.0.store(seconds(), Ordering::Relaxed);
    }

    fn is_recent(&self) -> bool {
        seconds() - self.0.load(Ordering::Relaxed) < IDLE.as_secs().cast_signed()
    }
}

fn seconds() -> i64 {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed().as_secs().cast_signed()
}

impl PersistedDocuments {
    pub(super) fn new(options: &QueryOptions) -> Result<Self> {
        let trusted = match &options.trusted_documents {
            Some(path) => Trusted::read(path)?,
            None => Trusted::default(),
        };
        let (mode, max_persisted) = (options.trust, options.max_persisted_queries);
        let max_persisted = if mode == TrustMode::Require { 0 } else { max_persisted };
        Ok(Self { trusted, mode, persisted: Mutex::default(), max_persisted })
    }

    /// The text of the query that a request sends or names.
    pub(super) fn find(
        &self,
        query: Option<String>,
        id: Option<String>,
        extensions: &Map<String, Value>,
    ) -> Result<Found, RequestError> {
        let hash = persisted_hash(extensions)?;
        let is_named = id.is_some() || hash.is_some();
        let Some(query) = query.filter(|query| !(query.is_empty() && is_named)) else {
            let (text, last_use) = self.named(id, hash)?;
            return Ok(Found { text, store: None, last_use });
        };
        let store = match hash {
            Some(hash) if hash.eq_ignore_ascii_case(&sha256(&query)) => {
                Some(hash.to_ascii_lowercase()).filter(|_| self.max_persisted > 0)
            }
            Some(_) => {
                let message = "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`.";
                return Err(RequestError::graphql("PERSISTED_QUERY_HASH_MISMATCH", message));
            }
            None => None,
        };
        self.allow(&query)?;
        Ok(Found { text: query.into(), store, last_use: None })
    }

    /// The text behind an id or a hash.
    fn named(
        &self,
        id: Option<String>,
        hash: Option<String>,
    ) -> Result<(Arc<str>, Option<Arc<LastUse>>), RequestError> {
        let trusted = |name: &Option<String>| name.as_deref().and_then(|name| self.trusted.by_id.get(name)).cloned();
        if let Some(text) = trusted(&id).or_else(|| trusted(&hash)) {
            return Ok((text, None));
        }
        if id.is_some() {
            let message = "No trusted document has this `documentId`. Add it to the manifest of the server.";
            return Err(RequestError::graphql("DOCUMENT_NOT_FOUND", message));
        }
        let Some(hash) = hash else {
            return Err(RequestError::malformed("`query` is missing: a GraphQL document."));
        };
        if self.mode == TrustMode::Require {
            return Err(not_trusted());
        }
        if self.max_persisted == 0 {
            return Err(RequestError::graphql("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported"));
        }
        let mut persisted = self.persisted.lock().unwrap_or_else(PoisonError::into_inner);
        persisted.get(&hash.to_ascii_lowercase()).map(|(text, last_use)| (text, Some(last_use))).ok_or_else(|| {
            // Clients know the message by heart and send the query along with the hash.
            RequestError::graphql("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        })
    }

    fn allow(&self, query: &str) -> Result<(), RequestError> {
        let is_trusted = || self.trusted.hashes.contains(&sha256(query));
        match self.mode {
            TrustMode::Require if !is_trusted() => Err(not_trusted()),
            TrustMode::Log if !is_trusted() => {
                tracing::warn!(sha256 = sha256(query), "the query is not among the trusted documents");
                Ok(())
            }
            TrustMode::Off | TrustMode::Log | TrustMode::Require => Ok(()),
        }
    }

    /// The names of the operations in the trusted documents.
    pub(super) fn trusted_operations(&self) -> Vec<String> {
        let documents = self.trusted.by_id.values().filter_map(|text| language::parse(text).ok());
        let names = documents.flat_map(|document| {
            let names = document.executable.operations.iter().filter_map(|(name, _)| Some(name?.to_string()));
            names.collect::<Vec<_>>()
        });
        names.collect()
    }

    /// Stores a query under its hash, where there is a place.
    pub(super) fn store(&self, hash: String, text: &Arc<str>) {
        self.persisted.lock().unwrap_or_else(PoisonError::into_inner).store(hash, text, self.max_persisted);
    }
}

fn not_trusted() -> RequestError {
    let message = "This server runs trusted documents only. Add the document to its manifest.";
    RequestError::graphql("DOCUMENT_NOT_TRUSTED", message)
}

/// The hash in `extensions.persistedQuery`.
fn persisted_hash(extensions: &Map<String, Value>) -> Result<Option<String>, RequestError> {
    let Some(persisted) = extensions.get("persistedQuery").filter(|value| !value.is_null()) else { return Ok(None) };
    if persisted.get("version").and_then(Value::as_u64) != Some(1) {
        let message = "`extensions.persistedQuery.version` must be 1.";
        return Err(RequestError::graphql("PERSISTED_QUERY_NOT_SUPPORTED", message));
    }
    let hash = persisted.get("sha256Hash").and_then(Value::as_str).filter(|hash| !hash.is_empty());
    let missing =
        || RequestError::malformed("`extensions.persistedQuery.sha256Hash` must be text: the SHA-256 of the query.");
    hash.map(|hash| Some(hash.to_owned())).ok_or_else(missing)
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string does not fail.
        let _written = write!(hex, "{byte:02x}");
        hex
    })
}

/// Queries that clients stored. A stranger may fill the places that are free, but none that is in use: a query leaves only
/// when nobody has asked for it for an hour.
#[derive(Default)]
struct Persisted {
    by_hash: HashMap<String, Stored>,
    bytes: usize,
    cleared: Option<Instant>,
}

struct Stored {
    text: Arc<str>,
    last_use: Arc<LastUse>,
}

impl Persisted {
    fn get(&mut self, hash: &str) -> Option<(Arc<str>, Arc<LastUse>)> {
        let Stored { text, last_use } = self.by_hash.get(hash)?;
        last_use.renew();
        Some((text.clone(), last_use.clone()))
    }

    fn store(&mut self, hash: String, text: &Arc<str>, max: usize) {
        let is_full = |this: &Self| this.by_hash.len() >= max || this.bytes + text.len() > MAX_BYTES;
        if let Some(stored) = self.by_hash.get(&hash) {
            stored.last_use.renew();
            return;
        }
        if is_full(self) {
            self.clear();
        }
        if !is_full(self) {
            self.bytes += text.len();
            self.by_hash.insert(hash, Stored { text: text.clone(), last_use: Arc::new(LastUse::now()) });
        }
    }

    /// Takes out what nobody asks for; at most once in a while, as it looks at everything.
    fn clear(&mut self) {
        let now = Instant::now();
        if self.cleared.is_some_and(|cleared| now - cleared < IDLE / 60) {
            return;
        }
        self.cleared = Some(now);
        self.by_hash.retain(|_, stored| stored.last_use.is_recent());
        self.bytes = self.by_hash.values().map(|stored| stored.text.len()).sum();
    }
}

/// The documents of a manifest.
#[derive(Default)]
struct Trusted {
    by_id: HashMap<String, Arc<str>>,
    /// The SHA-256 of each, for clients that send the text.
    hashes: std::collections::HashSet<String>,
}

impl Trusted {
    fn read(path: &Path) -> Result<Self> {
        let bad = |why: String| {
            let message = format!("The manifest {} cannot be used: {why}.", path.display());
            Error::caller("BAD_MANIFEST", message)
        };
        let text = fs::read_to_string(path).map_err(|cause| bad(cause.to_string()))?;
        let manifest: Value =
            serde_json::from_str(&text).map_err(|cause| bad(format!("it is not valid JSON: {cause}")))?;
        let documents = documents(&manifest).map_err(bad)?;
        let mut trusted = Self::default();
        for (id, text) in documents {
            trusted.hashes.insert(sha256(&text));
            trusted.by_id.insert(id, text.into());
        }
        Ok(trusted)
    }
}

/// The ids and texts in a manifest: Apollo's has a list of operations, Relay's is a map.
fn documents(manifest: &Value) -> std::result::Result<Vec<(String, String)>, String> {
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(format!("an operation has no `{name}`"))
    };
    if let Some(format) = manifest.get("format") {
        if format != "apollo-persisted-query-manifest" || manifest.get("version") != Some(&Value::from(1)) {
            return Err("its format is not `apollo-persisted-query-manifest`, version 1".to_owned());
        }
        let operations = manifest.get("operations").and_then(Value::as_array);
        let operations = operations.ok_or_else(|| "it has no list of `operations`".to_owned())?;
        return operations.iter().map(|operation| Ok((text(operation, "id")?, text(operation, "body")?))).collect();
    }
    let Some(map) = manifest.as_object() else {
        return Err("it is neither Apollo's nor Relay's: a JSON object is expected".to_owned());
    };
    let pair = |(id, text): (&String, &Value)| match text.as_str() {
        Some(text) => Ok((id.clone(), text.to_owned())),
        None => Err(format!("the document `{id}` is not text")),
    };
    map.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_of_manifests_are_read() {
        let apollo = serde_json::json!({
            "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{ "id": "1", "body": "{ a }", "name": "A", "type": "query" }]
        });
        let relay = serde_json::json!({ "1": "{ a }" });
        for manifest in [apollo, relay] {
            assert_eq!(documents(&manifest), Ok(vec![("1".to_owned(), "{ a }".to_owned())]));
        }
        for broken in [
            serde_json::json!([]),
            serde_json::json!({ "format": "other" }),
            serde_json::json!({ "format": "apollo-persisted-query-manifest", "version": 1 }),
            serde_json::json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{}] }),
            serde_json::json!({ "1": 2 }),
        ] {
            assert!(documents(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn strangers_do_not_push_out_what_is_in_use() {
        let mut persisted = Persisted::default();
        let query: Arc<str> = "{ mine }".into();
        persisted.store("mine".into(), &query, 10);
        for number in 0..1000 {
            persisted.store(format!("theirs-{number}"), &"{ x }".into(), 10);
        }
        assert_eq!(persisted.by_hash.len(), 10);
        assert_eq!(persisted.get("mine").map(|(text, _)| text), Some(query));
    }

    #[test]
    fn a_full_store_takes_out_what_was_idle() {
        let mut persisted = Persisted::default();
        persisted.store("old".into(), &"{ old }".into(), 1);
        idle(&persisted);
        persisted.store("new".into(), &"{ new }".into(), 1);
        assert!(persisted.get("old").is_none() && persisted.get("new").is_some());
        assert_eq!(persisted.bytes, "{ new }".len());
    }

    #[test]
    fn what_is_answered_from_a_cache_or_stored_again_is_in_use() {
        let answered = |persisted: &mut Persisted, last_use: &LastUse| {
            last_use.renew();
            persisted.by_hash.contains_key("mine")
        };
        let stored = |persisted: &mut Persisted, _: &LastUse| {
            persisted.store("mine".into(), &"{ mine }".into(), 1);
            true
        };
        let uses: [fn(&mut Persisted, &LastUse) -> bool; 2] = [answered, stored];
        for used in uses {
            let mut persisted = Persisted::default();
            persisted.store("mine".into(), &"{ mine }".into(), 1);
            let (_, last_use) = persisted.get("mine").expect("it is stored");
            idle(&persisted);
            assert!(used(&mut persisted, &last_use));
            persisted.store("theirs".into(), &"{ theirs }".into(), 1);
            assert!(persisted.by_hash.contains_key("mine"));
        }
    }

    /// Nobody has asked for anything for long.
    fn idle(persisted: &Persisted) {
        for stored in persisted.by_hash.values() {
            stored.last_use.0.store(-2 * IDLE.as_secs().cast_signed(), Ordering::Relaxed);
        }
    }
}
