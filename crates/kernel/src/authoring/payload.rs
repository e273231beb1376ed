//! Common parts of mutations: the errors of their payloads, and objects as they are after the change.
use async_graphql::{Context, OutputType, QueryPathNode, ServerResult, SimpleObject, Value};
use document::{Finding, Path, path};
use store::{ContentModel, EntryKey, PublishError};

use crate::{Kind, Perspective, Principal, Scope, open::EntryKind, request::request, visible};

/// One problem with the input of a mutation. Nothing was changed.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct UserError {
    /// The place: in the document, such as `pay.bands[0].range.low`, or among the arguments, such as `entries[1]`.
    pub(crate) path: String,
    /// The stable code: the id of a rule, such as `low-above-high`, or one of the mutation's own, such as `CONFLICT`.
    pub(crate) code: String,
    /// Message that says what is wrong and what to do.
    pub(crate) message: String,
}

impl UserError {
    pub(crate) fn new(path: &Path, code: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_string(), code: code.to_owned(), message: message.into() }
    }

    /// Problems of entries of a list, as far as the caller may hear of them.
    pub(super) fn of_all(problems: &[(usize, PublishError)], keys: &[EntryKey], caller: &Principal) -> Vec<Self> {
        if caller.may(&Scope::ReadDrafts) {
            return problems.iter().map(|(index, problem)| Self::of(problem, *index, &keys[*index])).collect();
        }
        let mut errors: Vec<Self> = Vec::new();
        for (index, problem) in problems {
            let (kind, slug) = &keys[*index];
            let error = match problem {
                PublishError::Found(_) => Self::new(
                    &path!["entries", *index],
                    "CHECK_FAILED",
                    format!(
                        "the check finds errors in the {kind} `{slug}`; with the scope `read-drafts` you can see them in `findings`"
                    ),
                ),
                PublishError::Overtaken(overtaken) => {
                    Self::new(&path!["entries", *index], "CONFLICT", overtaken.short_message((kind, slug)))
                }
                other => Self::of(other, *index, &keys[*index]),
            };
            if errors.last().is_none_or(|last| (&last.path, &last.code) != (&error.path, &error.code)) {
                errors.push(error);
            }
        }
        errors
    }

    /// Error for an entry of a list.
    pub(super) fn of(problem: &PublishError, index: usize, key: &EntryKey) -> Self {
        let mut path = path!["entries", index];
        if let PublishError::Found(finding) = problem {
            path.0.extend(finding.path.0.iter().cloned());
        }
        let (code, message) = problem.code_and_message(key);
        Self::new(&path, code, message)
    }
}

impl From<Finding> for UserError {
    fn from(finding: Finding) -> Self {
        Self::new(&finding.path, finding.rule, finding.message)
    }
}

/// The kind that a value of `EntryKind` stands for.
pub(crate) fn kind_of(content: &ContentModel, kind: &EntryKind) -> Option<&'static str> {
    content.kinds().map(|spec| spec.name).find(|name| EntryKind::of(name) == *kind)
}

/// Answers the field in `ctx` with the entry of this slug, as a request in the perspective would see it from now on.
pub(super) async fn resolve_entry<K: Kind>(
    ctx: &Context<'_>,
    slug: Option<&str>,
    perspective: Perspective,
) -> ServerResult<Value> {
    let Some(slug) = slug else { return Ok(Value::Null) };
    let loaders = request(ctx).fresh_in(perspective);
    let mut data = async_graphql::Data::default();
    data.insert(loaders.clone());
    let path: Option<QueryPathNode<'_>> = ctx.path_node;
    let field = ctx.item;
    let selection = ctx.query_env.create_context(ctx.schema_env, path, &field.node.selection_set, Some(&data));
    let resolved = loaders.drive(async {
        match visible::visible(&loaders, K::NAME, slug).await {
            Ok(Some(entry)) => OutputType::resolve(&K::new(entry), &selection, field).await,
            Ok(None) => Ok(Value::Null),
            Err(error) => Err(async_graphql::Error::from(error).into_server_error(field.pos)),
        }
    });
    resolved.await
}
