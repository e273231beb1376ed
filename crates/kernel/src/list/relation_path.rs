//! Paths from a row to related nodes, and conditions along them.
use sea_orm::sea_query::{DynIden, IntoIden};

/// Path from a row to related nodes.
pub enum RelationPath {
    /// They are parts of the same document.
    SameDocument,
    /// The document of the row links to them: this table, with `revision_id`, holds the slug in this column.
    LinksTo(DynIden, DynIden),
    /// Their documents link to the row's entry: this table, with `revision_id`, holds the slug in this column.
    LinkedFrom(DynIden, DynIden),
}

impl RelationPath {
    /// Links of the row's document, in this column of a table with `revision_id`.
    pub fn links_to(table: impl IntoIden, column: impl IntoIden) -> Self {
        Self::LinksTo(table.into_iden(), column.into_iden())
    }

    /// Links to the row's entry, in this column of a table with `revision_id`.
    pub fn linked_from(table: impl IntoIden, column: impl IntoIden) -> Self {
        Self::LinkedFrom(table.into_iden(), column.into_iden())
    }
}

/// Declares a condition on related nodes, which a module adds to a filter: its type, the filtered nodes, the field, the related nodes, and the
/// way to them.
#[macro_export]
macro_rules! relation_filter {
    ($(#[$doc:meta])* $vis:vis $name:ident on $of:ty { $field:ident: $to:ty, $through:expr }) => {
        #[derive($crate::async_graphql::InputObject)]
        $vis struct $name {
            $(#[$doc])*
            $field: Option<$crate::list::Relation<$to>>,
        }

        impl $crate::list::FilterFields for $name {
            type Of = $of;

            fn condition(&self, rows: &$crate::list::TableContext<'_>) -> $crate::Result<$crate::sea_orm::sea_query::SimpleExpr> {
                let condition = self.$field.as_ref().map(|related| related.on(rows, &$through)).transpose()?;
                Ok($crate::list::all_given([condition]))
            }
        }
    };
}
