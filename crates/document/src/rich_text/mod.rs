//! Prose: Markdown in the document, `{ markdown html plain }` in the graph.
mod bounds;
mod html;
mod plain;

use std::{borrow::Cow, sync::OnceLock};

use async_graphql::{
    Context, ContextSelectionSet, InputType, InputValueError, InputValueResult, Object, OutputType, Positioned,
    ServerResult, Value, parser::types::Field, registry::Registry,
};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

pub(crate) use self::bounds::excess;
use crate::scalar::scalar_type;

/// Markdown that people read. An empty text is refused by the check.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct RichText {
    markdown: String,
    /// Rendered when first asked for.
    html: OnceLock<Box<str>>,
    plain: OnceLock<Box<str>>,
}

impl From<String> for RichText {
    fn from(markdown: String) -> Self {
        Self { markdown, html: OnceLock::new(), plain: OnceLock::new() }
    }
}

impl From<RichText> for String {
    fn from(text: RichText) -> Self {
        text.markdown
    }
}

impl PartialEq for RichText {
    fn eq(&self, other: &Self) -> bool {
        self.markdown == other.markdown
    }
}

impl Eq for RichText {}

impl RichText {
    /// The Markdown as it was written.
    pub fn markdown(&self) -> &str {
        &self.markdown
    }

    /// The text without markup: one line per block.
    pub fn plain(&self) -> &str {
        self.plain.get_or_init(|| plain::plain(self.html()).into())
    }

    /// Sanitised HTML: no scripts, no styles, no event handlers, whatever the Markdown holds. Rendering takes milliseconds at
    /// most, also of what was stored before there were bounds.
    pub fn html(&self) -> &str {
        self.html.get_or_init(|| html::render(&self.markdown).into())
    }

    /// Lets other requests go first where there is work to do and this one took long already.
    async fn give_way(&self, ctx: &Context<'_>) {
        if let Some(GiveWay(give_way)) = ctx.data_opt().filter(|_| self.html.get().is_none()) {
            give_way(ctx).await;
        }
    }
}

/// Step of a request before it renders prose, as data of the schema: it lets others go first where it took long already.
pub struct GiveWay(pub for<'a> fn(&'a Context<'_>) -> BoxFuture<'a, ()>);

/// Forms of prose that are made when they are asked for, with their weight in the cost of a query.
pub const DEAR_FORMS: [(&str, &str, u64); 2] = [("RichText", "html", 5), ("RichText", "plain", 5)];

/// Prose, in the form that suits the reader. All forms have the same content.
#[Object(name = "RichText")]
impl Forms<'_> {
    /// The Markdown (CommonMark with tables and strike-through) as its author wrote it.
    async fn markdown(&self) -> &str {
        &self.0.markdown
    }

    /// HTML made from the Markdown and sanitised: safe to insert into a page.
    async fn html(&self, ctx: &Context<'_>) -> &str {
        self.0.give_way(ctx).await;
        self.0.html()
    }

    /// The bare text of the HTML: one line per paragraph, list item, table cell and line break. An image appears as its
    /// alternative text.
    async fn plain(&self, ctx: &Context<'_>) -> &str {
        self.0.give_way(ctx).await;
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
            "https://spec.commonmark.org/0.31.2/",
            |value| matches!(value, Value::String(text) if !text.trim().is_empty()),
        )
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self::from(text)),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.markdown.clone())
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
        let text = RichText::from("A **bold** claim,\nand more.\n\n- one\n- two".to_owned());
        assert_eq!(text.plain(), "A bold claim, and more.\none\ntwo");
        assert_eq!(
            text.html(),
            "<p>A <strong>bold</strong> claim,\nand more.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        );
    }
}
