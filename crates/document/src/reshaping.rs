//! Shapes of documents: each file has that of a day, and is read in the shape of today.
//!
//! Stored documents are always of today's shape: a migration brings them there once. Files are not: they lie in repositories and
//! exports for years. So the function by which the migration changes a document changes files as well, whenever one is read.
use crate::{Path, Tree, TreeValue};

/// The field of a file that says of which day its shape is.
pub(crate) const SHAPE: &str = "shape";

/// Change of the shape of a kind's documents that a new optional field does not make: a field has another type, place or meaning.
#[derive(Clone, Copy, Debug)]
pub struct Reshaping {
    /// The day from which on documents have the new shape, such as `2026-12-01`.
    pub day: &'static str,
    /// Difference between the shapes, as a sentence for whoever has files of the old one.
    pub about: &'static str,
    /// Brings a document of the old shape, or the section of one, into the new one. One of the new shape stays as it is.
    pub apply: fn(&mut Tree, &mut Reshaped),
}

/// Changes of a reshaping that an author of the file should look at: the place, and a message.
pub type Reshaped = Vec<(Path, String)>;

/// The value at a path of field names within a document, to be changed.
pub fn at<'a>(document: &'a mut Tree, fields: &[&str]) -> Option<&'a mut Tree> {
    fields.iter().try_fold(document, |tree, field| match &mut tree.value {
        TreeValue::Map(fields) => fields.iter_mut().find(|(name, _)| name.text == *field).map(|(_, value)| value),
        _ => None,
    })
}
