//! The section `faq` of a career's document.
use std::sync::Arc;

use careers::Career;
use kernel::{RichText, Slug, Text, part, section};

/// Questions that people ask about a career, as a section.
#[section(key = "faq")]
pub struct FaqSection {
    /// Questions that people ask about this career, with their answers, in the order of the guide.
    pub faq: Vec<Arc<Question>>,
}

/// A question about a career, and its answer.
#[part(
    of = Career,
    section = FaqSection,
    list = "faqs",
    about = "The questions about all careers, by the key of career and question unless `orderBy` is given.",
    search(text = "The question or its answer meets these conditions.", question, answer),
    name = "FaqQuestion",
)]
pub struct Question {
    /// The key, unique among the questions of the career.
    pub key: Slug,
    /// The question.
    #[column(filter, order)]
    pub question: Text,
    /// The answer.
    #[column(filter = "Conditions on the plain text of the answer.")]
    pub answer: RichText,
}
