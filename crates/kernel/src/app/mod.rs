//! The app: a list of modules becomes a graph. What contradicts itself is reported here, at start, with both sides named.
mod contradictions;
mod hierarchy;
mod lists;
mod own;
mod part;

pub use contradictions::Contradictions;
pub use hierarchy::Hierarchy;
pub use part::{ListedEntry, Part};

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::{
    ObjectType, OutputType, Schema, SchemaBuilder, ValidationMode,
    registry::{MetaField, Registry},
};
use document::{Check, CheckedDocument, Clock, DocumentField, KindSpec, Reshaping, SectionSpec};
use store::{ContentModel, MigrationFiles, Migrations, Project, TableSpec};

use crate::{
    Kind, Node, Rule, Section,
    authoring::{
        COMPARED, CheckWhenRead, ChecksWhenRead, EXAMINED, EntryFindings, EntryRevisions, MutationRoot, ResolveEntry,
        SaveOf, SaveSectionsOf, findings_of, revisions_of, save_document, save_sections,
    },
    catalog::Catalog,
    dates::{EntryDates, dates_of},
    graph::{Graph, MAX_NESTING, Weights, sdl},
    input::{CheckOf, DocumentInput, SectionInput, ShapeInput, check_document},
    link,
    open::{
        AddKind, AddedFields, AnyNode, Extend, ExtendObject, Field, FindNode, ImplementsNode, ListField, NodeSpec,
        Nodes, Resolve, ResolveFn, input_fields, object_fields,
    },
    plan::Projected,
    projection::find_stored,
    rights::Rights,
    root::QueryRoot,
    schema_language::SchemaLanguage,
    section::Sections as _,
    subscription::SubscriptionRoot,
};

type Builder = SchemaBuilder<QueryRoot, MutationRoot, SubscriptionRoot>;
type AnyParts = HashMap<TypeId, Box<dyn Any + Send + Sync>>;
type Step = Box<dyn FnOnce(Builder, &mut AnyParts) -> Builder>;

/// A module: any function that tells the app what its crate owns and adds.
pub type Module = fn(&mut App);

/// Collects what the modules own and add. `app.module("faq", faq::module)`, then [`build`](App::build).
pub struct App {
    module: &'static str,
    modules: Vec<&'static str>,
    content: ContentModel,
    catalog: Catalog,
    /// The types in the answer of the fields of documents, by kind and name.
    answered: HashMap<(&'static str, String), String>,
    /// `AddedFields<T>` by the type `T`.
    parts: AnyParts,
    schema: Vec<Step>,
    /// Object types, to look up the fields of what modules add.
    outputs: Registry,
    migrations: Vec<(&'static str, MigrationFiles)>,
    tables: Vec<TableSpec>,
    /// Objects that stand in lists, objects that sections hold as parts, and nodes, each with its module.
    listed: Vec<(&'static str, String)>,
    held: Vec<(&'static str, &'static str, String)>,
    nodes: Vec<(&'static str, String)>,
    /// Objects with their fields, as `Career.title`.
    fields: HashSet<String>,
    /// The module that added each field of an open filter or order, as `CareerFilter.title`.
    input_fields: HashMap<String, &'static str>,
    contradictions: Vec<String>,
    hides_schema: bool,
}

impl Default for App {
    fn default() -> Self {
        let mut app = Self {
            module: "kernel",
            modules: vec!["kernel"],
            content: ContentModel::default(),
            catalog: Catalog::default(),
            answered: HashMap::new(),
            parts: HashMap::new(),
            schema: Vec::new(),
            outputs: Registry::default(),
            migrations: Vec::new(),
            tables: Vec::new(),
            listed: Vec::new(),
            held: Vec::new(),
            nodes: Vec::new(),
            fields: HashSet::new(),
            input_fields: HashMap::new(),
            contradictions: Vec::new(),
            hides_schema: false,
        };
        own::module(&mut app);
        app
    }
}

impl App {
    /// Adds a module under its name.
    #[must_use]
    pub fn module(mut self, name: &'static str, module: Module) -> Self {
        if self.modules.contains(&name) {
            self.contradictions.push(format!("the module `{name}` is in the list twice"));
            return self;
        }
        self.modules.push(name);
        self.module = name;
        module(&mut self);
        self
    }

    /// The module's tables. They are kept apart from those of other modules, so that a module can be taken out of the list.
    pub fn migrations(&mut self, migrations: MigrationFiles) {
        self.migrations.push((self.module, migrations));
    }

    /// The module owns this kind of document.
    pub fn kind<K: Kind>(&mut self) {
        let kind = KindSpec {
            name: K::NAME,
            folder: K::FOLDER,
            object: <K as OutputType>::type_name().into_owned(),
            module: self.module,
            broken_link: K::BROKEN_LINK,
            fields: async_graphql::indexmap::IndexMap::new(),
            sections: Vec::new(),
            checks: Vec::new(),
            reshapings: Vec::new(),
        };
        if let Some(first) = self.content.kinds.by_name.insert(K::NAME, kind) {
            let (first, second) = (first.module, self.module);
            self.contradictions.push(format!("the kind `{}` belongs to `{first}` and to `{second}`", K::NAME));
        }
        self.catalog.of_mut::<Projected>().follow.insert(K::NAME, link::follow::<K>);
        self.node::<K>();
        self.field::<CheckOf<K>>(check_document::<K>);
        self.field::<SaveOf<K>>(save_document::<K>);
        self.field::<SaveSectionsOf<K>>(save_sections::<K>);
        self.extend_entries::<K, EntryRevisions>(revisions_of);
        self.extend_entries::<K, EntryFindings>(findings_of);
        self.extend_entries::<K, EntryDates>(dates_of);
        let object = <K as OutputType>::type_name();
        self.weigh("Query", &format!("check{object}"), EXAMINED);
        self.weigh(&object, "findings", EXAMINED);
        self.weigh(&object, "diff", COMPARED);
        self.schema.push(Box::new(|schema, _| schema.register_output_type::<AddKind<K>>()));
    }

    /// Makes a field of an object count for more than one in the cost of a query: a weight of 1 is worth a few microseconds.
    pub fn weigh(&mut self, object: &str, field: &str, weight: u64) {
        self.catalog.of_mut::<Weights>().0.entry(object.to_owned()).or_default().insert(field.to_owned(), weight);
    }

    fn spec<K: Kind>(&mut self, what: &str) -> Option<&mut KindSpec> {
        let module = self.module;
        let spec = self.content.kinds.by_name.get_mut(K::NAME);
        if spec.is_none() {
            self.contradictions.push(format!(
                "`{module}` adds {what} to the kind `{}`, which no module before it in the list owns",
                K::NAME
            ));
        }
        spec
    }

    /// The module owns this section of the kind's documents. Its fields stand at the top level of the document and on the
    /// kind's object.
    pub fn section<K: Kind, S: Section>(&mut self) {
        let module = self.module;
        let fields = input_fields::<S>(&mut self.content.kinds.input_types);
        let answered = object_fields::<S>(&mut self.outputs);
        let Some(kind) = self.spec::<K>(&format!("the section `{}`", S::NAME)) else { return };
        let mut twice = Vec::new();
        if let Some(first) = kind.sections.iter().find(|first| first.name == S::NAME) {
            twice.push(format!(
                "the section `{}.{}` belongs to `{}` and to `{module}`",
                K::NAME,
                S::NAME,
                first.module
            ));
        }
        for (name, shape) in fields {
            let field = DocumentField { section: S::NAME, shape };
            if let Some(first) = kind.fields.insert(name.clone(), field) {
                let (first, second) = (first.section, S::NAME);
                twice.push(format!("the field `{name}` of `{}` is in the sections `{first}` and `{second}`", K::NAME));
            }
        }
        kind.sections.push(SectionSpec::of::<S>(module));
        self.held.extend(S::parts().into_iter().map(|part| (module, S::NAME, part.into_owned())));
        for field in &answered {
            self.answered.insert((K::NAME, field.name.clone()), field.ty.clone());
        }
        if !self.content.kinds.modules.contains(&module) {
            self.content.kinds.modules.push(module);
        }
        self.contradictions.extend(twice);
        self.add_part::<K>(
            answered,
            Box::new(|object, ctx| {
                Box::pin(async move {
                    let section = object.entry().section::<S>(ctx).await.map_err(|error| {
                        ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos))
                    })?;
                    section.resolve_field(ctx).await
                })
            }),
        );
        self.schema.push(Box::new(|schema, _| schema.register_output_type::<ExtendObject<K, S>>()));
        self.schema.push(Box::new(|schema, _| schema.register_input_type::<Extend<DocumentInput<K>, S>>()));
        self.schema.push(Box::new(|schema, _| schema.register_input_type::<SectionInput<K, S>>()));
    }

    /// Rules for documents of the kind.
    pub fn check<K: Kind>(&mut self, check: Check) {
        if let Some(kind) = self.spec::<K>("rules") {
            kind.checks.push(check);
        }
    }

    /// A change of the shape of the kind's documents. The same function brings stored ones into the new shape, in a migration.
    pub fn reshape<K: Kind>(&mut self, reshaping: Reshaping) {
        let Some(kind) = self.spec::<K>("a shape") else { return };
        kind.reshapings.push(reshaping);
        if kind.reshapings.len() == 1 {
            self.schema
                .push(Box::new(|schema, _| schema.register_input_type::<Extend<DocumentInput<K>, ShapeInput>>()));
        }
    }

    /// A rule that the module's checks report, with its examples.
    pub fn rule(&mut self, rule: Rule) {
        if let Some((first, _)) = self.content.kinds.rules.insert(rule.id, (self.module, rule)) {
            let (id, second) = (rule.id, self.module);
            self.contradictions.push(format!("the rule `{id}` belongs to `{first}` and to `{second}`"));
        }
    }

    /// A scalar of arguments that stands in no document: its values are checked before a request is executed.
    pub fn scalar<T: async_graphql::InputType>(&mut self) {
        T::create_type_info(&mut self.catalog.of_mut::<SchemaLanguage>().scalars);
    }

    /// The slug of an entry by which this module finds it: it cannot be renamed.
    pub fn fixed_slug<K: Kind>(&mut self, slug: &'static str) {
        self.content.kinds.fixed_slugs.insert((K::NAME, slug));
    }

    /// A rule about what is read, on the day it is read; for documents of all kinds.
    pub fn check_when_read(&mut self, check: CheckWhenRead) {
        self.catalog.of_mut::<ChecksWhenRead>().0.push(check);
    }

    /// Leaves the pages of the kind's entries out of sitemaps unless this holds for their document.
    pub fn listed<K: Kind>(&mut self, is_listed: fn(&CheckedDocument) -> bool) {
        if self.spec::<K>("a condition on pages").is_some() {
            self.content.listed.insert(K::NAME, is_listed);
        }
    }

    /// Rows for documents of the kind.
    pub fn project<K: Kind>(&mut self, project: Project) {
        if self.spec::<K>("rows").is_some() {
            self.content.projects.entry(K::NAME).or_default().push(project);
        }
    }

    /// Registrations of modules under a type that one of them owns; it begins empty. Requests read it from their [`Catalog`].
    pub fn registered<T: Default + Send + Sync + 'static>(&mut self) -> &mut T {
        self.catalog.of_mut()
    }

    /// Adds the fields of the object `P` to the open object `T`.
    pub fn extend<T, P>(&mut self)
    where
        T: ObjectType + 'static,
        P: ObjectType + for<'a> From<&'a T> + 'static,
    {
        let fields = object_fields::<P>(&mut self.outputs);
        self.add_part::<T>(
            fields,
            Box::new(|object, ctx| Box::pin(async move { P::from(object).resolve_field(ctx).await })),
        );
        self.schema.push(Box::new(|schema, _| schema.register_output_type::<ExtendObject<T, P>>()));
    }

    /// Adds the fields of the object `P` to the entries of a kind. Their resolver is compiled in this crate, and not for each kind.
    fn extend_entries<K: Kind, P: ObjectType + 'static>(&mut self, resolve: ResolveEntry) {
        let fields = object_fields::<P>(&mut self.outputs);
        self.add_part::<K>(fields, Box::new(move |object, ctx| resolve(object.entry().clone(), ctx)));
        self.schema.push(Box::new(|schema, _| schema.register_output_type::<ExtendObject<K, P>>()));
    }

    /// Makes the object findable by its global id.
    pub fn node<N: Node>(&mut self) {
        let find: FindNode =
            |ctx, entry, part| Box::pin(async move { Ok(N::find(ctx, entry, part).await?.map(AnyNode::new)) });
        let spec = NodeSpec { kind: <N::Of as Kind>::NAME, find };
        if self.catalog.of_mut::<Nodes>().0.insert(N::type_name().into_owned(), spec).is_some() {
            let (name, module) = (N::type_name(), self.module);
            self.contradictions.push(format!("the node type `{name}` is registered twice, last by `{module}`"));
        }
        let fields = object_fields::<N>(&mut self.outputs);
        self.fields.extend(fields.iter().map(|field| format!("{}.{}", N::type_name(), field.name)));
        self.nodes.push((self.module, N::type_name().into_owned()));
        self.schema.push(Box::new(|schema, _| schema.register_output_type::<ImplementsNode<N>>()));
    }

    fn field<F: Field>(&mut self, resolve: ResolveFn<F::On>)
    where
        F::On: 'static,
    {
        let field = F::shape(&mut self.outputs);
        self.add_part::<F::On>([field], Box::new(resolve));
        self.schema.push(Box::new(|schema, _| schema.register_output_type::<ListField<F>>()));
    }

    fn add_part<T: ObjectType + 'static>(&mut self, fields: impl IntoIterator<Item = MetaField>, resolve: Resolve<T>) {
        let parts = self.parts.entry(TypeId::of::<T>()).or_insert_with(|| {
            self.schema.push(Box::new(|schema, parts| {
                match parts.remove(&TypeId::of::<T>()).and_then(|parts| parts.downcast::<AddedFields<T>>().ok()) {
                    Some(parts) => schema.data(*parts),
                    None => schema,
                }
            }));
            Box::new(AddedFields::<T>::default())
        });
        let Some(parts) = parts.downcast_mut::<AddedFields<T>>() else {
            unreachable!("parts are kept by the type of their object")
        };
        let fields: Vec<_> = fields.into_iter().collect();
        self.catalog.of_mut::<Rights>().add(&T::type_name(), &fields);
        self.fields.extend(fields.iter().map(|field| format!("{}.{}", T::type_name(), field.name)));
        let twice = parts.add(self.module, fields, resolve);
        let second = self.module;
        self.contradictions.extend(twice.into_iter().map(|(field, first)| {
            format!("the field `{}.{field}` is added by `{first}` and by `{second}`", T::type_name())
        }));
    }

    /// Takes this clock in the place of the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.content.kinds.clock = clock;
        self
    }

    /// Hides the schema from clients: no introspection, no suggestions in errors.
    #[must_use]
    pub fn hiding_schema(mut self, hides: bool) -> Self {
        self.hides_schema = hides;
        self
    }

    /// The graph of all modules, and their tables.
    pub fn build(mut self) -> Result<(Graph, Migrations), Contradictions> {
        self.find_omissions();
        if !self.contradictions.is_empty() {
            return Err(Contradictions(self.contradictions));
        }
        // Requests are held against the specification before they come here; see the crate `language`.
        let schema = Schema::build(QueryRoot, MutationRoot, SubscriptionRoot)
            .limit_recursive_depth(MAX_NESTING)
            .validation_mode(ValidationMode::Fast);
        let schema = if self.hides_schema { schema.disable_introspection().disable_suggestions() } else { schema };
        let schema = self.schema.into_iter().fold(schema, |schema, step| step(schema, &mut self.parts));
        let (mut catalog, schema) = (self.catalog, schema.finish());
        let clock = self.content.kinds.clock.clone();
        catalog.set_content(self.content);
        find_stored(&mut catalog, &self.answered, &self.outputs);
        catalog.of_mut::<Rights>().add_all(&self.outputs);
        let language = catalog.of_mut::<SchemaLanguage>();
        let shown = schema.clone();
        language.sdl = Some(Box::new(move || sdl(&shown)));
        language.hides_schema = self.hides_schema;
        Ok((Graph::new(schema, Arc::new(catalog)), Migrations::new(self.migrations, self.tables, clock)))
    }
}
