//! HTML from Markdown, sanitised.
use std::{
    io::{self, Read},
    sync::LazyLock,
    time::{Duration, Instant},
};

use ammonia::Builder;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html::push_html};

use super::bounds::excess;

/// Maximum time that the sanitiser may read. What passed the check takes a small part of it.
const PATIENCE: Duration = Duration::from_millis(500);

/// Elements that are left of HTML: the sanitiser's own choice, and the elements that only divide a text, so that nothing runs together
/// where they are taken out.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut sanitiser = Builder::default();
    sanitiser.add_tags(["address", "main", "menu", "section", "tfoot"]);
    sanitiser
});

/// Reads Markdown.
pub(super) fn parse(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// Sanitised HTML. Prose from before there were bounds may break them; it is shown as its author wrote it, because rendering it
/// could take minutes.
pub(super) fn render(markdown: &str) -> String {
    let rendered = if excess(markdown).is_some() { None } else { within(markdown, PATIENCE) };
    rendered.unwrap_or_else(|| as_written(markdown))
}

/// Sanitised HTML, unless that takes too long.
fn within(markdown: &str, patience: Duration) -> Option<String> {
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    push_html(&mut html, parse(markdown));
    let reader = Timed { rest: html.as_bytes(), end: Instant::now() + patience };
    let sanitised = SANITISER.clean_from_reader(reader);
    sanitised.map(|document| document.to_string()).ok()
}

/// The Markdown itself, escaped.
fn as_written(markdown: &str) -> String {
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    let text = [
        Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
        Event::Text(markdown.into()),
        Event::End(TagEnd::CodeBlock),
    ];
    push_html(&mut html, text.into_iter());
    html
}

/// Bytes that can be read until the time is over. The sanitiser reads some thousands at once.
struct Timed<'a> {
    rest: &'a [u8],
    end: Instant,
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if Instant::now() > self.end { Err(io::ErrorKind::TimedOut.into()) } else { self.rest.read(buffer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_handlers_are_taken_out() {
        let html = render("Hi <script>alert(1)</script><a href=\"javascript:alert(1)\" onclick=\"x()\">there</a>");
        assert!(!html.contains("script"), "{html}");
        assert!(!html.contains("onclick"), "{html}");
        let stored = render(&"> <script>alert(1)</script>".repeat(40_000));
        assert!(!stored.contains("<script"), "what breaks a bound is escaped");
    }

    #[test]
    fn what_breaks_a_bound_is_shown_as_it_was_written() {
        let deep = "- ".repeat(1_000) + "a & b";
        assert_eq!(render(&deep), format!("<pre><code>{}a &amp; b</code></pre>\n", "- ".repeat(1_000)));
    }

    #[test]
    fn the_sanitiser_ends_when_the_time_is_over() {
        assert_eq!(within(&"a <b>c</b> ".repeat(1_000), Duration::ZERO), None);
        assert!(within("a <b>c</b>", Duration::from_mins(1)).is_some());
    }
}
