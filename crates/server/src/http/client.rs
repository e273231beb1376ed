//! Clients: which address a request comes from, also behind a proxy that is trusted.
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use poem::{
    Addr, Request,
    http::{HeaderMap, HeaderValue, Uri, uri::Authority},
};

use super::forwarded::Forwarded;

/// Length of the prefix of the IPv6 addresses that one client has.
const CLIENT_PREFIX: u32 = 64;

/// Options about clients and proxies.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Clients")]
pub struct ClientOptions {
    /// The addresses of the proxies in front of the server, or their networks (`10.0.0.0/8`), separated by commas. Only their
    /// headers are believed: the client is the last address in `X-Forwarded-For`, or in `Forwarded` where that is missing, that is
    /// none of them; the name and the scheme that the client used are those in `X-Forwarded-Host` and `X-Forwarded-Proto`, or in
    /// `Forwarded`. A proxy that writes one kind of them must remove what clients send of the other.
    #[arg(long, env = "CAREERQL_TRUSTED_PROXIES", value_name = "ADDRESSES", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,
    /// The part that one client address (of IPv6, a network of 64 bits) may have of all connections, of all WebSockets and event
    /// streams, and of all subscriptions, in percent, but always 16 of each. Connections of trusted proxies are not counted. Many
    /// people may share one address: 100 sets no limit.
    #[arg(long, env = "CAREERQL_MAX_CLIENT_SHARE", default_value_t = 25, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub max_client_share: u8,
}

/// An address, or all that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    prefix: u32,
}

/// A client, as far as the server can tell clients apart: an IPv4 address, or the network of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Client(IpAddr);

impl ClientOptions {
    /// Tells whether the address is one of a proxy whose headers about the client are to be believed.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(address))
    }

    /// The client that sent the request.
    pub(super) fn client(&self, http: &Request) -> Client {
        self.client_behind(peer(http), http.headers())
    }

    /// The server as the client of the request called it.
    pub(super) fn called(&self, http: &Request) -> Called {
        self.called_behind(peer(http), http.uri(), http.headers())
    }

    /// The client that a connection from this address is for. Where a proxy wrote something that cannot be read, it is the client.
    fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        Client::at(self.forwarded(peer, headers).client.unwrap_or(peer))
    }

    /// The server as it was called in a connection from this address.
    fn called_behind(&self, peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> Called {
        let Forwarded { hosts, scheme, .. } = self.forwarded(peer, headers);
        let names = if hosts.is_empty() { Called::directly(uri, headers).names } else { hosts };
        Called { names, scheme }
    }

    /// Statements of proxies about the request; none where they are not to be believed.
    fn forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> Forwarded {
        if self.trusts(peer) { Forwarded::read(headers, |address| self.trusts(address)) } else { Forwarded::default() }
    }

    /// Number of places of all that one client may have.
    pub(super) fn share(&self, all: usize) -> usize {
        /// Small servers would leave a page with its dozen requests too little.
        const LEAST: usize = 16;
        let share =
            all / 100 * usize::from(self.max_client_share) + all % 100 * usize::from(self.max_client_share) / 100;
        share.max(LEAST).min(all)
    }
}

/// The server as a client called it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Called {
    /// Its names, with or without a port, the client's own first; more than one where proxies or headers differ.
    pub(super) names: Vec<String>,
    /// The scheme that the client used, where a proxy says so.
    pub(super) scheme: Option<String>,
}

impl Called {
    /// The server as a request without proxies calls it, in its headers and in its address. It has no name where the header `Host`
    /// is missing, as no browser leaves it out.
    pub(super) fn directly(uri: &Uri, headers: &HeaderMap) -> Self {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let mut names: Vec<String> = headers.get_all("host").iter().map(text).collect();
        if !names.is_empty() {
            names.extend(uri.authority().map(Authority::to_string));
        }
        Self { names, scheme: None }
    }
}

impl Client {
    /// The client at an address.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask(CLIENT_PREFIX))),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => write!(f, "{address}/{CLIENT_PREFIX}"),
        }
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        bits(address) & mask(self.prefix) == self.bits
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it must be an IP address or a network, such as 10.0.0.7, 10.0.0.0/8 or fd00::/8".to_owned();
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().map_err(|_| wrong())?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let length = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(length);
        if prefix > length {
            return Err(wrong());
        }
        // IPv4 addresses are the last 32 bits of mapped ones.
        let prefix = prefix + 128 - length;
        Ok(Self { bits: bits(address) & mask(prefix), prefix })
    }
}

/// The address at the other end of the connection.
pub(super) fn peer(http: &Request) -> IpAddr {
    match &**http.remote_addr() {
        Addr::SocketAddr(address) => address.ip(),
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    }
}

fn bits(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::forwarded::FORWARDED_FOR, *};

    fn options(proxies: &[&str]) -> ClientOptions {
        let trusted_proxies = proxies.iter().map(|text| text.parse().expect("a network")).collect();
        ClientOptions { trusted_proxies, max_client_share: 25 }
    }

    fn client(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let headers = forwarded.iter().map(|value| {
            let value = value.parse().expect("a header");
            (poem::http::HeaderName::from_static(FORWARDED_FOR), value)
        });
        options(proxies).client_behind(peer.parse().expect("an address"), &headers.collect()).to_string()
    }

    #[test]
    fn headers_of_strangers_are_not_believed() {
        assert_eq!(client(&[], "192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_client() {
        let proxies = ["10.0.0.0/8", "fd00::1"];
        for (forwarded, expected) in [
            (vec!["198.51.100.1"], "198.51.100.1"),
            (vec!["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
            (vec!["1.2.3.4, 198.51.100.1, 10.2.3.4"], "198.51.100.1"),
            (vec!["1.2.3.4", "198.51.100.1:4711", "fd00::1"], "198.51.100.1"),
            (vec!["[2001:db8:0:1:2::3]:80"], "2001:db8:0:1::/64"),
            (vec!["[2001:db8:0:1:2::3]"], "2001:db8:0:1::/64"),
            (vec!["198.51.100.1, unknown"], "10.0.0.1"),
            (vec!["198.51.100.1, unknown, 10.2.3.4"], "10.2.3.4"),
            (vec!["10.9.9.9"], "10.9.9.9"),
            (vec![""], "10.0.0.1"),
            (vec![], "10.0.0.1"),
        ] {
            assert_eq!(client(&proxies, "10.0.0.1", &forwarded), expected, "{forwarded:?}");
            assert_eq!(client(&proxies, "::ffff:10.0.0.1", &forwarded), expected, "{forwarded:?}, mapped");
        }
    }

    #[test]
    fn the_standard_header_names_the_client_where_the_older_is_missing() {
        let options = options(&["10.0.0.0/8"]);
        let client = |peer: &str, headers: &[(&'static str, &str)]| {
            let headers =
                headers.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
            options.client_behind(peer.parse().expect("an address"), &headers.collect()).to_string()
        };
        let standard = ("forwarded", "for=\"[2001:db8::1]:80\", for=10.0.0.2");
        assert_eq!(client("10.0.0.1", &[standard]), "2001:db8::/64");
        assert_eq!(client("10.0.0.1", &[standard, (FORWARDED_FOR, "192.0.2.1")]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &[("forwarded", "for=_hidden, for=10.0.0.2")]), "10.0.0.2");
        assert_eq!(client("10.0.0.1", &[("forwarded", "for=\"192.0.2.1")]), "10.0.0.1");
        assert_eq!(client("192.0.2.9", &[standard]), "192.0.2.9", "a stranger");
    }

    #[test]
    fn the_server_is_called_as_trusted_proxies_say() {
        let options = options(&["10.0.0.0/8"]);
        let called = |peer: &str, uri: &str, headers: &[(&'static str, &str)]| {
            let headers =
                headers.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
            let uri = uri.parse().expect("an address");
            let Called { names, scheme } =
                options.called_behind(peer.parse().expect("an address"), &uri, &headers.collect());
            format!("{} {}", names.join("+"), scheme.unwrap_or_default())
        };
        let host = ("host", "backend:8000");
        let older = [host, ("x-forwarded-host", "cms.example.com"), ("x-forwarded-proto", "https")];
        let standard = [host, ("forwarded", "host=cms.example.com;proto=https")];
        for headers in [&older[..], &standard] {
            assert_eq!(called("10.0.0.1", "/", headers), "cms.example.com https");
            assert_eq!(called("192.0.2.1", "/", headers), "backend:8000 ", "a stranger");
        }
        assert_eq!(called("10.0.0.1", "/", &[host, ("x-forwarded-proto", "https")]), "backend:8000 https");
        assert_eq!(called("10.0.0.1", "http://other/", &[host]), "backend:8000+other ");
        assert_eq!(called("192.0.2.1", "http://other/", &[]), " ", "without a header `Host`");
    }

    #[test]
    fn networks_are_read_as_they_are_usually_written() {
        for (network, inside, outside) in [
            ("0.0.0.0/0", "192.0.2.1", "2001:db8::1"),
            ("::/0", "192.0.2.1", ""),
            ("10.0.0.7/8", "10.200.0.1", "11.0.0.1"),
            (" 127.0.0.1 ", "::ffff:127.0.0.1", "127.0.0.2"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("::1", "::1", "::2"),
        ] {
            let options = options(&[network]);
            assert!(options.trusts(inside.parse().expect("an address")), "{network}");
            assert!(outside.is_empty() || !options.trusts(outside.parse().expect("an address")), "{network}");
        }
        for wrong in ["", "proxy", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.1:80"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_share_leaves_enough_for_one_page() {
        let options = options(&[]);
        assert_eq!([0, 1, 16, 40, 256, 4096].map(|all| options.share(all)), [0, 1, 16, 16, 64, 1024]);
        assert_eq!(ClientOptions { max_client_share: 100, ..options }.share(usize::MAX), usize::MAX);
    }
}
