//! First drafts of documents: what modules make of their data sets for an editor to go on with.
use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use kernel::{App, Catalog, Error, Kind, Loaders, Result};
use serde_json::{Map, Value};

/// The first draft of a document.
#[derive(Clone, Debug)]
pub struct DocumentDraft {
    /// The document: `kind`, `slug`, and the fields that data sets know.
    pub fields: Map<String, Value>,
    /// Lines to write above the document: where it comes from, and the attribution that the publisher asks for.
    pub head: Vec<String>,
    /// Remarks for the editor, each to be written above the field with this name.
    pub remarks: Vec<(&'static str, &'static str)>,
    /// Lines to write below the document: what is left to the editor.
    pub left: Vec<&'static str>,
}

/// Makes the first draft of a document about an occupation, by its code, with a slug or one of its own making.
pub type Drafting = for<'a> fn(&'a Loaders, &'a str, Option<&'a str>) -> BoxFuture<'a, Result<DocumentDraft>>;

/// The kinds that can be drafted.
#[derive(Default)]
struct Drafts(BTreeMap<&'static str, Drafting>);

/// Registers how documents of a kind are drafted.
pub fn drafts<K: Kind>(app: &mut App, drafting: Drafting) {
    app.registered::<Drafts>().0.insert(K::NAME, drafting);
}

/// Makes the first draft of a document of a kind.
///
/// # Errors
/// `UNKNOWN_KIND` where no module drafts documents of the kind, and those of the module.
pub async fn draft(
    catalog: &Catalog,
    loaders: &Loaders,
    (kind, code, slug): (&str, &str, Option<&str>),
) -> Result<DocumentDraft> {
    let drafts: &Drafts = catalog.of();
    let Some(drafting) = drafts.0.get(kind) else {
        let known = drafts.0.keys().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", ");
        let message = format!("Documents of the kind `{kind}` cannot be drafted; the kinds that can be are {known}.");
        return Err(Error::caller("UNKNOWN_KIND", message));
    };
    drafting(loaders, code, slug).await
}
