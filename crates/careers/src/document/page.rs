//! The section `page`: what the page of a career has beside its content.
use kernel::{Text, section};
use pages::{Image, Seo};

/// Metadata and image of the page of a career, as a section.
#[section(key = "page")]
pub struct PageSection {
    /// Metadata of the page, for search engines and previews of links.
    pub seo: Option<Seo>,
    /// The image of the career.
    pub image: Option<Image>,
    /// Titles by which people search for the career, such as former and misspelt ones; a page never shows them.
    pub hidden_titles: Vec<Text>,
}
