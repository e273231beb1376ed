//! Kinds: the objects that stand for entries.
use std::sync::Arc;

use async_graphql::{Context, ObjectType};
use document::{Entry, Severity};

use crate::Result;

/// A kind of document and the GraphQL object that stands for its entries: `Career` for `kind: career`.
pub trait Kind: Node + ObjectType + Sized {
    /// The word in the document and in the database: `career`.
    const NAME: &'static str;
    /// The folder that holds its files: `careers`.
    const FOLDER: &'static str;
    /// Severity of a link to an entry of this kind that leads nowhere.
    const BROKEN_LINK: Severity;

    /// The object that stands for an entry.
    fn new(entry: Entry) -> Self;

    /// The entry that this object stands for.
    fn entry(&self) -> &Entry;
}

/// An object that stands for itself: an entry, or a part of one with a key.
pub trait Node: ObjectType + 'static {
    /// The kind of document that holds it: itself, for an entry.
    type Of: Kind;

    /// The part with this key (empty for the entry itself), in the entry's visible revision.
    fn find(ctx: &Context<'_>, entry: Entry, part: String) -> impl Future<Output = Result<Option<Arc<Self>>>> + Send;
}

/// Declares the object that stands for the entries of a kind: its `id` and `slug`, open to all modules.
///
/// The scalar of links to it, its node type and its place among the kinds follow from the same few words.
#[macro_export]
macro_rules! entry_object {
    (
        $(#[doc = $doc:literal])*
        $object:ident { kind: $kind:literal, folder: $folder:literal, broken_link: $severity:expr $(,)? }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $object($crate::Entry);

        impl $crate::async_graphql::OutputType for $object {
            fn type_name() -> std::borrow::Cow<'static, str> {
                stringify!($object).into()
            }

            fn create_type_info(registry: &mut $crate::async_graphql::registry::Registry) -> String {
                $crate::open::entry_type::<Self>(registry, [$($doc),*].join("\n").trim())
            }

            async fn resolve(
                &self,
                ctx: &$crate::async_graphql::ContextSelectionSet<'_>,
                field: &$crate::async_graphql::Positioned<$crate::async_graphql::parser::types::Field>,
            ) -> $crate::async_graphql::ServerResult<$crate::async_graphql::Value> {
                $crate::resolve_entry(self, ctx, field).await
            }
        }

        impl $crate::async_graphql::resolver_utils::ContainerType for $object {
            async fn resolve_field(
                &self,
                ctx: &$crate::async_graphql::Context<'_>,
            ) -> $crate::async_graphql::ServerResult<Option<$crate::async_graphql::Value>> {
                $crate::open::resolve_entry_field(self, ctx).await
            }
        }

        impl $crate::async_graphql::ObjectType for $object {}

        impl $crate::Kind for $object {
            const NAME: &'static str = $kind;
            const FOLDER: &'static str = $folder;
            const BROKEN_LINK: $crate::document::Severity = $severity;

            fn new(entry: $crate::Entry) -> Self {
                Self(entry)
            }

            fn entry(&self) -> &$crate::Entry {
                &self.0
            }
        }

        impl $crate::Node for $object {
            type Of = Self;

            async fn find(
                _: &$crate::async_graphql::Context<'_>,
                entry: $crate::Entry,
                part: String,
            ) -> $crate::Result<Option<std::sync::Arc<Self>>> {
                Ok(part.is_empty().then(|| std::sync::Arc::new(<Self as $crate::Kind>::new(entry))))
            }
        }
    };
}
