//! Answers as bytes: kept by the bytes of their request for one content version, and sent with what caches need to know.
use std::{
    fmt::Write,
    hash::BuildHasher as _,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use foldhash::fast::RandomState;
use hyper::ext::ReasonPhrase;
use kernel::{Tags, apart, store::Version};
use moka::sync::Cache;
use poem::{
    Response,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};
use sha2::{Digest, Sha256};

use super::{accept::MediaType, encoding::Encoding, persisted_documents::LastUse, settings::CacheOptions};
use crate::observe::{Operation, Outcome};

/// The largest request whose answer is kept, in bytes.
const MAX_REQUEST: usize = 32 * 1024;
/// Cost of a kept answer beside its bytes, by estimate.
const OVERHEAD: usize = 600;
/// Number of headers that an answer has at most, besides those that the connection adds.
const HEADERS: usize = 10;
/// From how many bytes on compressing would keep the thread from other requests.
const LARGE: usize = 64 * 1024;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const VARY: HeaderValue = HeaderValue::from_static("accept, accept-encoding, authorization, careerql-perspective");

/// The phrase of [`partial`].
const PARTIAL: ReasonPhrase = ReasonPhrase::from_static(b"Partial Success");

/// The status of an answer with data and errors, of which HTTP itself knows nothing: 294.
pub(super) fn partial() -> StatusCode {
    StatusCode::from_u16(294).unwrap_or(StatusCode::OK)
}

/// The answer to a request, in all encodings.
pub(super) struct Answer {
    status: StatusCode,
    media_type: MediaType,
    body: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
    /// Caching that it allows; none, for an answer that is not to be kept.
    caching: Option<Caching>,
}

struct Caching {
    /// The content version that it holds for.
    version: Version,
    /// The strong validator, without quotes and encoding; made when it is first asked for.
    hash: OnceLock<String>,
    control: HeaderValue,
    tags: Option<HeaderValue>,
    /// Metrics of its operations: one, but for a batch.
    operations: Vec<Arc<Operation>>,
    /// Time of the last use of each stored query that it answers.
    uses: Vec<Arc<LastUse>>,
}

impl Answer {
    /// An answer that nobody keeps.
    pub(super) fn fleeting(status: StatusCode, media_type: MediaType, body: Vec<u8>) -> Self {
        let body = body.into();
        Self { status, media_type, body, gzip: OnceLock::new(), brotli: OnceLock::new(), caching: None }
    }

    /// An answer without errors, that holds for the content version.
    pub(super) fn lasting(
        media_type: MediaType,
        body: Vec<u8>,
        version: Version,
        tags: &Tags,
        operations: Vec<Arc<Operation>>,
        uses: Vec<Arc<LastUse>>,
        options: &CacheOptions,
    ) -> Self {
        let (hash, control, tags) = (OnceLock::new(), cache_control(options), cache_tags(tags, options));
        let caching = Caching { version, hash, control, tags, operations, uses };
        Self { caching: Some(caching), ..Self::fleeting(StatusCode::OK, media_type, body) }
    }

    /// It is given once more, after this time.
    pub(super) fn is_given(&self, took: Duration) {
        let Some(caching) = &self.caching else { return };
        caching.operations.iter().for_each(|operation| operation.answered(Outcome::Cached, took));
        caching.uses.iter().for_each(|last_use| last_use.renew());
    }

    /// Tells whether it may be kept.
    pub(super) fn is_lasting(&self) -> bool {
        self.caching.is_some()
    }

    /// The response for a client with these headers.
    pub(super) async fn response(
        self: &Arc<Self>,
        method: &Method,
        headers: &HeaderMap,
        options: &CacheOptions,
    ) -> Response {
        let encoding = Encoding::accepted(headers, self.body.len());
        let mut response = Response::default();
        response.set_status(self.status);
        if self.status == partial() {
            response.extensions_mut().insert(PARTIAL);
        }
        let set = response.headers_mut();
        // Also for those that the endpoint and the layers around it add.
        set.reserve(HEADERS);
        set.insert(header::VARY, VARY);
        match &self.caching {
            None => {
                set.insert(header::CACHE_CONTROL, NO_STORE);
            }
            Some(caching) => {
                set.insert(header::CACHE_CONTROL, caching.control.clone());
                if let Some(tags) = &caching.tags {
                    set.insert(options.cache_tag_header.clone(), tags.clone());
                }
                if *method == Method::GET {
                    let tag = caching.tag(&self.body, encoding);
                    let is_known = is_known(headers, &tag);
                    set.extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
                    if is_known {
                        response.set_status(StatusCode::NOT_MODIFIED);
                        return response;
                    }
                }
            }
        }
        let (encoding, body) = self.encoded(encoding).await;
        let set = response.headers_mut();
        set.insert(header::CONTENT_TYPE, self.media_type.of_status(self.status).header());
        if encoding != Encoding::Identity {
            set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
        response.set_body(body);
        response
    }

    /// The body in an encoding, made when first asked for.
    async fn encoded(self: &Arc<Self>, encoding: Encoding) -> (Encoding, Bytes) {
        let kept = match encoding {
            Encoding::Identity => return (encoding, self.body.clone()),
            Encoding::Gzip => &self.gzip,
            Encoding::Brotli => &self.brotli,
        };
        if let Some(body) = kept.get() {
            return (encoding, body.clone());
        }
        let body = self.body.clone();
        let made = if body.len() < LARGE {
            encoding.encode(&body).ok()
        } else {
            Box::pin(apart(move || encoding.encode(&body).ok())).await
        };
        match made {
            Some(made) => (encoding, kept.get_or_init(|| made).clone()),
            None => (Encoding::Identity, self.body.clone()),
        }
    }
}

impl Caching {
    /// The entity tag: another for each encoding, as their bytes differ.
    fn tag(&self, body: &[u8], encoding: Encoding) -> String {
        let hash = self.hash.get_or_init(|| URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..16]));
        match encoding {
            Encoding::Identity => format!("\"{hash}\""),
            encoding => format!("\"{hash}-{}\"", encoding.name()),
        }
    }
}

/// Tells whether the client names this tag: that of the bytes that it would get, which are others in another encoding.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all("if-none-match").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).any(|named| {
        // A cache on the way may have made it weak.
        named == "*" || named.strip_prefix("W/").unwrap_or(named) == tag
    })
}

/// `Cache-Control` of what is published.
pub(super) fn cache_control(options: &CacheOptions) -> HeaderValue {
    let mut text = format!("public, max-age={}", options.max_age_seconds);
    let CacheOptions { stale_while_revalidate_seconds: revalidating, stale_if_error_seconds: in_error, .. } = options;
    let lifetimes = [
        ("s-maxage", options.shared_max_age_seconds),
        ("stale-while-revalidate", *revalidating),
        ("stale-if-error", *in_error),
    ];
    for (name, seconds) in lifetimes {
        if let Some(seconds) = seconds {
            // Writing to a string does not fail.
            let _written = write!(text, ", {name}={seconds}");
        }
    }
    // Which forbids to give what is too old.
    if options.max_age_seconds == 0 && revalidating.is_none() && in_error.is_none() {
        text.push_str(", must-revalidate");
    }
    HeaderValue::try_from(text).unwrap_or(NO_STORE)
}

/// The header with cache tags; none where there are none.
pub(super) fn cache_tags(tags: &Tags, options: &CacheOptions) -> Option<HeaderValue> {
    let names = tags.names();
    let separator = if options.cache_tag_header == "cache-tag" { "," } else { " " };
    (!names.is_empty()).then(|| HeaderValue::try_from(names.join(separator)).ok())?
}

type RequestBytes = Box<[u8]>;

/// Number of requests that are remembered, at most, to tell those that come again.
const REMEMBERED: usize = 1 << 16;
/// Time from which on an answer is kept at once: to make it twice would cost more than to keep many in vain.
const DEAR: Duration = Duration::from_millis(1);

/// The answers that are kept: those to requests that come a second time, and those that took a while.
///
/// Most requests of a crawler, and of a client that puts a number into its query, come once. To keep their answers took a
/// tenth of the time of a small request, and displaced what others ask again.
pub(super) struct ResponseCache(Option<KeptAnswers>);

struct KeptAnswers {
    answers: Cache<RequestBytes, Arc<Answer>>,
    /// Marks of requests that came, each at the place that its hash gives it. A newer one takes the place of an older one.
    seen: Box<[AtomicU32]>,
    hashing: RandomState,
}

/// The bytes of a request, as far as they decide about its answer.
pub(super) struct RequestKey(Vec<u8>);

impl RequestKey {
    /// The key of a request; none where its answer is not to be kept.
    pub(super) fn new(method: &Method, media_type: MediaType, bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= MAX_REQUEST).then(|| {
            let mut key = Vec::with_capacity(bytes.len() + 2);
            key.extend([u8::from(*method == Method::GET), media_type as u8]);
            key.extend(bytes);
            Self(key)
        })
    }
}

impl ResponseCache {
    /// Keeps answers of this many bytes, by estimate; none for 0.
    pub(super) fn new(bytes: u64) -> Self {
        // An answer may come to be kept in three encodings.
        let weigh = |key: &RequestBytes, answer: &Arc<Answer>| {
            u32::try_from(OVERHEAD + key.len() + answer.body.len() * 8 / 5).unwrap_or(u32::MAX)
        };
        Self((bytes > 0).then(|| KeptAnswers {
            answers: Cache::builder().max_capacity(bytes).weigher(weigh).build(),
            seen: std::iter::repeat_with(AtomicU32::default).take(REMEMBERED).collect(),
            hashing: RandomState::default(),
        }))
    }

    /// The answer to this request at the content version.
    pub(super) fn get(&self, key: &RequestKey, version: Version) -> Option<Arc<Answer>> {
        let answer = self.0.as_ref()?.answers.get(&key.0[..])?;
        answer.caching.as_ref().is_some_and(|caching| caching.version == version).then_some(answer)
    }

    /// Number of bytes that are kept, by estimate.
    pub(super) fn bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, |kept| kept.answers.weighted_size())
    }

    /// Keeps an answer that lasts and took this long, where its request came before or it took a while.
    pub(super) fn keep(&self, key: RequestKey, answer: &Arc<Answer>, took: Duration) {
        if let Some(kept) = &self.0
            && answer.is_lasting()
            && (kept.came_before(&key) || took >= DEAR)
        {
            kept.answers.insert(key.0.into(), answer.clone());
        }
    }
}

impl KeptAnswers {
    /// Tells whether the request came before, lately, and notes that it came.
    fn came_before(&self, key: &RequestKey) -> bool {
        let hash = self.hashing.hash_one(&key.0);
        #[expect(clippy::cast_possible_truncation, reason = "half of the hash is the place, half the mark")]
        let (place, mark) = (hash as usize % REMEMBERED, (hash >> 32) as u32);
        self.seen[place].swap(mark, Ordering::Relaxed) == mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_when_its_request_comes_again_or_when_it_took_long() {
        let (cache, version) = (ResponseCache::new(1 << 20), Version::default());
        let options = CacheOptions::default();
        let lasting = || {
            let (operations, uses) = (Vec::new(), Vec::new());
            Answer::lasting(MediaType::Json, b"{}".to_vec(), version, &Tags::default(), operations, uses, &options)
        };
        let key = |text: &str| RequestKey::new(&Method::POST, MediaType::Json, text.as_bytes()).expect("a short one");
        let is_kept = |text: &str| cache.get(&key(text), version).is_some();
        let (answer, fleeting) = (Arc::new(lasting()), Answer::fleeting(StatusCode::OK, MediaType::Json, Vec::new()));
        let (fleeting, quick) = (Arc::new(fleeting), Duration::ZERO);

        cache.keep(key("often"), &answer, quick);
        assert!(!is_kept("often"));
        cache.keep(key("often"), &answer, quick);
        assert!(is_kept("often"));
        cache.keep(key("slow"), &answer, DEAR);
        assert!(is_kept("slow"));
        for number in 0..10_000 {
            cache.keep(key(&format!("once {number}")), &answer, quick);
            assert!(!is_kept(&format!("once {number}")));
        }
        for _ in 0..3 {
            cache.keep(key("error"), &fleeting, DEAR);
        }
        assert!(!is_kept("error"));
    }
}
