//! The open `Node` interface: modules register their node types, nobody lists them.
use std::{any::type_name, borrow::Cow, collections::HashMap, marker::PhantomData, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
    futures_util::future::{BoxFuture, FutureExt},
    indexmap::{IndexMap, IndexSet},
    parser::types::Field,
    registry::{MetaField, MetaType, MetaTypeId, Registry},
};
use document::Entry;
use store::Result;

/// Finds a node of one type by its entry and the key of its part.
pub(crate) type FindNode = for<'a> fn(&'a Context<'_>, Entry, String) -> BoxFuture<'a, Result<Option<AnyNode>>>;

/// A node type: how its nodes are found, and in which kind of document.
pub(crate) struct NodeSpec {
    pub(crate) kind: &'static str,
    pub(crate) find: FindNode,
}

/// The node types that are registered, by the names of their objects.
#[derive(Default)]
pub(crate) struct Nodes(pub(crate) HashMap<String, NodeSpec>);

/// Any object with a stable, global id.
pub(crate) struct AnyNode(Arc<dyn ResolveNode>);

impl AnyNode {
    /// Wraps a node of any registered type.
    pub(crate) fn new<T: ObjectType + 'static>(node: Arc<T>) -> Self {
        Self(Arc::new(NodeOf(node)))
    }
}

trait ResolveNode: Send + Sync {
    fn type_name(&self) -> Cow<'static, str>;
    fn resolve<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
    ) -> BoxFuture<'a, ServerResult<Value>>;
}

struct NodeOf<T>(Arc<T>);

impl<T: ObjectType + 'static> ResolveNode for NodeOf<T> {
    fn type_name(&self) -> Cow<'static, str> {
        T::type_name()
    }

    fn resolve<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
    ) -> BoxFuture<'a, ServerResult<Value>> {
        OutputType::resolve(&*self.0, ctx, field).boxed()
    }
}

impl OutputType for AnyNode {
    fn type_name() -> Cow<'static, str> {
        "Node".into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |_| {
            let mut id = MetaField::new("id", "ID!");
            id.description = Some(
                "The global id: opaque, the same in every database and after every import. Pass it to `node` to find \
                 the object again."
                    .into(),
            );
            MetaType::Interface {
                name: "Node".into(),
                description: Some("An object with a stable, global id.".into()),
                fields: IndexMap::from_iter([("id".to_owned(), id)]),
                possible_types: IndexSet::new(),
                extends: false,
                keys: None,
                visible: None,
                inaccessible: false,
                tags: vec![],
                rust_typename: Some(type_name::<Self>()),
                directive_invocations: vec![],
                requires_scopes: vec![],
            }
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

/// Registering it as an output type makes the object `T` a `Node`.
pub(crate) struct ImplementsNode<T>(PhantomData<fn() -> T>);

impl<T: ObjectType> OutputType for ImplementsNode<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        AnyNode::create_type_info(registry);
        T::create_type_info(registry);
        registry.add_implements(&T::type_name(), "Node");
        if let Some(MetaType::Interface { possible_types, .. }) = registry.types.get_mut("Node") {
            possible_types.insert(T::type_name().into_owned());
        }
        T::qualified_type_name()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        unreachable!("{} is a registration, not a value", type_name::<Self>())
    }
}
