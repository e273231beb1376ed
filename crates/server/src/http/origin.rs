//! Origins: where the pages come from that query the endpoint, and which of them may.
use std::str::FromStr;

use kernel::Perspective;
use poem::http::HeaderValue;
use url::Url;

use super::{
    client::Called,
    host::{Hosts, named},
};

/// Options about pages in browsers.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Browsers")]
pub struct BrowserOptions {
    /// The origins of the pages that may query the endpoint from elsewhere, separated by commas, such as
    /// `https://www.example.com`; `*` for all, `none` for none. Without this option all may where the endpoint shows what is
    /// published, and none where it shows drafts. WebSockets, which carry cookies, are opened for the server's own pages and for
    /// what is named here, with `*` if that is named. Programs other than browsers may always.
    #[arg(long, env = "CAREERQL_CORS_ORIGINS", value_name = "ORIGINS")]
    pub cors_origins: Option<Origins>,
    /// The names that the server answers to beside `localhost` and IP addresses, separated by commas, such as
    /// `preview.example.com`; `*` for all. Without this option it answers to all names where it shows what is published, and to no
    /// others where it shows drafts: else any page in an editor's browser could make its own name lead here and read them.
    #[arg(long, env = "CAREERQL_HOSTS", value_name = "NAMES")]
    pub hosts: Option<Hosts>,
}

impl BrowserOptions {
    /// The origins whose pages may query and follow event streams.
    pub(super) fn fetching(&self, perspective: Perspective) -> Origins {
        let default = if perspective == Perspective::Published { Origins::Any } else { Origins::none() };
        self.cors_origins.clone().unwrap_or(default)
    }

    /// The origins whose pages may open a WebSocket. Browsers leave this to the server, and send cookies along, which a proxy in
    /// front of it may take for a login: so nobody may who was not named.
    pub(super) fn sockets(&self) -> Origins {
        self.cors_origins.clone().unwrap_or_else(Origins::none)
    }
}

/// Which origins are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// All.
    Any,
    /// These, as browsers write them.
    Listed(Vec<String>),
}

impl Origins {
    /// None at all.
    #[must_use]
    pub fn none() -> Self {
        Self::Listed(Vec::new())
    }

    /// Tells whether a page of this origin is allowed. Browsers write an origin in one way only.
    pub(super) fn allow(&self, origin: &HeaderValue) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(listed) => listed.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()),
        }
    }
}

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        match parts[..] {
            ["none"] => Ok(Self::none()),
            _ if parts.contains(&"*") => Ok(Self::Any),
            _ => parts.into_iter().map(canonical).collect::<Result<_, _>>().map(Self::Listed),
        }
    }
}

/// The origin as browsers write it: in lower case, without the port that its scheme has anyway.
fn canonical(text: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "`{text}` is not an origin: write scheme, host and port, such as `https://www.example.com` or \
             `http://localhost:5173`, without a path; `*` for all origins or `none` for none"
        )
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_bare = url.path().trim_matches('/').is_empty() && url.query().is_none() && url.fragment().is_none();
    let is_named = url.host_str().is_some_and(|host| !host.is_empty() && !host.contains('*'));
    if !is_bare || !is_named || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    // Other schemes, such as those of browser extensions, have no origin in the library's eyes.
    let origin = url.origin();
    Ok(if origin.is_tuple() { origin.ascii_serialization() } else { text.trim_end_matches('/').to_ascii_lowercase() })
}

/// Tells whether the page comes from the server that it asks: by the name and the port that the client called it, which may leave
/// out or name the port that the scheme has anyway, and by the scheme, where a proxy says which the client used.
pub(super) fn is_own(origin: &str, called: &Called) -> bool {
    let Ok(page) = Url::parse(origin) else { return false };
    let Some(host) = called.names.first() else { return false };
    let scheme = called.scheme.as_deref().unwrap_or(page.scheme());
    let Ok(server) = Url::parse(&format!("{scheme}://{host}/")) else { return false };
    let name = page.host_str().and_then(named);
    let same_port = page.port_or_known_default() == server.port_or_known_default();
    page.origin().is_tuple() && page.scheme() == scheme && name.is_some() && name == named(host) && same_port
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Origins {
        text.parse().expect("a list of origins")
    }

    fn allows(origins: &Origins, origin: &'static str) -> bool {
        origins.allow(&HeaderValue::from_static(origin))
    }

    #[test]
    fn a_list_is_read_as_browsers_write_origins() {
        let origins = listed("https://WWW.example.com:443/, http://localhost:5173 ,chrome-extension://abc,");
        for allowed in ["https://www.example.com", "http://localhost:5173", "chrome-extension://abc"] {
            assert!(allows(&origins, allowed), "{allowed}");
        }
        let others =
            ["http://www.example.com", "https://example.com", "http://localhost:5174", "http://localhost", "null", ""];
        for other in others {
            assert!(!allows(&origins, other), "{other}");
            assert!(allows(&listed("*"), other), "{other}");
            assert!(!allows(&listed("none"), other), "{other}");
        }
        assert_eq!(listed("https://a.example,*"), Origins::Any);
    }

    #[test]
    fn what_is_no_origin_is_refused_by_name() {
        for wrong in [
            "www.example.com",
            "https://www.example.com/app",
            "https://*.example.com",
            "https://me@www.example.com",
            "https://www.example.com?x",
            "null",
            "localhost:5173",
            "https://",
        ] {
            let error = format!("https://right.example,{wrong}").parse::<Origins>().expect_err(wrong);
            assert!(error.contains(&format!("`{wrong}`")), "{error}");
        }
    }

    fn own(origin: &str, host: &str, scheme: Option<&str>) -> bool {
        is_own(origin, &Called { names: vec![host.to_owned()], scheme: scheme.map(str::to_owned) })
    }

    #[test]
    fn the_scheme_that_a_proxy_names_is_part_of_the_origin() {
        for (origin, host, scheme) in [
            ("https://x", "x", "https"),
            ("https://x", "x:443", "https"),
            ("http://x", "x:80", "http"),
            ("https://x:8443", "x:8443", "https"),
        ] {
            assert!(own(origin, host, Some(scheme)), "{origin} {scheme} {host}");
        }
        for (origin, host, scheme) in [
            ("http://x", "x", "https"),
            ("https://x", "x", "http"),
            ("http://x:443", "x", "https"),
            ("https://x:80", "x", "http"),
            ("https://x", "x", "ftp"),
            ("https://x", "x", ""),
            ("https://x", "x", "https://y/?"),
        ] {
            assert!(!own(origin, host, Some(scheme)), "{origin} {scheme} {host}");
        }
        assert!(!is_own("http://x", &Called { names: Vec::new(), scheme: None }));
    }

    #[test]
    fn default_ports_are_the_same_origin() {
        for (origin, host) in [
            ("https://x", "x:443"),
            ("http://x", "x:80"),
            ("https://x", "x"),
            ("http://x", "X"),
            ("http://x.", "x"),
            ("http://x:8000", "x:8000"),
            ("http://[::1]:8000", "[::1]:8000"),
            ("http://[::1]", "[0:0:0:0:0:0:0:1]:80"),
        ] {
            assert!(own(origin, host, None), "{origin} {host}");
        }
        for (origin, host) in [
            ("http://x", "x:443"),
            ("https://x", "x:80"),
            ("https://x", "x:8000"),
            ("http://x:8000", "x"),
            ("http://x", "y"),
            ("http://x", "x.evil.example"),
            ("http://x", "evil@x"),
            ("http://x", "x/evil"),
            ("null", "null"),
            ("file://", ""),
            ("", ""),
        ] {
            assert!(!own(origin, host, None), "{origin} {host}");
        }
    }
}
