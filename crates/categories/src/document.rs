//! The document of a category.
use kernel::{Link, RichText, Text, section};
use pages::{Image, Seo};

use crate::Category;

/// A group under which careers are filed.
#[section(
    key = "category",
    entry = Category,
    list = "categories",
    about = "All categories, by title unless `orderBy` is given.",
    sort_by = title,
)]
pub struct CategoryProfile {
    /// The name of the category.
    #[column(filter = "Conditions on the name.", order = "By name.")]
    pub title: Text,
    /// Other names that it goes by.
    pub alternate_titles: Vec<Text>,
    /// Description of what belongs to it.
    pub description: Option<RichText>,
    /// Place among its siblings, from the lowest number to the highest; those without a place come last.
    #[column(filter = "Conditions on the place among its siblings.", order = "By the place among its siblings.")]
    pub position: Option<i32>,
    /// Metadata of its page, for search engines and previews of links.
    pub seo: Option<Seo>,
    /// The image of the category.
    pub image: Option<Image>,
    /// The wider categories that it is part of; none where it stands at the top.
    pub parents: Vec<Link<Category>>,
}
