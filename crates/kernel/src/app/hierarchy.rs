//! Hierarchies: entries that lead up to wider ones of their kind.
use document::CheckedDocument;
use sea_orm::{EntityTrait, sea_query::IntoIden as _};
use store::HierarchySpec;

use super::App;
use crate::Kind;

/// Links of the entries of a kind to wider ones of the same kind. The check refuses what leads round in a circle (`hierarchy-loop`).
pub trait Hierarchy {
    /// The table of the links, with a `revision_id`.
    type Table: EntityTrait;

    /// The field of the document that holds them.
    const FIELD: &'static str;

    /// The column with the slug of the wider entry.
    fn column() -> <Self::Table as EntityTrait>::Column;

    /// The slugs of the wider entries, in the order of the field.
    fn broader(guide: &CheckedDocument) -> Vec<&str>;
}

impl App {
    /// The entries of this kind lead up to wider ones.
    pub fn hierarchy<K: Kind, H: Hierarchy>(&mut self) {
        let (table, column) = (H::Table::default().into_iden(), H::column().into_iden());
        let spec = HierarchySpec { field: H::FIELD, broader: H::broader, table, column };
        self.table::<H::Table>();
        if self.spec::<K>("a hierarchy").is_some() {
            self.content.hierarchies.insert(K::NAME, spec);
        }
    }
}
