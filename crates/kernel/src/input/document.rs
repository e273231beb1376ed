//! Documents as GraphQL input, open like the objects they become: `CareerDocument` takes its fields from the sections of
//! all modules. `checkCareer` tells what is wrong with one before anybody saves it.
use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    Context, InputObject, InputType, InputValueError, InputValueResult, Object, OutputType, ServerResult, Value,
    registry::{MetaField, MetaInputValue, Registry},
};
use document::{CheckedDocument, Finding, LinkTo, Severity, Tree, TreeValue, read, read_file, tree::Name};
use futures_util::future::{BoxFuture, try_join_all};
use store::ContentModel;

use super::hierarchy::hierarchy_loops;
use crate::{
    Kind, Result, Slug, apart,
    open::{Field, open_input},
    request::{Loaders, request},
    root::QueryRoot,
    schema_language::{SchemaLanguage, coordinate},
    visible,
};

/// A document of kind `K`, as an input: its slug, and the fields of the modules' sections.
pub(crate) struct DocumentInput<K> {
    value: Value,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> InputType for DocumentInput<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Document", <K as OutputType>::type_name()).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let about = format!(
            "The document behind an object of type `{}`: what a file of its kind holds, without `kind`.",
            <K as OutputType>::type_name()
        );
        open_input::<Self>(registry, &about, false, |registry| {
            let mut slug = MetaInputValue::new("slug", <Slug as InputType>::create_type_info(registry));
            slug.description = Some("The key, unique among its kind and part of every link to it.".into());
            vec![slug]
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(value @ Value::Object(_)) => Ok(Self { value, kind: PhantomData }),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        self.value.clone()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<K: Kind> DocumentInput<K> {
    /// The document as the check of files sees it, without lines.
    pub(crate) fn tree(self) -> Tree {
        let mut tree = Tree::from(self.value);
        if let TreeValue::Map(fields) = &mut tree.value {
            fields.push((Name::from("kind"), Tree::from(Value::from(K::NAME))));
        }
        tree
    }
}

/// The field of a document whose kind had other shapes.
#[derive(InputObject)]
pub(crate) struct ShapeInput {
    /// The shape that the document is written in, as files and exports name it; that of today if omitted.
    shape: Option<String>,
}

/// Reads and checks the document of an input: of today's shape, unless it says so itself.
pub(crate) fn read_input(content: &ContentModel, tree: &Tree) -> (Option<CheckedDocument>, Vec<Finding>) {
    if tree.get("shape").is_some_and(|shape| !matches!(shape.value, TreeValue::Null)) {
        read_file(content, tree)
    } else {
        read(content, tree)
    }
}

/// One thing that is wrong, or suspicious, in a document.
pub(crate) struct FindingObject {
    kind: &'static str,
    finding: Finding,
}

impl FindingObject {
    /// A finding in a document of this kind.
    pub(crate) fn new(kind: &'static str, finding: Finding) -> Self {
        Self { kind, finding }
    }
}

/// One thing that is wrong, or suspicious, in a document.
#[Object(name = "Finding")]
impl FindingObject {
    /// Severity of the finding.
    async fn severity(&self) -> Severity {
        self.finding.severity
    }

    /// The stable id of the rule, such as `low-above-high`.
    async fn rule(&self) -> &'static str {
        self.finding.rule
    }

    /// The place in the document, such as `pay.bands[0].range.low`; empty for the document as a whole.
    async fn path(&self) -> String {
        self.finding.path.to_string()
    }

    /// The field of the schema that answers what stands at the place, as a schema coordinate such as `Money.amount`; null where the
    /// place is none.
    async fn coordinate(&self, ctx: &Context<'_>) -> Option<String> {
        let catalog = request(ctx).catalog();
        coordinate(SchemaLanguage::of(catalog), catalog.content(), self.kind, &self.finding.path)
    }

    /// Message that says what is wrong and what to do.
    async fn message(&self) -> &str {
        &self.finding.message
    }
}

/// The root field that checks a document of kind `K`: `checkCareer`.
pub(crate) struct CheckOf<K>(PhantomData<fn() -> K>);

impl<K: Kind> Field for CheckOf<K> {
    type On = QueryRoot;

    fn shape(registry: &mut Registry) -> MetaField {
        let object = <K as OutputType>::type_name();
        let mut field = MetaField::new(format!("check{object}"), Vec::<FindingObject>::create_type_info(registry));
        field.description = Some(format!(
            "Findings of the check for a `{object}Document`, by the rules that an import applies. Nothing is stored."
        ));
        let mut document = MetaInputValue::new("document", DocumentInput::<K>::create_type_info(registry));
        document.description = Some("The whole document.".into());
        field.args.insert(document.name.clone(), document);
        field
    }
}

/// Resolves [`CheckOf`].
pub(crate) fn check_document<'a, K: Kind>(
    _: &'a QueryRoot,
    ctx: &'a Context<'a>,
) -> BoxFuture<'a, ServerResult<Option<Value>>> {
    Box::pin(async move {
        let (_, document) = ctx.param_value::<DocumentInput<K>>("document", None)?;
        let findings = findings(ctx, K::NAME, document.tree())
            .await
            .map_err(|error| ctx.set_error_path(async_graphql::Error::from(error).into_server_error(ctx.item.pos)))?;
        findings.resolve(&ctx.with_selection_set(&ctx.item.node.selection_set), ctx.item).await.map(Some)
    })
}

/// Boxed, so that it is compiled in this crate, and not for each kind.
fn findings<'a>(ctx: &'a Context<'_>, kind: &'static str, tree: Tree) -> BoxFuture<'a, Result<Vec<FindingObject>>> {
    Box::pin(found(request(ctx), kind, tree))
}

async fn found(loaders: &Loaders, kind: &'static str, tree: Tree) -> Result<Vec<FindingObject>> {
    let content = loaders.content().clone();
    let (guide, mut findings) = apart(move || read_input(&content, &tree)).await;
    if let Some(guide) = guide {
        let of = (guide.document.kind, guide.document.slug.as_str());
        findings.extend(hierarchy_loops(loaders, of, Some(&guide)).await?);
        findings.extend(broken_links(loaders, guide.links).await?);
    }
    Ok(findings.into_iter().map(|finding| FindingObject::new(kind, finding)).collect())
}

/// Findings for links that lead to nothing in the perspective of a request.
pub(crate) async fn broken_links(loaders: &Loaders, links: Vec<LinkTo>) -> Result<Vec<Finding>> {
    let broken = try_join_all(links.into_iter().map(|link| async move {
        let visible = visible::visible(loaders, link.kind, &link.slug).await?.is_some();
        Ok::<_, crate::Error>((!visible).then(|| loaders.content().broken(&link)).flatten())
    }));
    Ok(broken.await?.into_iter().flatten().collect())
}
