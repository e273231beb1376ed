//! Types that any kind with a page may use: metadata for search engines, an image by its address, links to what is offered now.
//!
//! Owns no kind and no table: a module whose kind has a page puts [`Seo`] and [`Image`] into a section of its own, and its check
//! calls [`Image::check`]. A module with [`LinkTemplate`]s names their variables, and answers [`LiveLink`]s.
mod document;
mod live_link;
mod rules;

pub use document::{Image, Seo};
pub use live_link::{LinkTemplate, LinkValues, LiveLink};

use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    rules::register(app);
}
