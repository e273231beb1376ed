//! Prose: Markdown in the document, `{ markdown html plain }` in the graph.
use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Object, OutputType, Positioned, ServerResult,
    Value, parser::types::Field, registry::Registry,
};
use pulldown_cmark::{Event, Options, Parser, TagEnd, html};
use serde::{Deserialize, Serialize};

use crate::scalar::scalar_type;

/// Markdown that people read. An empty text is refused by the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RichText(String);

impl RichText {
    /// The Markdown as it was written.
    pub fn markdown(&self) -> &str {
        &self.0
    }

    /// The text without markup: one line per block.
    pub fn plain(&self) -> String {
        let mut plain = String::with_capacity(self.0.len());
        for event in parse(&self.0) {
            match event {
                Event::Text(text) | Event::Code(text) => plain.push_str(&text),
                Event::SoftBreak => plain.push(' '),
                Event::HardBreak
                | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock)
                    if !plain.ends_with('\n') =>
                {
                    plain.push('\n');
                }
                _ => {}
            }
        }
        plain.truncate(plain.trim_end().len());
        plain
    }

    /// Sanitised HTML: no scripts, no styles, no event handlers, whatever the Markdown holds.
    pub fn html(&self) -> String {
        let mut unsafe_html = String::with_capacity(self.0.len() * 3 / 2);
        html::push_html(&mut unsafe_html, parse(&self.0));
        ammonia::clean(&unsafe_html)
    }
}

fn parse(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// Prose, in the form that suits the reader. The forms say the same.
#[Object(name = "RichText")]
impl Forms<'_> {
    /// The Markdown (CommonMark with tables and strike-through) as its author wrote it.
    async fn markdown(&self) -> &str {
        &self.0.0
    }

    /// HTML made from the Markdown and sanitised: safe to insert into a page.
    async fn html(&self) -> String {
        self.0.html()
    }

    /// The bare text, one line per paragraph or list item.
    async fn plain(&self) -> String {
        self.0.plain()
    }
}

struct Forms<'a>(&'a RichText);

impl OutputType for RichText {
    fn type_name() -> Cow<'static, str> {
        "RichText".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Forms<'_> as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        Forms(self).resolve(ctx, field).await
    }
}

impl InputType for RichText {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        "Markdown".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        scalar_type::<Self>(
            registry,
            "Prose as Markdown (CommonMark with tables and strike-through), not empty.",
            |value| matches!(value, Value::String(text) if !text.trim().is_empty()),
        )
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_has_three_forms() {
        let text = RichText("A **bold** claim,\nand more.\n\n- one\n- two".into());
        assert_eq!(text.plain(), "A bold claim, and more.\none\ntwo");
        assert_eq!(
            text.html(),
            "<p>A <strong>bold</strong> claim,\nand more.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        );
    }

    #[test]
    fn html_is_sanitised() {
        let text =
            RichText("Hi <script>alert(1)</script><a href=\"javascript:alert(1)\" onclick=\"x()\">there</a>".into());
        let html = text.html();
        assert!(!html.contains("script"), "{html}");
        assert!(!html.contains("onclick"), "{html}");
    }
}
