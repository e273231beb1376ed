//! Types that any kind with a page may use: metadata for search engines, and an image by its address.
//!
//! Owns no kind and no table: a module whose kind has a page puts [`Seo`] and [`Image`] into a section of its own, and its check
//! calls [`Image::check`].
mod document;
mod rules;

pub use document::{Image, Seo};

use kernel::App;

/// The module.
pub fn module(app: &mut App) {
    rules::register(app);
}
