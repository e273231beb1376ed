//! The names that the server answers to. A page may have its name lead to this machine (DNS rebinding) and then reads, as its own
//! origin, whatever the server shows to everybody: so a server that shows drafts answers to names that nobody can make up.
use std::str::FromStr;

use kernel::Perspective;
use poem::{Endpoint, Request, Response, Result, http::StatusCode};
use serde_json::json;
use url::{Host, Url};

use super::client::{Called, ClientOptions};

/// Paths that probes ask for, by whatever name: they learn nothing but that the server lives.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// The names of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Whatever the client calls it.
    Any,
    /// These, `localhost`, and IP addresses.
    Listed(Vec<String>),
}

impl FromStr for Hosts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.contains(&"*") {
            return Ok(Self::Any);
        }
        let name = |part: &str| match named(part) {
            Some(Host::Domain(name)) => Ok(name),
            Some(address) => Ok(address.to_string()),
            None => Err(format!(
                "`{part}` is not the name of a host: write it without scheme and path, such as `cms.example.com`"
            )),
        };
        parts.into_iter().map(name).collect::<Result<_, _>>().map(Self::Listed)
    }
}

impl Hosts {
    /// The names of a server that shows this to everybody.
    pub(super) fn of(named: Option<Self>, perspective: Perspective) -> Self {
        let default = if perspective == Perspective::Published { Self::Any } else { Self::local() };
        named.unwrap_or(default)
    }

    /// `localhost`, and IP addresses.
    pub(super) fn local() -> Self {
        Self::Listed(Vec::new())
    }

    /// Tells whether the client calls the server by its names, wherever the request says one. One without any name is refused, as
    /// no browser sends it.
    pub(super) fn allow(&self, called: impl FnOnce() -> Called) -> bool {
        let Self::Listed(listed) = self else { return true };
        let Called { names, .. } = called();
        !names.is_empty() && names.iter().all(|name| is_listed(name, listed))
    }
}

/// The host in a `Host` header, with or without a port.
pub(super) fn named(header: &str) -> Option<Host> {
    let url = Url::parse(&format!("http://{header}/")).ok()?;
    let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_plain = is_plain && url.username().is_empty() && url.password().is_none() && !header.contains('@');
    match url.host().filter(|_| is_plain)?.to_owned() {
        // The root of all names may stand at the end.
        Host::Domain(name) => Some(Host::Domain(name.strip_suffix('.').unwrap_or(&name).to_owned())),
        address => Some(address),
    }
}

fn is_listed(header: &str, listed: &[String]) -> bool {
    match named(header) {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost") || listed.contains(&name),
        // No name leads here, so nobody can have made one lead here.
        Some(_) => true,
        None => false,
    }
}

/// Answers to the server's names only.
pub(super) struct Guarded<E> {
    pub(super) hosts: Hosts,
    pub(super) clients: ClientOptions,
    pub(super) inner: E,
}

impl<E: Endpoint> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, http: Request) -> Result<Response> {
        if PROBES.contains(&http.uri().path()) || self.hosts.allow(|| self.clients.called(&http)) {
            Ok(self.inner.get_response(http).await)
        } else {
            Ok(misdirected())
        }
    }
}

fn misdirected() -> Response {
    let message = "This server does not answer to the name in the header `Host` (or, from a trusted proxy, `X-Forwarded-Host` or \
                   `Forwarded`). Use an IP address or `localhost`, or name the host in the server's setting --hosts.";
    let error = json!({ "message": message, "extensions": { "code": "HOST_NOT_ALLOWED" } });
    Response::builder()
        .status(StatusCode::MISDIRECTED_REQUEST)
        .content_type("application/json; charset=utf-8")
        .header("cache-control", "no-store")
        .body(json!({ "errors": [error] }).to_string())
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderMap, Uri};

    use super::*;

    fn allows(hosts: &str, host: &str) -> bool {
        let called = Called { names: vec![host.to_owned()], scheme: None };
        hosts.parse::<Hosts>().expect("names").allow(|| called)
    }

    #[test]
    fn names_that_nobody_can_make_up_are_allowed() {
        for host in
            ["localhost", "LOCALHOST:8000", "localhost.", "app.localhost:1", "127.0.0.1:8000", "[::1]:8000", "10.0.0.7"]
        {
            assert!(allows("", host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8000",
            "evil.example.",
            "localhost.evil.example",
            "evillocalhost",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "localhost/evil",
            "localhost:evil",
            "",
        ] {
            assert!(!allows("", host), "{host}");
            assert!(allows("*", host), "{host}");
        }
    }

    #[test]
    fn other_names_are_allowed_where_they_are_listed() {
        let hosts = "CMS.example.com, preview.example.com:8443,";
        for host in ["cms.example.com", "cms.example.com:8000", "Preview.Example.Com.", "localhost"] {
            assert!(allows(hosts, host), "{host}");
        }
        for host in ["example.com", "x.cms.example.com", "cms.example.com.evil.example"] {
            assert!(!allows(hosts, host), "{host}");
        }
        for wrong in ["https://cms.example.com", "cms.example.com/graphql", "a b"] {
            assert!(wrong.parse::<Hosts>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_name_of_a_request_counts() {
        let names = |uri: &str, headers: &[(&'static str, &str)]| {
            let headers =
                headers.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
            let uri: Uri = uri.parse().expect("an address");
            Hosts::local().allow(|| Called::directly(&uri, &headers.collect()))
        };
        assert!(names("/graphql", &[("host", "localhost")]));
        assert!(names("http://localhost/graphql", &[("host", "localhost")]));
        assert!(!names("/graphql", &[]));
        assert!(!names("http://localhost/graphql", &[]));
        assert!(!names("http://evil.example/graphql", &[("host", "localhost")]));
        let mut twice = HeaderMap::new();
        for host in ["localhost", "evil.example"] {
            twice.append("host", host.parse().expect("a header"));
        }
        assert!(!Hosts::local().allow(|| Called::directly(&Uri::from_static("/graphql"), &twice)));
    }
}
