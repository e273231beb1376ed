//! The document of a data set: its manifest.
use kernel::{Date, Number, RichText, Slug, Text, Url, object, section};

use crate::Dataset;

/// A release of a data set: what it is, who published it, under which licence, and what was made of it.
#[section(
    key = "dataset",
    entry = Dataset,
    list = "datasets",
    about = "The data sets that figures are taken from, by title unless `orderBy` is given.",
    sort_by = title,
)]
pub struct DatasetProfile {
    /// The name of the data set.
    #[column(filter = "Conditions on the name.", order = "By name.")]
    pub title: Text,
    /// Publisher of the data set.
    #[column(filter = "Conditions on the publisher.", order = "By publisher.")]
    pub publisher: Text,
    /// Address at which the publisher describes it.
    pub url: Option<Url>,
    /// The release that the figures are of, such as `May 2025` or `30.3`.
    pub release: Text,
    /// The time that the figures are about: a year, a month as `2025-05`, or two years as `2024/2034`; null if the publisher names none.
    pub period: Option<Text>,
    /// The day it was published, if known.
    pub published_on: Option<Date>,
    /// The day its next release is due; an editor is told from then on.
    pub next_release_on: Option<Date>,
    /// The licence it may be used under, by its SPDX identifier or its name.
    pub licence: Text,
    /// The sentence that the licence, or the publisher, asks to show beside figures of this release.
    pub attribution: Text,
    /// Facts that a reader should know about it: scope, method, what was left out.
    pub note: Option<RichText>,
    /// The tables that were made of it.
    pub tables: Vec<DatasetTable>,
    /// The files it was read from.
    pub files: Vec<DatasetFile>,
    /// The footnotes by which the publisher explains figures.
    pub footnotes: Vec<DatasetFootnote>,
    /// The scales of its ratings and scores.
    pub scales: Vec<DatasetScale>,
    /// The releases that were synced, the newest last.
    pub history: Vec<DatasetRelease>,
}

/// A table that was made of a release.
#[object]
pub struct DatasetTable {
    /// The name of the table.
    pub name: Slug,
    /// The digest of its rows. Two releases with the same digest have the same rows, which are stored once.
    pub version: Slug,
    /// Number of its rows.
    pub rows: i32,
    /// Number that grows when CareerQL makes other rows of the same files.
    #[graphql(default)]
    #[serde(default)]
    pub format: i32,
}

/// A file that a release was read from.
#[object]
pub struct DatasetFile {
    /// The name of the file.
    pub name: Text,
    /// Its size in bytes, uncompressed.
    pub bytes: Number,
    /// Its SHA-256 digest, uncompressed, in hexadecimal.
    pub sha256: Slug,
}

/// A footnote of the publisher.
#[object]
pub struct DatasetFootnote {
    /// The code by which the publisher's files refer to it.
    pub code: Text,
    /// The meaning of the footnote.
    pub meaning: Text,
}

/// A scale of ratings or scores.
#[object]
pub struct DatasetScale {
    /// The identifier of the scale, such as `IM`.
    pub code: Text,
    /// The name of the scale.
    pub name: Text,
    /// The least value.
    pub minimum: Option<Number>,
    /// The greatest value.
    pub maximum: Option<Number>,
}

/// A release that was synced.
#[object]
pub struct DatasetRelease {
    /// The release.
    pub release: Text,
    /// The time that its figures are about.
    pub period: Option<Text>,
    /// The day on which it was synced.
    pub synced_on: Date,
}
