//! The document of a source.
use async_graphql::{InputObject, SimpleObject};
use kernel::{Date, RichText, Section, Text, Url};
use serde::{Deserialize, Serialize};

/// A publication that figures are taken from.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(input_name = "SourceProfileInput")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceProfile {
    /// The title of the publication.
    pub title: Text,
    /// Publisher of the publication.
    pub publisher: Text,
    /// Address at which it can be read.
    pub url: Option<Url>,
    /// The day it was published, where that is known.
    pub published_on: Option<Date>,
    /// The day its next release is due; figures taken from it are stale from then on.
    pub next_release_on: Option<Date>,
    /// The licence it may be used under, by its SPDX identifier or its name.
    pub licence: Option<Text>,
    /// Facts that a reader should know about it: scope, method, how its figures were taken over.
    pub note: Option<RichText>,
}

impl Section for SourceProfile {
    const NAME: &'static str = "source";
}
