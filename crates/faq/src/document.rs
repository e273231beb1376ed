//! The section `faq` of a career's document.
use std::sync::Arc;

use async_graphql::{InputObject, SimpleObject};
use kernel::{Entry, Owner, RichText, Section, Slug, Text};
use serde::{Deserialize, Serialize};

/// Questions that people ask about a career, as a section.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "FaqSectionInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaqSection {
    /// Questions that people ask about this career, with their answers, in the order of the guide.
    #[graphql(default)]
    #[serde(default)]
    pub faq: Vec<Arc<Question>>,
}

impl Section for FaqSection {
    const NAME: &'static str = "faq";

    fn bind(&mut self, entry: &Entry) {
        for question in &mut self.faq {
            Arc::make_mut(question).owner = entry.into();
        }
    }
}

/// A question about a career, and its answer.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(complex, name = "FaqQuestion", input_name = "FaqQuestionInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// The entry that it belongs to.
    #[graphql(skip)]
    #[serde(skip)]
    pub(crate) owner: Owner,
    /// The key, unique among the questions of the career.
    pub key: Slug,
    /// The question.
    pub question: Text,
    /// The answer.
    pub answer: RichText,
}
