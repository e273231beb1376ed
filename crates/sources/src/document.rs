//! The document of a source.
use kernel::{Date, RichText, Text, Url, section};

use crate::Source;

/// A publication that figures are taken from.
#[section(
    key = "source",
    entry = Source,
    list = "sources",
    about = "The publications that figures are taken from, by title unless `orderBy` is given.",
    sort_by = title,
)]
pub struct SourceProfile {
    /// The title of the publication.
    #[column(filter = "Conditions on the title.", order = "By title.")]
    pub title: Text,
    /// Publisher of the publication.
    #[column(filter = "Conditions on the publisher.", order = "By publisher.")]
    pub publisher: Text,
    /// Address at which it can be read.
    pub url: Option<Url>,
    /// The day it was published, if known.
    pub published_on: Option<Date>,
    /// The day its next release is due; figures taken from it are stale from then on.
    pub next_release_on: Option<Date>,
    /// The licence it may be used under, by its SPDX identifier or its name.
    pub licence: Option<Text>,
    /// Facts that a reader should know about it: scope, method, how its figures were taken over.
    pub note: Option<RichText>,
}
