//! A document after its check: typed sections for the modules, canonical JSON for the store.
use std::collections::HashMap;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{AnySection, LinkTo, Section};

/// A document in canonical form: what a revision stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its kind.
    pub kind: &'static str,
    /// Its slug.
    pub slug: String,
    /// The canonical JSON of each section that has content: no nulls, no empty lists, keys in alphabetical order.
    pub sections: Vec<(&'static str, String)>,
}

impl Document {
    /// Its fields, of all sections together, as a file has them beside `kind` and `slug`.
    pub fn fields(&self) -> serde_json::Result<Map<String, Value>> {
        let mut fields = Map::new();
        for (_, body) in &self.sections {
            let section: Map<String, Value> = serde_json::from_str(body)?;
            fields.extend(section);
        }
        Ok(fields)
    }

    /// SHA-256 over kind, slug and sections, in hexadecimal: equal for equal documents, whatever their file looked like.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        let parts = [self.kind, self.slug.as_str()].into_iter();
        let mut sections: Vec<_> = self.sections.iter().collect();
        sections.sort_unstable();
        for part in parts.chain(sections.into_iter().flat_map(|(name, body)| [*name, body.as_str()])) {
            hash.update(u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or_default());
            hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
            hex
        })
    }
}

/// A document with its typed sections, as the rules and projections of the modules read it.
pub struct CheckedDocument {
    /// The canonical form.
    pub document: Document,
    /// The links to other entries, in the order of the document.
    pub links: Vec<LinkTo>,
    pub(crate) sections: HashMap<&'static str, AnySection>,
}

impl CheckedDocument {
    /// The section of type `S`; `None` where it has no valid form.
    pub fn section<S: Section>(&self) -> Option<&S> {
        self.sections.get(S::NAME).and_then(|section| section.downcast_ref())
    }
}

impl AsRef<Self> for CheckedDocument {
    fn as_ref(&self) -> &Self {
        self
    }
}
