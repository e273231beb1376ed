//! GraphiQL, from files inside the binary: it works without the internet.
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Path, Redirect},
};
use rust_embed::Embed;

/// The page's own files and nothing else; styles that the editor sets on elements are allowed.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Embed)]
#[folder = "graphiql/dist"]
struct Files;

/// The page.
pub(super) fn page() -> Response {
    file("index.html")
}

/// A file of the page.
#[handler]
pub(super) fn asset(Path(name): Path<String>) -> Response {
    file(&format!("assets/{name}"))
}

/// From the server's root to the endpoint, which shows the page.
#[handler]
pub(super) fn to_endpoint() -> Redirect {
    Redirect::see_other("/graphql")
}

fn file(path: &str) -> Response {
    let Some(file) = Files::get(path) else { return StatusCode::NOT_FOUND.into() };
    let kind = match path.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "ttf")) => "font/ttf",
        _ => "application/octet-stream",
    };
    Response::builder()
        .content_type(kind)
        .header("content-security-policy", POLICY)
        .header("x-content-type-options", "nosniff")
        .header("cache-control", "no-cache")
        .body(file.data.into_owned())
}
