//! Authoring: what editors do with entries, and what they see of them. Everything here needs a scope.
mod audit;
mod entry;
mod findings;
mod json;
mod node;
mod payload;
mod preview;
mod publish;
mod release;
mod revision;
mod save;
mod save_outcome;
mod token;
mod webhook;

pub(crate) use audit::{AuditEvent, AuditQueries};
pub(crate) use entry::EditorQueries;
pub use findings::CheckWhenRead;
pub(crate) use findings::{ChecksWhenRead, EXAMINED, EntryFindings, FindingQueries, FindingsPage, findings_of};
pub use node::row_of_id;
pub(crate) use node::{administered, is_administered};
pub(crate) use preview::{PreviewMutations, PreviewQueries};
pub(crate) use publish::{EntryFinding, PublishMutations};
pub(crate) use release::{ReleaseMutations, ReleaseQueries};
pub(crate) use revision::{EntryRevisions, Revision, revisions_of};

/// Answers a field of an entry of any kind.
pub(crate) type ResolveEntry =
    for<'a> fn(
        document::Entry,
        &'a async_graphql::Context<'a>,
    ) -> futures_util::future::BoxFuture<'a, async_graphql::ServerResult<Option<async_graphql::Value>>>;

pub(crate) use save::{SaveOf, SaveSectionsOf, save_document, save_sections};
pub(crate) use token::{TokenMutations, TokenObject, TokenQueries};
pub(crate) use webhook::{DeliveryObject, WebhookMutations, WebhookObject, WebhookQueries};
pub use webhook::{MASK, WebhookProblem, WebhookTemplate, webhook_problems};

/// Fields that read, compare or write whole documents, with their weight in the cost of a query.
pub(crate) const DEAR_FIELDS: [(&str, &str, u64); 5] = [
    ("Query", "findings", 10 * EXAMINED),
    ("Entry", "diff", COMPARED),
    ("Revision", "changes", COMPARED),
    ("Revision", "summary", COMPARED),
    ("Revision", "yaml", COMPARED),
];
/// Weight of the comparison of two documents in the cost of a query.
pub(crate) const COMPARED: u64 = EXAMINED / 2;

/// The root of all mutations.
#[derive(Default)]
pub(crate) struct MutationRoot;

crate::open_root!(
    MutationRoot,
    "Mutation",
    "Everything that can be changed. The mutations of a request are executed one after the other. Problems with the input are \
     reported in `errors` of the payload, with nothing changed; a missing scope is an error of the request."
);
