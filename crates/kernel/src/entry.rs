//! Entries as a request sees them: a kind of document, its slug, and the revision that the perspective chose.
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use async_graphql::{Context, ObjectType};

use crate::{Result, document::Severity, graph::Node, projection, request::request, visible::visible_with};

/// A kind of document and the GraphQL object that stands for its entries: `Career` for `kind: career`.
pub trait Kind: Node + ObjectType + Sized {
    /// The word in the document and in the database: `career`.
    const NAME: &'static str;
    /// The folder that holds its files: `careers`.
    const FOLDER: &'static str;
    /// How grave a link to an entry of this kind is when it leads nowhere.
    const BROKEN_LINK: Severity;

    /// The object that stands for an entry.
    fn new(entry: Entry) -> Self;

    /// The entry that this object stands for.
    fn entry(&self) -> &Entry;

    /// The visible entry with this slug.
    fn by_slug(ctx: &Context<'_>, slug: &str) -> impl Future<Output = Result<Option<Self>>> + Send {
        async move {
            let selected = ctx.with_selection_set(&ctx.item.node.selection_set);
            let wanted = projection::wanted::<Self>(&selected, ctx.item);
            Ok(visible_with(request(ctx), Self::NAME, slug, wanted).await?.map(Self::new))
        }
    }
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

/// One entry at one revision. Cheap to clone. Only a perspective makes one, so holding it means being allowed to see it.
#[derive(Clone, Debug)]
pub struct Entry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: &'static str,
    id: i64,
    slug: String,
    revision: i64,
}

impl Entry {
    /// The entry `id` of this kind and slug, at this revision.
    pub(crate) fn new(kind: &'static str, id: i64, slug: String, revision: i64) -> Self {
        Self(Arc::new(Inner { kind, id, slug, revision }))
    }

    /// The kind of its document.
    pub fn kind(&self) -> &'static str {
        self.0.kind
    }

    /// Its row in the table of entries.
    pub fn id(&self) -> i64 {
        self.0.id
    }

    /// Its slug, unique among its kind.
    pub fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The revision that the perspective chose.
    pub fn revision(&self) -> i64 {
        self.0.revision
    }

    /// The natural key of one of its parts: `slug/part`.
    pub fn part_key(&self, part: &str) -> String {
        format!("{}/{part}", self.0.slug)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.0.revision == other.0.revision
    }
}

impl Eq for Entry {}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.revision.hash(state);
    }
}

/// The entry that a part of a section belongs to. Set when the section is loaded ([`Section::bind`](crate::Section::bind));
/// a part that was only parsed, for a check, has none.
#[derive(Clone, Debug, Default)]
pub struct Owner(Option<Entry>);

impl Owner {
    /// The owning entry.
    ///
    /// # Panics
    /// For a part whose section does not bind it: a mistake of the module.
    pub fn entry(&self) -> &Entry {
        self.0.as_ref().expect("a loaded part is bound to its entry")
    }
}

impl From<&Entry> for Owner {
    fn from(entry: &Entry) -> Self {
        Self(Some(entry.clone()))
    }
}
