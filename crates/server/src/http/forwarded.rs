//! Forwarding headers: what trusted proxies say about the request that the client sent, in `Forwarded`
//! ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)) or in `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`.
//!
//! Each proxy appends its own part, so the last part is that of the nearest. Parts are read from there, as far as each was
//! written by a trusted proxy: what stands before them came from the client, who can write anything.
use std::net::IpAddr;

use poem::http::{HeaderMap, HeaderValue};

/// The standard header, and the three that are older.
const FORWARDED: &str = "forwarded";
/// The header that names the client.
pub(super) const FORWARDED_FOR: &str = "x-forwarded-for";
/// The header that names the host.
const FORWARDED_HOST: &str = "x-forwarded-host";
/// The header that names the scheme.
const FORWARDED_PROTO: &str = "x-forwarded-proto";
/// All of them, and what other proxies add: a request with one of these did not begin where its connection did.
pub(super) const TRACES: [&str; 6] = [FORWARDED, FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO, "via", "x-real-ip"];

/// The request as the client sent it to the first trusted proxy.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Forwarded {
    /// The address of the client.
    pub(super) client: Option<IpAddr>,
    /// The hosts that the request was for, the one that the client named first. One that cannot be read is empty.
    pub(super) hosts: Vec<String>,
    /// The scheme that the client used, in lower case.
    pub(super) scheme: Option<String>,
}

impl Forwarded {
    /// Reads the headers of a request that comes from a trusted proxy. The older headers count first, as they do in most
    /// proxies; hosts count in both.
    pub(super) fn read(headers: &HeaderMap, trusts: impl Fn(IpAddr) -> bool) -> Self {
        let (standard, older) = (standard(headers, &trusts), older(headers, &trusts));
        Self {
            client: if headers.contains_key(FORWARDED_FOR) { older.client } else { standard.client },
            hosts: older.hosts.into_iter().chain(standard.hosts).collect(),
            scheme: older.scheme.or(standard.scheme),
        }
    }
}

/// The client, and the number of parts that trusted proxies wrote. Addresses come from the nearest on; one that cannot be read
/// ends them.
fn walk(addresses: impl Iterator<Item = Option<IpAddr>>, trusts: impl Fn(IpAddr) -> bool) -> (Option<IpAddr>, usize) {
    let (mut client, mut parts) = (None, 0);
    for address in addresses {
        parts += 1;
        let Some(address) = address else { break };
        client = Some(address);
        if !trusts(address) {
            break;
        }
    }
    (client, parts)
}

/// Reads `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`.
fn older(headers: &HeaderMap, trusts: impl Fn(IpAddr) -> bool) -> Forwarded {
    let list = |name: &str| -> Vec<String> {
        let values = headers.get_all(name).iter().map(text);
        values.flat_map(|value| value.split(',')).map(|part| part.trim().to_owned()).collect()
    };
    let (client, parts) = walk(list(FORWARDED_FOR).iter().rev().map(|part| address(part)), trusts);
    // Some proxies append a host, others write over it: there are at most as many true ones as proxies.
    let of_proxies = |mut list: Vec<String>| list.split_off(list.len().saturating_sub(parts.max(1)));
    let schemes = of_proxies(list(FORWARDED_PROTO));
    Forwarded { client, hosts: of_proxies(list(FORWARDED_HOST)), scheme: schemes.first().map(|name| scheme(name)) }
}

/// Reads `Forwarded`.
fn standard(headers: &HeaderMap, trusts: impl Fn(IpAddr) -> bool) -> Forwarded {
    let lines = headers.get_all(FORWARDED).iter().map(|line| elements(text(line)));
    // A line that cannot be read stands for one part that says nothing good.
    let elements: Vec<Option<Element>> = lines
        .flat_map(|line| match line {
            Some(elements) => elements.into_iter().map(Some).collect(),
            None => vec![None],
        })
        .collect();
    let nearest = elements.iter().rev();
    let named = |element: &Option<Element>| address(element.as_ref()?.client.as_deref()?);
    let (client, parts) = walk(nearest.map(named), trusts);
    let of_proxies = &elements[elements.len() - parts..];
    let host = |element: &Option<Element>| match element {
        Some(element) => element.host.clone(),
        None => Some(String::new()),
    };
    // Proxies that say nothing of a scheme or a host pass on what they got.
    let hosts = of_proxies.iter().filter_map(host).collect();
    let mut schemes = of_proxies.iter().flatten().filter_map(|element| element.scheme.as_deref());
    Forwarded { client, hosts, scheme: schemes.next().map(scheme) }
}

/// One part of the header `Forwarded`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Element {
    client: Option<String>,
    host: Option<String>,
    scheme: Option<String>,
}

/// The parts of a line of the header `Forwarded`; none where it does not keep to the grammar, as a quotation mark that is
/// never closed could hide what a proxy appended.
fn elements(line: &str) -> Option<Vec<Element>> {
    let (mut elements, mut element, mut rest) = (Vec::new(), Element::default(), line.trim_start());
    while !rest.is_empty() {
        if let Some(next) = rest.strip_prefix(',') {
            elements.push(std::mem::take(&mut element));
            rest = next.trim_start();
            continue;
        }
        if let Some(next) = rest.strip_prefix(';') {
            rest = next.trim_start();
            continue;
        }
        let (name, next) = rest.split_once('=')?;
        let (value, next) = value(next)?;
        let place = match name.to_ascii_lowercase().as_str() {
            "for" => Some(&mut element.client),
            "host" => Some(&mut element.host),
            "proto" => Some(&mut element.scheme),
            name if is_token(name) => None,
            _ => return None,
        };
        if let Some(place) = place
            && place.replace(value).is_some()
        {
            // Each parameter may stand once.
            return None;
        }
        rest = next.trim_start();
        if !rest.is_empty() && !rest.starts_with([',', ';']) {
            return None;
        }
    }
    elements.push(element);
    Some(elements)
}

/// The value at the beginning of the text, a token or in quotation marks, and what follows.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ';', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        // Many proxies write addresses of IPv6 and ports without quotation marks.
        let is_plain = !value.is_empty() && !value.contains(['"', '\\', '=']);
        return is_plain.then(|| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// Tells whether the text is a token of HTTP.
fn is_token(text: &str) -> bool {
    let is_mark = |character: char| "!#$%&'*+-.^_`|~".contains(character);
    !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || is_mark(character))
}

/// The value of a header; empty where it is not text.
fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// The scheme of a page whose WebSocket or request has this one.
fn scheme(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "ws" => "http".to_owned(),
        "wss" => "https".to_owned(),
        other => other.to_owned(),
    }
}

/// An address in a header, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> Forwarded {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        Forwarded::read(&map, |address| address.to_string().starts_with("10."))
    }

    /// The client, the hosts and the scheme in a line.
    fn told(headers: &[(&'static str, &str)]) -> String {
        let Forwarded { client, hosts, scheme } = read(headers);
        let client = client.map(|client| client.to_string()).unwrap_or_default();
        format!("{client} {} {}", hosts.join("+"), scheme.unwrap_or_default())
    }

    #[test]
    fn the_standard_header_is_read_as_the_rfc_writes_it() {
        for (line, expected) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60  http"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17  "),
            ("for=192.0.2.43, for=10.0.0.7", "192.0.2.43  "),
            ("for=192.0.2.43;host=cms.example.com;proto=https", "192.0.2.43 cms.example.com https"),
            ("FOR=192.0.2.43 ; Host=\"cms.example.com:8443\" ; PROTO=HTTPS", "192.0.2.43 cms.example.com:8443 https"),
            ("for=192.0.2.43;host=\"cms\\.example.com\"", "192.0.2.43 cms.example.com "),
            ("for=_hidden;host=cms.example.com;proto=wss", " cms.example.com https"),
            ("for=unknown", "  "),
            ("for=\"_SEVKISEK\"", "  "),
            ("host=cms.example.com", " cms.example.com "),
            ("for=192.0.2.43;;host=x,", "  "),
            ("secret=x;for=192.0.2.43", "192.0.2.43  "),
            ("", "  "),
        ] {
            assert_eq!(told(&[("forwarded", line)]), expected, "{line}");
        }
    }

    #[test]
    fn parts_of_the_client_are_not_read() {
        let evil = "for=10.0.0.1;host=evil.example;proto=http";
        for (lines, expected) in [
            (vec![evil, "for=192.0.2.43;host=cms.example.com;proto=https"], "192.0.2.43 cms.example.com https"),
            (vec!["for=192.0.2.43;host=cms.example.com, for=10.0.0.2;proto=http"], "192.0.2.43 cms.example.com http"),
            // The nearest proxy says nothing of a client: whatever stands before may be the client's.
            (vec![evil, "host=cms.example.com"], " cms.example.com "),
            (vec!["for=192.0.2.1;host=a, for=10.0.0.1;host=b", "for=10.0.0.2;host=c"], "192.0.2.1 a+b+c "),
        ] {
            let lines: Vec<_> = lines.into_iter().map(|line| ("forwarded", line)).collect();
            assert_eq!(told(&lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_names_a_host_that_nobody_has() {
        for line in [
            "for=\"192.0.2.43, for=192.0.2.44;host=evil.example",
            "for=\"a, for=192.0.2.44;host=\"evil.example:80\"",
            "for",
            "for=",
            "for=a=b",
            "for =192.0.2.43",
            "for=192.0.2.43 host=x",
            "for=192.0.2.43;for=192.0.2.44",
            "host=a;host=b",
            "=x",
        ] {
            let found = read(&[("forwarded", line)]);
            let expected = Forwarded { hosts: vec![String::new()], ..Forwarded::default() };
            // A name that is no token may still be skipped over, but never with a client.
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn the_older_headers_are_read_as_far_as_proxies_wrote_them() {
        let (client, host, scheme) = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto");
        for (headers, expected) in [
            (vec![(host, "cms.example.com")], " cms.example.com "),
            (vec![(host, "evil.example, cms.example.com")], " cms.example.com "),
            (vec![(host, "evil.example"), (host, "cms.example.com")], " cms.example.com "),
            (vec![(client, "192.0.2.1"), (host, "evil.example, cms.example.com")], "192.0.2.1 cms.example.com "),
            (vec![(client, "192.0.2.1, 10.0.0.2"), (host, "cms.example.com")], "192.0.2.1 cms.example.com "),
            (vec![(client, "192.0.2.1, 10.0.0.2"), (host, "c, a, b")], "192.0.2.1 a+b "),
            (vec![(client, "192.0.2.1, 10.0.0.2"), (scheme, "https, http")], "192.0.2.1  https"),
            (vec![(client, "192.0.2.1"), (scheme, "http,WSS")], "192.0.2.1  https"),
        ] {
            assert_eq!(told(&headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn the_older_headers_count_first_and_hosts_count_in_both() {
        let standard = ("forwarded", "for=192.0.2.1;host=a.example;proto=http");
        for (older, expected) in [
            (("x-forwarded-for", "192.0.2.2"), "192.0.2.2 a.example http"),
            (("x-forwarded-for", "unknown"), " a.example http"),
            (("x-forwarded-host", "b.example"), "192.0.2.1 b.example+a.example http"),
            (("x-forwarded-proto", "https"), "192.0.2.1 a.example https"),
        ] {
            assert_eq!(told(&[standard, older]), expected, "{older:?}");
        }
    }
}
