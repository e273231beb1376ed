//! Addresses of a site's pages: a template for each kind of entries, as the settings name them.
use std::{fmt::Write as _, str::FromStr};

use url::Url;

/// The place of the slug.
const SLUG: &str = "{slug}";

/// Maximum number of characters of a template: with a slug in it, an address has fewer than 2,048, as the protocol demands.
const LONGEST: usize = 1_800;

/// Addresses of the pages of entries of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteUrlTemplate {
    pub(super) kind: String,
    template: String,
}

impl FromStr for SiteUrlTemplate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "write it as career=https://www.example.com/careers/{slug}";
        let (kind, template) = text.split_once('=').ok_or(format!("it names no kind: {example}"))?;
        let url = Url::parse(&template.replace(SLUG, "x")).map_err(|cause| format!("{cause}: {example}"))?;
        let has_place = Url::parse(&template.replace(SLUG, "y")).is_ok_and(|other| {
            (other.host(), other.port(), other.scheme()) == (url.host(), url.port(), url.scheme())
                && (other.path(), other.query()) != (url.path(), url.query())
        });
        if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
            return Err(format!("the address needs `https` or `http` and a host: {example}"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(format!("the address takes no user, password or `#`: {example}"));
        }
        if template.trim().len() > LONGEST || !template.trim().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "the address takes at most {LONGEST} letters, digits and signs, with spaces and other letters percent-encoded: {example}"
            ));
        }
        if !has_place {
            return Err(format!("the address needs `{SLUG}` in its path: {example}"));
        }
        Ok(Self { kind: kind.trim().to_owned(), template: template.trim().to_owned() })
    }
}

impl SiteUrlTemplate {
    /// The address of the page of an entry.
    pub(super) fn of(&self, slug: &str) -> String {
        self.template.replace(SLUG, &percent_encoded(slug))
    }

    /// Scheme, host and port of all of them.
    pub(super) fn origin(&self) -> String {
        Url::parse(&self.template.replace(SLUG, "x")).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

/// A text as one step of a path.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            // Writing to a string does not fail.
            let _written = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_makes_addresses_of_slugs() {
        let template: SiteUrlTemplate =
            "career=https://www.example.com:8443/c/{slug}?a=1&b=2".parse().expect("a template");
        assert_eq!((&*template.kind, &*template.origin()), ("career", "https://www.example.com:8443"));
        assert_eq!(template.of("data-engineer"), "https://www.example.com:8443/c/data-engineer?a=1&b=2");
        assert_eq!(template.of("é/ö"), "https://www.example.com:8443/c/%C3%A9%2F%C3%B6?a=1&b=2");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for wrong in [
            "career",
            "career=x/{slug}",
            "career=https://x.example/",
            "career=ftp://x.example/{slug}",
            "career=https://{slug}.example/",
            "career=https://user:secret@x.example/{slug}",
            "career=https://x.example/{slug}#top",
            "career=https://x.example/{slug} x",
            "career=https://x.example/ü/{slug}",
        ] {
            assert!(wrong.parse::<SiteUrlTemplate>().is_err(), "{wrong}");
        }
    }
}
