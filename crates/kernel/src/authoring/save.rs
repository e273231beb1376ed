//! `saveCareer` and `saveCareerSections`, and the same for every kind.
use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    Context, ContextSelectionSet, InputType, ObjectType, OutputType, Positioned, ServerResult, Value,
    parser::types::Field as SelectedField,
    registry::{MetaField, MetaInputValue, MetaTypeId, ObjectBuilder, Registry},
    resolver_utils::{ContainerType, resolve_container},
};
use document::{CheckedDocument, Document, Finding, Step, Tree, path};
use futures_util::future::BoxFuture;
use store::{self, ChangeInfo, ContentModel, documents, state};

use super::{
    MutationRoot,
    payload::{UserError, resolve_entry},
    save_outcome::SaveOutcome,
};
use crate::{
    Kind, Perspective, Principal, Result, Scope, Slug, apart,
    input::{DocumentInput, FindingObject, SectionsInput, broken_links, hierarchy_loops, read_input},
    open::{Field, object_fields},
    request::{Loaders, request},
};

/// The payload of saving a document of kind `K`.
pub(crate) struct SavePayload<K> {
    slug: Option<String>,
    outcome: SaveOutcome,
    kind: PhantomData<fn() -> K>,
}

/// `career` for the object `Career`.
fn field_name<K: Kind>() -> String {
    let object = <K as OutputType>::type_name();
    let (first, rest) = object.split_at(1);
    format!("{}{rest}", first.to_lowercase())
}

impl<K: Kind> OutputType for SavePayload<K> {
    fn type_name() -> Cow<'static, str> {
        format!("Save{}Payload", <K as OutputType>::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let mut object = MetaField::new(field_name::<K>(), Option::<K>::create_type_info(registry));
            object.requires_scopes = vec![Scope::ReadDrafts.to_string()];
            object.description = Some(
                "The object as its draft says; null if nothing could be saved. Needs the scope `read-drafts`."
                    .to_owned(),
            );
            let fields = [object].into_iter().chain(object_fields::<SaveOutcome>(registry));
            registry.types.remove(&*SaveOutcome::type_name());
            let fields = fields.map(|field| (field.name.clone(), field)).collect();
            ObjectBuilder::new(Self::type_name(), fields)
                .description(Some(format!("Result of saving a `{}Document`.", <K as OutputType>::type_name())))
                .rust_typename(std::any::type_name::<Self>())
                .build()
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<SelectedField>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl<K: Kind> ContainerType for SavePayload<K> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        if ctx.item.node.name.node != field_name::<K>() {
            return self.outcome.resolve_field(ctx).await;
        }
        let drafted = async {
            request(ctx).caller().require(&Scope::ReadDrafts).map_err(|error| {
                ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos))
            })?;
            resolve_entry::<K>(ctx, self.slug.as_deref(), Perspective::Draft).await
        };
        Ok(Some(drafted.await.unwrap_or_else(|error| {
            ctx.add_error(if error.path.is_empty() { ctx.set_error_path(error) } else { error });
            Value::Null
        })))
    }
}

impl<K: Kind> ObjectType for SavePayload<K> {}

/// The mutation that saves a document of kind `K`: `saveCareer`.
pub(crate) struct SaveOf<K>(PhantomData<fn() -> K>);
/// The mutation that saves sections of one: `saveCareerSections`.
pub(crate) struct SaveSectionsOf<K>(PhantomData<fn() -> K>);

/// Arguments that both mutations take.
fn common(registry: &mut Registry) -> Vec<MetaInputValue> {
    let about = [
        (
            "author",
            "Author of the revision; the name of the token if omitted.",
            <Option<String> as InputType>::create_type_info(registry),
        ),
        ("message", "Reason, in one line.", <Option<String> as InputType>::create_type_info(registry)),
    ];
    about.map(|(name, about, ty)| argument(name, ty, about)).into()
}

fn argument(name: &str, ty: String, about: &str) -> MetaInputValue {
    let mut argument = MetaInputValue::new(name, ty);
    argument.description = Some(about.to_owned());
    argument
}

fn mutation<K: Kind>(registry: &mut Registry, name: String, about: String, own: Vec<MetaInputValue>) -> MetaField {
    let mut field = MetaField::new(name, Option::<SavePayload<K>>::create_type_info(registry));
    field.description = Some(about);
    field.requires_scopes = vec![Scope::Write(None).to_string()];
    field.args = own.into_iter().chain(common(registry)).map(|argument| (argument.name.clone(), argument)).collect();
    field
}

impl<K: Kind> Field for SaveOf<K> {
    type On = MutationRoot;

    fn shape(registry: &mut Registry) -> MetaField {
        let object = <K as OutputType>::type_name();
        let document = DocumentInput::<K>::create_type_info(registry);
        let base = <Option<i32> as InputType>::create_type_info(registry);
        let own = vec![
            argument("document", document, "The whole document: what it leaves out is removed."),
            argument(
                "baseRevision",
                base,
                "The number of the revision that the document is based on; omitted for a new entry. If somebody has \
                 saved another one since, nothing is saved (`CONFLICT`).",
            ),
        ];
        let about = format!(
            "Saves a `{object}Document` as the draft of its entry, replacing all that was there: what the document leaves out is \
             removed. It may have no errors except broken links. Needs the \
             scope `write` for the modules whose sections change."
        );
        mutation::<K>(registry, format!("save{object}"), about, own)
    }
}

impl<K: Kind> Field for SaveSectionsOf<K> {
    type On = MutationRoot;

    fn shape(registry: &mut Registry) -> MetaField {
        let object = <K as OutputType>::type_name();
        let slug = <Slug as InputType>::create_type_info(registry);
        let sections = SectionsInput::<K>::create_type_info(registry);
        let base = <i32 as InputType>::create_type_info(registry);
        let own = vec![
            argument("slug", slug, "The slug of the entry."),
            argument(
                "sections",
                sections,
                "The sections and fields to change; what is left out stays as it is, and what is null is removed.",
            ),
            argument(
                "baseRevision",
                base,
                "The number of the revision that the sections are based on. If somebody has saved another one since, \
                 nothing is saved (`CONFLICT`).",
            ),
        ];
        let about = format!(
            "Changes fields of a `{object}Document` and saves it as a new draft of its entry. What is left out stays as it is; the \
             document is checked as a whole. Needs the scope `write` for the modules of its sections."
        );
        mutation::<K>(registry, format!("save{object}Sections"), about, own)
    }
}

/// Resolves [`SaveOf`].
pub(crate) fn save_document<'a, K: Kind>(
    _: &'a MutationRoot,
    ctx: &'a Context<'a>,
) -> BoxFuture<'a, ServerResult<Option<Value>>> {
    Box::pin(async move {
        let document = ctx.param_value::<DocumentInput<K>>("document", None)?.1;
        let base = ctx.param_value::<Option<i32>>("baseRevision", None)?.1;
        let change = change(ctx)?;
        answer::<K>(ctx, save(K::NAME, request(ctx), document.tree(), base, &change).await).await
    })
}

/// Resolves [`SaveSectionsOf`].
pub(crate) fn save_sections<'a, K: Kind>(
    _: &'a MutationRoot,
    ctx: &'a Context<'a>,
) -> BoxFuture<'a, ServerResult<Option<Value>>> {
    Box::pin(async move {
        let slug = ctx.param_value::<Slug>("slug", None)?.1;
        let sections = ctx.param_value::<SectionsInput<K>>("sections", None)?.1;
        let base = ctx.param_value::<i32>("baseRevision", None)?.1;
        let change = change(ctx)?;
        let whole = move |content: &ContentModel, stored: &Document| sections.tree(content, stored);
        answer::<K>(ctx, save_some(K::NAME, request(ctx), &slug, Box::new(whole), base, &change).await).await
    })
}

fn change(ctx: &Context<'_>) -> ServerResult<ChangeInfo> {
    let author = ctx.param_value::<Option<String>>("author", None)?.1;
    let message = ctx.param_value::<Option<String>>("message", None)?.1;
    Ok(ChangeInfo::by(request(ctx).caller(), author, message))
}

async fn answer<K: Kind>(
    ctx: &Context<'_>,
    saved: Result<(Option<String>, SaveOutcome)>,
) -> ServerResult<Option<Value>> {
    let (slug, outcome) =
        saved.map_err(|error| ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos)))?;
    let saved = SavePayload::<K> { slug, outcome, kind: PhantomData };
    saved.resolve(&ctx.with_selection_set(&ctx.item.node.selection_set), ctx.item).await.map(Some)
}

/// Origin of the content of a document.
#[derive(Clone, Copy)]
enum Given {
    /// All of it from the caller.
    Document,
    /// Some sections from the caller, the others from the store.
    Sections,
}

/// Tells whether the caller may hear of a finding: whoever may not read drafts hears of the sections that they may write.
fn is_told(content: &ContentModel, kind: &str, caller: &Principal, finding: &Finding) -> bool {
    let field = match finding.path.0.first() {
        Some(Step::Field(name)) => content.kind(kind).and_then(|kind| Some((kind, kind.fields.get(name)?.section))),
        _ => None,
    };
    let spec = field.and_then(|(kind, section)| kind.sections.iter().find(|spec| spec.name == section));
    let may_write = |module: &str| caller.may(&Scope::Write(Some(module.to_owned())));
    caller.may(&Scope::ReadDrafts) || spec.is_none_or(|spec| may_write(spec.module))
}

/// Slug of what was saved, and the result. Nothing of it depends on the type of the kind: it is compiled once, in this crate.
type Saving<'a> = BoxFuture<'a, Result<(Option<String>, SaveOutcome)>>;

/// Boxes [`save_tree`].
fn save<'a>(
    kind: &'static str,
    loaders: &'a Loaders,
    tree: Tree,
    base: Option<i32>,
    change: &'a ChangeInfo,
) -> Saving<'a> {
    Box::pin(save_tree(kind, loaders, tree, Given::Document, base, change))
}

async fn save_tree(
    kind: &'static str,
    loaders: &Loaders,
    tree: Tree,
    given: Given,
    base: Option<i32>,
    change: &ChangeInfo,
) -> Result<(Option<String>, SaveOutcome)> {
    let (content, caller) = (loaders.content(), loaders.caller());
    caller.may_write_something()?;
    let reading = content.clone();
    let (guide, findings) = apart(move || read_input(&reading, &tree)).await;
    let (errors, mut warnings): (Vec<_>, Vec<_>) = findings.into_iter().partition(Finding::is_error);
    let Some(guide) = guide.filter(|_| errors.is_empty()) else {
        let (told, others): (Vec<_>, Vec<_>) = match given {
            Given::Document => (errors, Vec::new()),
            Given::Sections => errors.into_iter().partition(|finding| is_told(content, kind, caller, finding)),
        };
        let mut errors: Vec<_> = told.into_iter().map(UserError::from).collect();
        if !others.is_empty() {
            let message = "other sections of the document have errors; with the scope `read-drafts` you can see them";
            errors.push(UserError::new(&path!["sections"], "OTHER_SECTIONS", message));
        }
        return Ok((None, SaveOutcome::refused(errors)));
    };
    let saved = store::save(loaders.database(), content, &guide, base, caller, change).await?;
    let key = (guide.document.kind, guide.document.slug.clone());
    let mut outcome = SaveOutcome::of(&saved, &key, base, caller);
    let slug = outcome.errors.is_empty().then_some(key.1);
    if slug.is_some() {
        // Whoever may not read drafts is not told which there are.
        let visible = if caller.may(&Scope::ReadDrafts) { Perspective::Draft } else { Perspective::Published };
        let visible = loaders.fresh_in(visible);
        // The document is stored by now, so this must not fail: `findings` of the entry tells of links, too.
        match visible.drive(depending(&visible, guide)).await {
            Ok(broken) => warnings.extend(broken),
            Err(error) => {
                tracing::warn!(cause = %error.cause(), "a document is saved, and its links cannot be looked up");
            }
        }
        let told = warnings.into_iter().filter(|finding| is_told(content, kind, caller, finding));
        outcome.findings = told.map(|finding| FindingObject::new(kind, finding)).collect();
    }
    Ok((slug, outcome))
}

/// Findings that depend on what is visible besides the document.
async fn depending(loaders: &Loaders, guide: CheckedDocument) -> Result<Vec<Finding>> {
    let mut findings = hierarchy_loops(loaders, (guide.document.kind, &guide.document.slug), Some(&guide)).await?;
    findings.extend(broken_links(loaders, guide.links).await?);
    Ok(findings)
}

/// Boxes [`save_sections_of`].
fn save_some<'a>(
    kind: &'static str,
    loaders: &'a Loaders,
    slug: &'a str,
    sections: WholeTree<'a>,
    base: i32,
    change: &'a ChangeInfo,
) -> Saving<'a> {
    Box::pin(save_sections_of(kind, loaders, slug, sections, base, change))
}

/// Makes the tree of a whole document from the sections that are given, and the others of what is stored.
type WholeTree<'a> = Box<dyn FnOnce(&ContentModel, &Document) -> Result<Tree> + Send + 'a>;

async fn save_sections_of(
    kind: &'static str,
    loaders: &Loaders,
    slug: &str,
    sections: WholeTree<'_>,
    base: i32,
    change: &ChangeInfo,
) -> Result<(Option<String>, SaveOutcome)> {
    loaders.caller().may_write_something()?;
    let (db, content) = (loaders.db(), loaders.content());
    let begun = match state(db, kind, slug).await? {
        Some(state) => store::numbered(db, &state.entry, base).await?,
        None => None,
    };
    let Some(begun) = begun else {
        let message = format!("there is no revision {base} of a {kind} `{slug}`");
        let errors = vec![UserError::new(&path!["baseRevision"], "NOT_FOUND", message)];
        return Ok((None, SaveOutcome::refused(errors)));
    };
    let documents = documents(db, content, &[(kind, slug, begun.id)]).await?;
    let document = documents.get(&begun.id).ok_or_else(|| crate::Error::internal("a revision has no document"))?;
    save_tree(kind, loaders, sections(content, document)?, Given::Sections, Some(base), change).await
}
