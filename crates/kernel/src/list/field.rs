//! The fields that are lists: one shape and one resolver for every module's connections.
use std::{any::TypeId, hash::Hash, marker::PhantomData, sync::Arc};

use async_graphql::{
    Context, OutputType as _, ServerError, ServerResult, Value,
    registry::{MetaField, Registry},
};
use futures_util::future::{BoxFuture, try_join_all};

use super::{
    page::{Counted, Listed, Page, PageArguments, Rows, Total},
    shape::connection_field,
    spec::ListSpec,
};
use crate::{
    Result, Tags,
    open::Field,
    request::{BatchKey, BatchValues, Loaders, Request, request},
    root::QueryRoot,
};

/// The root field that lists all visible nodes of type `T`.
pub(crate) struct EntriesOf<T>(PhantomData<fn() -> T>);

impl<T: Listed> Field for EntriesOf<T> {
    type On = QueryRoot;

    fn shape(registry: &mut Registry) -> MetaField {
        connection_field::<T>(registry, T::LIST, T::ABOUT)
    }
}

/// Resolves [`EntriesOf`].
pub(crate) fn entries<'a, T: Listed>(
    _: &'a QueryRoot,
    ctx: &'a Context<'a>,
) -> BoxFuture<'a, ServerResult<Option<Value>>> {
    Box::pin(async move {
        let (page, total) = all_nodes(ctx, ListSpec::of::<T>()).await?;
        answer::<T>(ctx, page, total).await
    })
}

/// The page of all visible nodes of a type that `ctx` asks for.
fn all_nodes<'a>(ctx: &'a Context<'a>, nodes: ListSpec) -> BoxFuture<'a, ServerResult<(Page, Total)>> {
    Box::pin(async move {
        let asked = ListRequest::new(PageArguments::read(ctx, nodes)?);
        let loaders = request(ctx).clone();
        let asks_rows = ["edges", "nodes", "pageInfo"].iter().any(|field| ctx.look_ahead().field(field).exists());
        let page = if asks_rows { loaders.load(ListKey::<false>(asked.clone())).await } else { Ok(None) };
        let page = page.map_err(|error| placed(ctx, error))?.unwrap_or_default();
        Ok((page, total(loaders, ListKey::<true>(asked))))
    })
}

/// Number of nodes that a key loads when it is asked for.
pub(super) fn total<K: BatchKey<Answer = Counted>>(loaders: Loaders, key: K) -> Total {
    Total::new(move || {
        let (loaders, key) = (loaders.clone(), key.clone());
        Box::pin(async move { Ok(loaders.load(key).await?.map(|counted| counted.total).unwrap_or_default()) })
    })
}

/// Request for all visible nodes of a type: their page, or their number.
#[derive(Clone)]
struct ListKey<const TOTAL: bool>(Arc<ListRequest>);

impl BatchKey for ListKey<false> {
    type Answer = Page;

    fn group(&self) -> Option<TypeId> {
        Some(self.0.arguments.nodes.node)
    }

    fn weight(&self, page: Option<&Page>) -> usize {
        2 * self.0.fingerprint.len() + page.map_or(0, Page::weight)
    }

    fn tags(&self, page: Option<&Page>, tags: &mut Tags) {
        depends(page.map(|page| &page.kinds), tags);
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let pages = keys.into_iter().map(|key| {
                let request = request.clone();
                async move {
                    let page = Rows::new(&request, &key.0.arguments).page().await?;
                    Ok::<_, crate::Error>((key, page))
                }
            });
            Ok(try_join_all(pages).await?.into_iter().collect())
        })
    }
}

impl BatchKey for ListKey<true> {
    type Answer = Counted;

    fn group(&self) -> Option<TypeId> {
        Some(self.0.arguments.nodes.node)
    }

    fn weight(&self, _counted: Option<&Counted>) -> usize {
        100 + 2 * self.0.fingerprint.len()
    }

    fn tags(&self, counted: Option<&Counted>, tags: &mut Tags) {
        depends(counted.map(|counted| &counted.kinds), tags);
    }

    fn load(request: Arc<Request>, keys: Vec<Self>) -> BoxFuture<'static, Result<BatchValues<Self>>> {
        Box::pin(async move {
            let totals = keys.into_iter().map(|key| {
                let request = request.clone();
                async move {
                    let total = Rows::new(&request, &key.0.arguments).total().await?;
                    Ok::<_, crate::Error>((key, total))
                }
            });
            Ok(try_join_all(totals).await?.into_iter().collect())
        })
    }
}

/// An answer depends on every entry of the kinds whose rows were read.
pub(super) fn depends(kinds: Option<&Arc<[&'static str]>>, tags: &mut Tags) {
    kinds.into_iter().flat_map(|kinds| kinds.iter()).for_each(|kind| tags.kind(kind));
}

/// The connection of a page with its nodes.
pub(super) async fn answer<T: Listed>(ctx: &Context<'_>, page: Page, total: Total) -> ServerResult<Option<Value>> {
    let connection = page.connection::<T>(ctx, total).await.map_err(|error| placed(ctx, error))?;
    connection.resolve(&ctx.with_selection_set(&ctx.item.node.selection_set), ctx.item).await.map(Some)
}

/// The error at the place of the field.
pub(super) fn placed(ctx: &Context<'_>, error: crate::Error) -> ServerError {
    ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos))
}

/// The arguments of a list, and a text that tells them apart from others.
pub(super) struct ListRequest {
    pub(super) fingerprint: Box<str>,
    pub(super) arguments: PageArguments,
}

impl ListRequest {
    pub(super) fn new(arguments: PageArguments) -> Arc<Self> {
        Arc::new(Self { fingerprint: arguments.fingerprint().into(), arguments })
    }
}

impl<const TOTAL: bool> PartialEq for ListKey<TOTAL> {
    fn eq(&self, other: &Self) -> bool {
        self.0.arguments.nodes.node == other.0.arguments.nodes.node && self.0.fingerprint == other.0.fingerprint
    }
}

impl<const TOTAL: bool> Eq for ListKey<TOTAL> {}

impl<const TOTAL: bool> Hash for ListKey<TOTAL> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.0.arguments.nodes.node, &self.0.fingerprint).hash(state);
    }
}

impl<const TOTAL: bool> std::fmt::Debug for ListKey<TOTAL> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.0.arguments.nodes.name, self.0.fingerprint)
    }
}
