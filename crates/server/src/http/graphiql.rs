//! GraphiQL, from files inside the binary: it works without the internet.
use std::{
    borrow::Cow,
    collections::btree_map::{BTreeMap, Entry},
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use poem::{
    Response, handler,
    http::{HeaderMap, HeaderValue, StatusCode, Uri},
    web::{Path, Redirect},
};
use rust_embed::Embed;

use super::encoding::Encoding;

/// The page's own files and nothing else; styles that the editor sets on elements are allowed.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page as it is shown at `/graphql`, beside the folder of its files and not in it.
const BESIDE: &str = "beside.html";

#[derive(Embed)]
#[folder = "graphiql/dist"]
struct Files;

/// The page of the endpoint at this address. Its own addresses are relative, as proxies may serve it below any path.
pub(super) fn page(uri: &Uri, headers: &HeaderMap) -> Response {
    let name = if uri.path().ends_with('/') { "index.html" } else { BESIDE };
    file(name, headers)
}

/// A file of the page.
#[handler]
pub(super) fn asset(Path(name): Path<String>, headers: &HeaderMap) -> Response {
    file(&format!("assets/{name}"), headers)
}

/// From the server's root to the endpoint, which shows the page.
#[handler]
pub(super) fn to_endpoint() -> Redirect {
    Redirect::see_other("graphql")
}

fn file(path: &str, headers: &HeaderMap) -> Response {
    let Some(data) = data(path) else { return StatusCode::NOT_FOUND.into() };
    let kind = match path.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "ttf")) => "font/ttf",
        _ => "application/octet-stream",
    };
    let encoding = Encoding::accepted(headers, data.len());
    let (encoding, body) = match encoded(path, encoding, &data) {
        Some(body) => (encoding, body),
        None => (Encoding::Identity, data.into_owned().into()),
    };
    let mut response = Response::builder()
        .content_type(kind)
        .header("content-security-policy", POLICY)
        .header("x-content-type-options", "nosniff")
        .header("cache-control", "no-cache")
        .header("vary", "accept, accept-encoding")
        .body(body);
    if encoding != Encoding::Identity {
        response.headers_mut().insert("content-encoding", HeaderValue::from_static(encoding.name()));
    }
    response
}

/// The bytes of a file.
fn data(path: &str) -> Option<Cow<'static, [u8]>> {
    if path != BESIDE {
        return Some(Files::get(path)?.data);
    }
    let page = String::from_utf8(Files::get("index.html")?.data.into_owned()).ok()?;
    Some(page.replace("\"./assets/", "\"./graphql/assets/").into_bytes().into())
}

/// The file in an encoding: each is made once.
fn encoded(path: &str, encoding: Encoding, data: &[u8]) -> Option<Bytes> {
    static MADE: Mutex<BTreeMap<(String, &str), Bytes>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    match made.entry((path.to_owned(), encoding.name())) {
        Entry::Occupied(known) => Some(known.get().clone()),
        Entry::Vacant(place) => {
            let body = encoding.encode(&Bytes::copy_from_slice(data)).ok()?;
            Some(place.insert(body).clone())
        }
    }
}
