//! The section `page`: what the page of a career has beside its content.
use kernel::{Text, document::CheckedDocument, section};
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

/// Tells whether the page of a career stands in a sitemap.
pub(crate) fn is_listed(guide: &CheckedDocument) -> bool {
    let page = guide.section::<PageSection>();
    page.and_then(|page| page.seo.as_ref()).is_none_or(Seo::is_listed)
}
