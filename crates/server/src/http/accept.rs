//! The media type of an answer, chosen by the `Accept` header.
use std::borrow::Cow;

use poem::http::{HeaderMap, HeaderValue, StatusCode, header};

/// Media type of a GraphQL response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`.
    GraphqlResponse,
    /// `application/json`, for clients of old. What was not executed is told as the other: clients read that whatever its status.
    Json,
}

impl MediaType {
    /// The type that an answer of this status has.
    pub(super) fn of_status(self, status: StatusCode) -> Self {
        if status.is_success() { self } else { Self::GraphqlResponse }
    }

    /// The value of the `Content-Type` header.
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// A range of media types that the client accepts, and how much it likes it.
pub(super) struct Range<'a> {
    pub(super) kind: &'a str,
    pub(super) quality: f32,
    parameters: bool,
}

/// The ranges of a header `Accept` or `Accept-Encoding`, in order.
pub(super) fn ranges(header: &str) -> impl Iterator<Item = Range<'_>> {
    header.split(',').map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let (mut quality, mut parameters) = (1.0, false);
        for part in parts {
            match part.split_once('=').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())) {
                Some((name, value)) if name == "q" => quality = weight(value),
                Some((name, value)) if name == "charset" => parameters |= !is_utf8(value),
                _ => {}
            }
        }
        Range { kind, quality, parameters }
    })
}

/// Tells whether the value of a parameter `charset` is a name of UTF-8.
pub(super) fn is_utf8(charset: &str) -> bool {
    let name = charset.trim().trim_matches('"').trim();
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8")
}

/// A weight from 0 to 1. What is none is passed over, as if it were not there.
fn weight(text: &str) -> f32 {
    let weight = text.trim_matches('"').parse().ok().filter(|weight: &f32| weight.is_finite());
    weight.map_or(1.0, |weight| weight.clamp(0.0, 1.0))
}

fn accepted(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    // Nearly all clients send one.
    let first = values.next().map(Cow::from)?;
    let all = values.fold(first, |all, value| all + "," + value);
    (!all.trim().is_empty()).then_some(all)
}

/// The media type of the answer: the one the client likes best, `application/json` where it does not care. `None` where it
/// takes neither.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<MediaType> {
    let Some(header) = accepted(headers) else { return Some(MediaType::Json) };
    let excludes =
        |kind: &str| ranges(&header).any(|range| range.kind.eq_ignore_ascii_case(kind) && range.quality == 0.0);
    let mut best: Option<(f32, MediaType)> = None;
    for range in ranges(&header).filter(|range| range.quality > 0.0 && !range.parameters) {
        let is = |kind: &str| range.kind.eq_ignore_ascii_case(kind);
        let takes_any = is("application/*") || is("*/*");
        let media_type = if is("application/json") || takes_any && !excludes("application/json") {
            MediaType::Json
        } else if is("application/graphql-response+json") || takes_any && !excludes("application/graphql-response+json")
        {
            MediaType::GraphqlResponse
        } else {
            continue;
        };
        if best.is_none_or(|(quality, _)| range.quality > quality) {
            best = Some((range.quality, media_type));
        }
    }
    best.map(|(_, media_type)| media_type)
}

/// Tells whether the client likes an event stream best; the first of what it likes as well.
pub(super) fn prefers_events(headers: &HeaderMap) -> bool {
    let Some(header) = accepted(headers) else { return false };
    let mut best = (0.0, false);
    for range in ranges(&header) {
        if range.quality > best.0 {
            best = (range.quality, range.kind.eq_ignore_ascii_case("text/event-stream"));
        }
    }
    best.1
}

/// Tells whether the client is a browser that opens a page.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    accepted(headers).is_some_and(|header| {
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
        for json in [
            "application/json",
            "*/*",
            "application/*",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF8\"",
            "text/html, */*;q=0.1",
            "application/json;q=high",
            "application/json; q=\"0.5\"",
            "application/json;q=7, application/graphql-response+json",
            "",
        ] {
            assert_eq!(negotiated(json), Some(MediaType::Json), "{json}");
        }
        assert_eq!(negotiated("application/json;q=0, */*"), Some(MediaType::GraphqlResponse));
        for neither in ["text/plain", "application/json;q=0", "application/json;q=-1", "text/html"] {
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
