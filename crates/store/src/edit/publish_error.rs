//! Reasons why an entry cannot be published, withdrawn, archived or renamed.
use document::Finding;

use crate::entries::state::EntryKey;

/// Why an entry cannot be published, withdrawn or put away.
#[derive(Clone, Debug)]
pub enum PublishError {
    /// There is no such entry, or no such revision of it.
    NotFound,
    /// The revision was made when the entry had another slug.
    UnderOtherSlug,
    /// The entry stands in the list twice.
    Twice,
    /// Nothing was drafted.
    NoDraft,
    /// Nothing is published.
    NotPublished,
    /// It was put away already.
    Archived,
    /// A release that is not published yet holds it.
    InRelease(String),
    /// Something else than what the revision began with is published now.
    Overtaken(Box<Overtaken>),
    /// The check found something.
    Found(Finding),
}

impl PublishError {
    /// The stable code and what to say of it.
    pub fn code_and_message(&self, (kind, slug): &EntryKey) -> (&str, String) {
        match self {
            Self::Found(finding) => (finding.rule, finding.message.clone()),
            Self::Overtaken(overtaken) => ("CONFLICT", overtaken.message((kind, slug))),
            Self::NotFound => ("NOT_FOUND", format!("there is no {kind} `{slug}`, or no such revision of it")),
            Self::UnderOtherSlug => (
                "RENAMED_SINCE",
                format!("the {kind} `{slug}` had another slug at that revision; `restore` it, and use the new one"),
            ),
            Self::Twice => ("DUPLICATE_ENTRY", format!("the {kind} `{slug}` is already in the list")),
            Self::NoDraft => ("NO_DRAFT", format!("the {kind} `{slug}` has no draft; name one of its revisions")),
            Self::NotPublished => ("NOT_PUBLISHED", format!("the {kind} `{slug}` is not published")),
            Self::Archived => ("ARCHIVED", format!("the {kind} `{slug}` is already archived")),
            Self::InRelease(name) => (
                "IN_RELEASE",
                format!(
                    "the release `{name}` holds the {kind} `{slug}`; publish it first, or remove the entry from it"
                ),
            ),
        }
    }
}

/// Publication or withdrawal by somebody else since a revision was begun.
#[derive(Clone, Debug)]
pub struct Overtaken {
    /// The revision that is to be published: its number and author.
    pub(crate) of: (i32, String),
    /// The published revision that it began with.
    pub(crate) base: Option<(i32, String)>,
    /// Revision that is published now.
    pub(crate) now: Option<(i32, String)>,
    pub(crate) is_named: bool,
}

impl Overtaken {
    /// The sentence for whoever may not read drafts.
    pub fn short_message(&self, (kind, slug): (&str, &str)) -> String {
        let number = self.now.as_ref().map_or(0, |(number, _)| *number);
        format!(
            "the {kind} `{slug}` was changed by somebody else since this revision was begun; with the scope `read-drafts` you can see \
             both, or deliberately replace what is published with `overPublished: {number}` in `publish` or `addToRelease`"
        )
    }

    /// The sentence for whoever may read drafts.
    pub fn message(&self, (kind, slug): (&str, &str)) -> String {
        let by = |(number, author): &(i32, String)| {
            if author.is_empty() { format!("revision {number}") } else { format!("revision {number} by {author}") }
        };
        let base = self.base.as_ref().map_or_else(|| "nothing".to_owned(), by);
        let number = self.now.as_ref().map_or(0, |(number, _)| *number);
        let begun = match (self.is_named, &self.now) {
            (true, Some(now)) => format!("{base} is not the published one: {} is", by(now)),
            (true, None) => format!("{base} is not published: nothing is"),
            (false, Some(now)) => {
                format!("{} began when {base} was published, and {} was published since", by(&self.of), by(now))
            }
            (false, None) => format!("{} began when {base} was published, and that was withdrawn since", by(&self.of)),
        };
        let instead = if number > 0 {
            format!("merge the two and save them with `baseRevision: {number}`, or deliberately replace it")
        } else {
            "publish it anyway".to_owned()
        };
        format!(
            "the {kind} `{slug}` was changed by somebody else: {begun}; {instead} with `overPublished: {number}` in `publish` or \
             `addToRelease`"
        )
    }
}
