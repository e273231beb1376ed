//! The graph: nodes, the open roots, and the schema that the modules make together.
use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context, ID, Object, Response, Schema, ServerError, parser::types::OperationType, registry::MetaType,
};
use futures_util::{
    StreamExt as _,
    future::{join_all, ready},
    stream::{self, BoxStream},
};
use store::{ContentModel, Database};

use crate::{
    AccessContext, ContentCache, Error, Plans, Result, Tags,
    authoring::{MutationRoot, administered, is_administered},
    catalog::Catalog,
    error_codes::{give_codes, tell_of_changes},
    id::GlobalId,
    open::{AnyNode, Nodes},
    request::{Loaders, Options, request},
    rights::Rights,
    root::QueryRoot,
    root_field::only_root_field,
    schema_language::SchemaLanguage,
    subscription::SubscriptionRoot,
    visible,
};

/// Maximum number of objects of a page, where the graph is not set up otherwise.
const MAX_PAGE: usize = 100;

/// Maximum size of the content that an answer is made of, in bytes, where the graph is not set up otherwise.
const MAX_CONTENT_BYTES: usize = 64 * 1024 * 1024;

/// Maximum nesting depth of selections, those of fragments included: as deep as the parser goes.
pub const MAX_NESTING: usize = 64;

/// Fields that the kernel itself adds to the root.
#[derive(Default)]
pub(crate) struct NodeQueries;

impl From<&QueryRoot> for NodeQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl NodeQueries {
    /// The object with this global id; null if there is none or it is not visible. Tokens, webhooks and deliveries need the
    /// scope `administer`. A value that is not a global id is
    /// an error (`BAD_ID`).
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of an object.")] id: ID,
    ) -> Result<Option<AnyNode>> {
        find(ctx, &id).await
    }

    /// The objects with these global ids, in the same order, with null if there is none or it is not visible. A value that is not
    /// a global id is null, too, with an error (`BAD_ID`) at its place.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id`s of the objects: up to 100 unless the server is set up otherwise.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<AnyNode>>>> {
        let max = request(ctx).max_page();
        if ids.len() > max {
            let message = format!("`ids` has {} ids; at most {max} can be requested at once.", ids.len());
            return Err(Error::caller("PAGE_TOO_LARGE", message));
        }
        Ok(join_all(ids.iter().map(|id| find(ctx, id))).await.into_iter().map(Result::transpose).collect())
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<AnyNode>> {
    let bad_id = || {
        let message =
            format!("`{}` is not an id of this graph. Ids come from the field `id` of an object.", id.as_str());
        Error::caller("BAD_ID", message)
    };
    let id = GlobalId::parse(id).ok_or_else(bad_id)?;
    if is_administered(&id.type_name) {
        return administered(ctx, &id).await;
    }
    let request = request(ctx);
    let spec = request.catalog().of::<Nodes>().0.get(&id.type_name).ok_or_else(bad_id)?;
    let (slug, part) = id.slug_and_part();
    match visible::visible(request, spec.kind, slug).await? {
        Some(entry) => (spec.find)(ctx, entry, part.to_owned()).await,
        None => Ok(None),
    }
}

/// The weights of fields that are dear, by object and field.
#[derive(Default)]
pub(crate) struct Weights(pub(crate) HashMap<String, HashMap<String, u64>>);

/// The schema of all modules.
pub(crate) type GraphSchema = Schema<QueryRoot, MutationRoot, SubscriptionRoot>;

/// Tells whether a request is executed as a mutation.
fn is_mutation(request: &mut async_graphql::Request) -> bool {
    let name = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else { return false };
    let mut operations = document.operations.iter();
    let operation = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| *known == name)),
        None => operations.next(),
    };
    operation.is_some_and(|(_, operation)| operation.node.ty == OperationType::Mutation)
}

/// The schema in the schema definition language.
pub(crate) fn sdl(schema: &GraphSchema) -> String {
    let options = async_graphql::SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    let options = options.include_specified_by();
    schema.sdl_with_options(options)
}

/// The schema and what is needed to execute on it.
#[derive(Clone)]
pub struct Graph {
    schema: GraphSchema,
    catalog: Arc<Catalog>,
    options: Options,
}

/// An answer and what it depends on.
pub struct Executed {
    /// The answer; every error has a code.
    pub response: Response,
    /// The entries that it depends on.
    pub tags: Tags,
}

impl Graph {
    pub(crate) fn new(schema: GraphSchema, catalog: Arc<Catalog>) -> Self {
        let (cache, max_content_bytes) = (ContentCache::default(), MAX_CONTENT_BYTES);
        let options = Options { cache, max_page: MAX_PAGE, max_content_bytes, projects: true };
        Self { schema, catalog, options }
    }

    /// Remembers what it reads between requests.
    #[must_use]
    pub fn with_cache(mut self, cache: ContentCache) -> Self {
        self.options.cache = cache;
        self
    }

    /// Sets how many objects a page may have, and how many ids `nodes` takes.
    #[must_use]
    pub fn with_max_page(mut self, max: usize) -> Self {
        self.options.max_page = max;
        self
    }

    /// Sets how many bytes of content the answer to one request may be made of, each object counted as often as it is answered.
    #[must_use]
    pub fn with_max_content_bytes(mut self, max: usize) -> Self {
        self.options.max_content_bytes = max;
        self
    }

    /// Answers every field of a section by the section itself, never from its stored JSON: slower, and the same. For tests.
    #[must_use]
    pub fn without_projection(mut self) -> Self {
        self.options.projects = false;
        self
    }

    /// Memory of the graph.
    pub fn cache(&self) -> &ContentCache {
        &self.options.cache
    }

    /// The schema in the schema definition language: all types, sorted by name.
    pub fn sdl(&self) -> String {
        sdl(&self.schema)
    }

    /// Registrations of the modules about documents.
    pub fn content(&self) -> &Arc<ContentModel> {
        self.catalog.content()
    }

    /// Registrations of the modules, also about the graph.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The schema as documents and variables are held against it.
    pub fn language(&self) -> &language::Schema {
        SchemaLanguage::of(&self.catalog)
    }

    /// Weight of a field of an object in the cost of a query: 1 for all but those that are dear.
    pub fn weight(&self, object: &str, field: &str) -> u64 {
        self.catalog.of::<Weights>().0.get(object).and_then(|fields| fields.get(field)).copied().unwrap_or(1)
    }

    /// The state of a new request.
    pub fn loaders(&self, db: &Database, view: impl Into<AccessContext>) -> Loaders {
        Loaders::new(db.clone(), self.catalog.clone(), view.into(), self.options.clone())
    }

    /// Executes one request against the database, for one caller in one perspective. Every error of the answer has a code.
    pub async fn execute(
        &self,
        request: async_graphql::Request,
        db: &Database,
        view: impl Into<AccessContext>,
    ) -> Executed {
        self.execute_planned(request, &Plans::default(), false, db, view).await
    }

    /// The same with what is planned for the document of the request, and whether its first turn may take long already. Its answer
    /// is for [`write_json`](crate::write_json).
    pub async fn execute_planned(
        &self,
        mut request: async_graphql::Request,
        plans: &Plans,
        is_long: bool,
        db: &Database,
        view: impl Into<AccessContext>,
    ) -> Executed {
        let view = view.into();
        let refused = self.catalog.of::<Rights>().check(&mut request, plans, &view.caller).err();
        let loaders = self.loaders(db, view).planned(plans).apart(is_long);
        if let Some(refused) = refused {
            return Executed { response: self.coded(Response::from_errors(vec![refused])), tags: loaders.take_tags() };
        }
        let is_mutation = is_mutation(&mut request);
        let mut response = loaders.drive(self.schema.execute(request.data(loaders.clone()))).await;
        if is_mutation {
            tell_of_changes(&mut response);
        }
        Executed { response: self.coded(response), tags: loaders.take_tags() }
    }

    /// Executes a subscription: one response for each event, each with the content of its moment. A query has one response.
    /// Every error has a code.
    pub fn subscribe(
        &self,
        mut request: async_graphql::Request,
        db: &Database,
        view: impl Into<AccessContext>,
    ) -> BoxStream<'static, Response> {
        if let Err(error) = only_root_field(&mut request) {
            return stream::once(ready(self.coded(Response::from_errors(vec![error])))).boxed();
        }
        let view = view.into();
        if let Err(error) = self.catalog.of::<Rights>().check(&mut request, &Plans::default(), &view.caller) {
            return stream::once(ready(self.coded(Response::from_errors(vec![error])))).boxed();
        }
        let (loaders, graph) = (self.loaders(db, view), self.clone());
        let responses = self.schema.execute_stream(request.data(loaders.clone()));
        let driven = stream::unfold((responses, loaders), |(mut responses, loaders)| async move {
            let response = loaders.drive(responses.next()).await?;
            Some((response, (responses, loaders)))
        });
        driven.map(move |response| graph.coded(response)).boxed()
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
            scalar.and_then(|name| self.catalog.kinds.input_types.types.get(name))
        {
            error.message = format!("{}. {rule}", error.message);
        }
    }
}
