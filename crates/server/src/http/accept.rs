//! The media type of an answer, chosen by the `Accept` header.
use poem::http::{HeaderMap, HeaderValue};

/// How a GraphQL response is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    GraphqlResponse,
    /// `application/json`: status 200 for every well-formed request.
    Json,
}

impl MediaType {
    /// The value of the `Content-Type` header.
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// A range of media types that the client accepts, and how much it likes it.
struct Range<'a> {
    kind: &'a str,
    quality: f32,
    parameters: bool,
}

fn ranges(header: &str) -> impl Iterator<Item = Range<'_>> {
    header.split(',').map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let (mut quality, mut parameters) = (1.0, false);
        for part in parts {
            match part.split_once('=').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())) {
                Some((name, value)) if name == "q" => quality = value.parse().unwrap_or(0.0),
                Some((name, value)) if name == "charset" => {
                    parameters |= !value.trim_matches('"').eq_ignore_ascii_case("utf-8");
                }
                _ => {}
            }
        }
        Range { kind, quality, parameters }
    })
}

fn header(headers: &HeaderMap) -> Option<String> {
    let values: Vec<&str> = headers.get_all("accept").iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// The media type of the answer: the one the client likes best, `application/json` where it does not care. `None` where it
/// takes neither.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<MediaType> {
    let Some(header) = header(headers) else { return Some(MediaType::Json) };
    let mut best: Option<(f32, MediaType)> = None;
    for range in ranges(&header).filter(|range| range.quality > 0.0 && !range.parameters) {
        let media_type = match range.kind.to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => MediaType::GraphqlResponse,
            "application/json" | "application/*" | "*/*" => MediaType::Json,
            _ => continue,
        };
        if best.is_none_or(|(quality, _)| range.quality > quality) {
            best = Some((range.quality, media_type));
        }
    }
    best.map(|(_, media_type)| media_type)
}

/// Whether the client likes an event stream best; the first of what it likes as well.
pub(super) fn prefers_events(headers: &HeaderMap) -> bool {
    let Some(header) = header(headers) else { return false };
    let mut best = (0.0, false);
    for range in ranges(&header) {
        if range.quality > best.0 {
            best = (range.quality, range.kind.eq_ignore_ascii_case("text/event-stream"));
        }
    }
    best.1
}

/// Whether the client is a browser that opens a page.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    header(headers).is_some_and(|header| {
        ranges(&header).any(|range| range.kind.eq_ignore_ascii_case("text/html") && range.quality > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        headers.insert("accept", accept.parse().expect("a header"));
        negotiate(&headers)
    }

    #[test]
    fn the_client_chooses() {
        assert_eq!(negotiated("application/graphql-response+json"), Some(MediaType::GraphqlResponse));
        assert_eq!(
            negotiated("application/graphql-response+json, application/json;q=0.9"),
            Some(MediaType::GraphqlResponse)
        );
        assert_eq!(negotiated("application/graphql-response+json;q=0.5, application/json"), Some(MediaType::Json));
        for json in
            ["application/json", "*/*", "application/*", "application/json; charset=utf-8", "text/html, */*;q=0.1"]
        {
            assert_eq!(negotiated(json), Some(MediaType::Json), "{json}");
        }
        for neither in ["text/plain", "application/json;q=0", "text/html"] {
            assert_eq!(negotiated(neither), None, "{neither}");
        }
        assert_eq!(negotiate(&HeaderMap::new()), Some(MediaType::Json));
    }
    #[test]
    fn an_event_stream_must_be_liked_best() {
        let prefers = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("accept", accept.parse().expect("a header"));
            prefers_events(&headers)
        };
        for accept in ["text/event-stream", "text/event-stream, */*", "application/json;q=0.9, text/event-stream"] {
            assert!(prefers(accept), "{accept}");
        }
        for accept in ["*/*", "application/json, text/event-stream", "text/event-stream;q=0", "text/html"] {
            assert!(!prefers(accept), "{accept}");
        }
    }
}
