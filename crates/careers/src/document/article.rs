//! The section `article`: the guide as an editorial text.
use async_graphql::ComplexObject;
use categories::Category;
use kernel::{Date, Link, RichText, Text, Url, enumeration, object, section};
use sources::Money;

/// The guide as an editorial text, as a section.
#[section(key = "article")]
pub struct ArticleSection {
    /// The guide as an editorial text.
    pub article: Option<Article>,
}

/// An editorial text about a career, in the terms of schema.org's `Article`.
#[object(complex)]
pub struct Article {
    /// The headline.
    pub headline: Text,
    /// Summary of what a reader will find, in one or two sentences.
    pub description: Option<RichText>,
    /// The day it was published.
    pub published_on: Date,
    /// The day it was last revised, if it was.
    pub modified_on: Option<Date>,
    /// The category it is filed under; null if it is not visible.
    pub category: Link<Category>,
    /// Author of the article.
    pub author: Author,
    /// Points that a hurried reader should take away, in order.
    pub key_takeaways: Vec<RichText>,
    /// Explanation of what the career is.
    pub explanation: RichText,
    /// The fields of knowledge that meet in the career.
    pub domains: Vec<Domain>,
    /// Events that made the career what it is, in order of time.
    pub milestones: Vec<Milestone>,
    /// Conclusion that follows from it all.
    pub conclusion: Option<RichText>,
    /// Next step that the reader is invited to take.
    pub call_to_action: Option<CallToAction>,
}

#[ComplexObject]
impl Article {
    /// The slug of the category, whether it is visible or not.
    async fn category_slug(&self) -> &str {
        self.category.slug()
    }
}

/// Author of a text.
#[object]
pub struct Author {
    /// The name.
    pub name: Text,
    /// Kind of the author: a person or an organization.
    pub kind: AuthorKind,
    /// The author's page.
    pub url: Option<Url>,
}

/// Kind of an author.
#[enumeration]
pub enum AuthorKind {
    /// A group that publishes under one name.
    Organization,
    /// A human being.
    Person,
}

/// A field of knowledge that meets others in a career.
#[object]
pub struct Domain {
    /// Its name.
    pub title: Text,
    /// Part of it that the career draws on.
    pub description: RichText,
}

/// An event that made a career what it is.
#[object]
pub struct Milestone {
    /// The year it happened.
    pub year: i32,
    /// Its name.
    pub title: Text,
    /// Change that it brought.
    pub description: RichText,
    /// The size of the market it created, if known.
    pub market_size: Option<Money>,
}

/// An invitation to act.
#[object]
pub struct CallToAction {
    /// The invitation.
    pub text: RichText,
    /// The words on its link or button.
    pub label: Text,
    /// Address that it leads to, if that is a page.
    pub url: Option<Url>,
}
