//! The graph: nodes, the open roots, and the schema that the modules make together.
use std::sync::Arc;

use async_graphql::{
    Context, EmptyMutation, ID, Object, ObjectType, Response, Schema, ServerError, registry::MetaType,
};
use futures_util::{
    StreamExt as _,
    future::{ready, try_join_all},
    stream::{self, BoxStream},
};

use crate::{
    Entry, Error, Kind, Perspective, Result,
    content::Content,
    error::give_codes,
    id::GlobalId,
    link,
    open::AnyNode,
    request::{Loaders, request},
    root_field::only_root_field,
    store::Database,
    subscription::SubscriptionRoot,
};

/// How many nodes one call of `nodes` may ask for.
const MAX_NODES: usize = 100;

/// An object that stands for itself: an entry, or a part of one with a key.
pub trait Node: ObjectType + 'static {
    /// The kind of document that holds it: itself, for an entry.
    type Of: Kind;

    /// The part with this key (empty for the entry itself), in the entry's visible revision.
    fn find(ctx: &Context<'_>, entry: Entry, part: String) -> impl Future<Output = Result<Option<Arc<Self>>>> + Send;
}

/// The root of all queries. Each module adds its own fields.
#[derive(Default)]
pub struct QueryRoot;

crate::open_root!(QueryRoot, "Query", "Everything that can be asked. Each module adds its own fields.");

/// What the kernel itself adds to the root.
#[derive(Default)]
pub(crate) struct NodeQueries;

impl From<&QueryRoot> for NodeQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl NodeQueries {
    /// The object with this global id; null where there is none or it is not visible. What is no global id is an error
    /// (`BAD_ID`).
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of an object.")] id: ID,
    ) -> Result<Option<AnyNode>> {
        find(ctx, &id).await
    }

    /// The objects with these global ids, in the same order, with null where there is none or it is not visible.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id`s of up to 100 objects.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<AnyNode>>> {
        if ids.len() > MAX_NODES {
            let message = format!("`ids` has {} ids; at most {MAX_NODES} can be asked for at once.", ids.len());
            return Err(Error::caller("PAGE_TOO_LARGE", message));
        }
        try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<AnyNode>> {
    let bad_id = || {
        let message = format!("`{}` is no id of this graph. Ids come from the field `id` of an object.", id.as_str());
        Error::caller("BAD_ID", message)
    };
    let id = GlobalId::parse(id).ok_or_else(bad_id)?;
    let request = request(ctx);
    let spec = request.content().nodes.get(&id.type_name).ok_or_else(bad_id)?;
    let (slug, part) = id.slug_and_part();
    match link::visible(request, spec.kind, slug).await? {
        Some(entry) => (spec.find)(ctx, entry, part.to_owned()).await,
        None => Ok(None),
    }
}

/// The schema and what is needed to execute on it.
#[derive(Clone)]
pub struct Graph {
    schema: Schema<QueryRoot, EmptyMutation, SubscriptionRoot>,
    content: Arc<Content>,
}

impl Graph {
    pub(crate) fn new(schema: Schema<QueryRoot, EmptyMutation, SubscriptionRoot>, content: Arc<Content>) -> Self {
        Self { schema, content }
    }

    /// The schema in the schema definition language: all types, sorted by name.
    pub fn sdl(&self) -> String {
        let options = async_graphql::SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
        self.schema.sdl_with_options(options)
    }

    /// What the modules registered about documents.
    pub fn content(&self) -> &Arc<Content> {
        &self.content
    }

    /// Executes one request against the database, in one perspective. Every error of the answer has a code.
    pub async fn execute(&self, request: async_graphql::Request, db: &Database, perspective: Perspective) -> Response {
        let loaders = Loaders::new(db.clone(), self.content.clone(), perspective);
        let response = self.schema.execute(request.data(loaders)).await;
        self.coded(response)
    }

    /// Executes a subscription: one response for each event, each with the content of its moment. A query has one response.
    /// Every error has a code.
    pub fn subscribe(
        &self,
        mut request: async_graphql::Request,
        db: &Database,
        perspective: Perspective,
    ) -> BoxStream<'static, Response> {
        if let Err(error) = only_root_field(&mut request) {
            return stream::once(ready(self.coded(Response::from_errors(vec![error])))).boxed();
        }
        let loaders = Loaders::new(db.clone(), self.content.clone(), perspective);
        let graph = self.clone();
        self.schema.execute_stream(request.data(loaders)).map(move |response| graph.coded(response)).boxed()
    }

    fn coded(&self, mut response: Response) -> Response {
        for error in &mut response.errors {
            self.explain(error);
        }
        give_codes(&mut response);
        response
    }

    /// The library says which scalar it expected; this adds what that scalar takes.
    fn explain(&self, error: &mut ServerError) {
        let scalar = error.message.rsplit_once("expected type \"").and_then(|(_, name)| name.strip_suffix('"'));
        if let Some(MetaType::Scalar { description: Some(rule), .. }) =
            scalar.and_then(|name| self.content.input_types.types.get(name))
        {
            error.message = format!("{}. {rule}", error.message);
        }
    }
}
