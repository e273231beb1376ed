//! Metadata and image of a page.
use kernel::{
    Text, Url,
    document::{Findings, Path},
    object,
};

/// Metadata of a page, for search engines and previews of links.
#[object]
pub struct Seo {
    /// The title in search results and on the tab of a browser; null where the title of the entry serves.
    pub title: Option<Text>,
    /// The page in one or two sentences, for search results; null where the summary of the entry serves.
    pub description: Option<Text>,
    /// True: search engines are asked to leave the page out of their results.
    #[graphql(default)]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_index: bool,
    /// The address under which search engines should list the page; null where it is the page's own.
    pub canonical: Option<Url>,
}

impl Seo {
    /// Tells whether the page stands in a sitemap: not where search engines are asked to leave it out.
    pub fn is_listed(&self) -> bool {
        !self.no_index
    }
}

/// An image, by its address.
#[object]
pub struct Image {
    /// Address of the file.
    pub url: Url,
    /// The width of the file in pixels, at least 1.
    pub width: Option<i32>,
    /// The height of the file in pixels, at least 1.
    pub height: Option<i32>,
    /// The text that stands for the image where it is not seen. Empty for a decorative image, which says nothing that the text beside it
    /// does not; null if nobody has written it yet.
    pub alt: Option<String>,
    /// The people to name beside the image, such as the photographer and the agency.
    pub credit: Option<Text>,
}

impl Image {
    /// Rules `missing-alt` and `out-of-range`: an image has a text that stands for it, and a possible size.
    pub fn check(&self, at: &Path, findings: &mut Findings) {
        let is_blank = |alt: &str| !alt.is_empty() && alt.trim().is_empty();
        if self.alt.as_deref().is_none_or(is_blank) {
            let message =
                "the image has no `alt`; describe it in a sentence, or write `alt: \"\"` if it is only decoration";
            findings.warning("missing-alt", at.clone(), message);
        }
        for (side, pixels) in [("width", self.width), ("height", self.height)] {
            if let Some(pixels) = pixels.filter(|pixels| *pixels < 1) {
                let message = format!("it is {pixels}, and an image is at least 1 pixel wide and high");
                findings.error("out-of-range", at.then(side), message);
            }
        }
    }
}
