//! The root of all subscriptions. Each event is answered like a request of its own, with fresh loaders, so that nothing in it
//! is older than the event.
use std::{borrow::Cow, pin::Pin, sync::Arc};

use async_graphql::{
    Context, Data, InputType, OutputType, QueryPathNode, QueryPathSegment, Response, SubscriptionType, Value,
    indexmap::IndexMap,
    registry::{MetaField, MetaInputValue, ObjectBuilder, Registry},
};
use futures_util::{
    Stream, StreamExt, TryStreamExt,
    future::{BoxFuture, ready},
    stream,
};
use store::{Followed, changes};

use crate::{Error, Result, change::ContentChange, open::EntryKind, request::request};

/// Maximum number of slugs that one subscription names.
const MAX_SLUGS: usize = 100;
/// The one field.
const FIELD: &str = "contentChanged";

/// Conditions of the answer to an event: its turn, who may still have it, and the maximum time for it. In the data of a request as
/// `Arc<dyn Answering>`; without one, events are answered at once.
pub trait Answering: Send + Sync + 'static {
    /// Awaits the answer, or gives another in its place. One that has nothing but errors without a path ends the subscription.
    fn answer<'a>(&'a self, answer: BoxFuture<'a, Response>) -> BoxFuture<'a, Response>;
}

/// The root of all subscriptions.
pub(crate) struct SubscriptionRoot;

impl SubscriptionType for SubscriptionRoot {
    fn type_name() -> Cow<'static, str> {
        "Subscription".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let fields = IndexMap::from_iter([(FIELD.to_owned(), content_changed(registry))]);
        registry.create_subscription_type::<Self, _>(|_| {
            ObjectBuilder::new(Self::type_name(), fields.clone())
                .description(Some("Everything that can be subscribed to.".to_owned()))
                .is_subscription(true)
                .rust_typename(std::any::type_name::<Self>())
                .build()
        })
    }

    fn create_field_stream<'a>(
        &'a self,
        ctx: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        (ctx.item.node.name.node == FIELD).then(|| answers(ctx).boxed())
    }
}

fn content_changed(registry: &mut Registry) -> MetaField {
    let mut field = MetaField::new(FIELD, <ContentChange as OutputType>::create_type_info(registry));
    field.description = Some(
        "Reports what is published and withdrawn from now on, in the order in which it happens, whichever process does it."
            .to_owned(),
    );
    let arguments = [
        (
            "kinds",
            <Option<Vec<EntryKind>> as InputType>::create_type_info(registry),
            "Only entries of these kinds; all kinds if omitted.".to_owned(),
        ),
        (
            "slugs",
            <Option<Vec<String>> as InputType>::create_type_info(registry),
            format!("Only entries with these slugs, at most {MAX_SLUGS}; all entries if omitted."),
        ),
    ];
    for (name, ty, about) in arguments {
        let mut argument = MetaInputValue::new(name, ty);
        argument.description = Some(about);
        field.args.insert(name.to_owned(), argument);
    }
    field
}

/// One response for each event; one with errors where the arguments are wrong.
fn answers<'a>(ctx: &'a Context<'_>) -> impl Stream<Item = Response> + Send + 'a {
    stream::once(ready(events(ctx))).try_flatten().then(move |event| async move {
        match event {
            Ok(change) => match ctx.data_opt::<Arc<dyn Answering>>() {
                Some(answering) => answering.answer(Box::pin(answer(ctx, change))).await,
                None => answer(ctx, change).await,
            },
            Err(error) => {
                let error = async_graphql::Error::from(error).into_server_error(ctx.item.pos);
                Response::from_errors(vec![error])
            }
        }
    })
}

fn events(ctx: &Context<'_>) -> Result<impl Stream<Item = Result<ContentChange>> + use<>> {
    let (_, kinds) = ctx.param_value::<Option<Vec<EntryKind>>>("kinds", None).map_err(bad_input)?;
    let (_, slugs) = ctx.param_value::<Option<Vec<String>>>("slugs", None).map_err(bad_input)?;
    if let Some(slugs) = slugs.as_ref().filter(|slugs| slugs.len() > MAX_SLUGS) {
        let message = format!("`slugs` has {} slugs; at most {MAX_SLUGS} can be followed at once.", slugs.len());
        return Err(Error::caller("TOO_MANY_SLUGS", message));
    }
    let request = request(ctx);
    let registered = request.content().kinds().map(|kind| kind.name);
    let is_asked = |kind: &&str| kinds.as_ref().is_none_or(|kinds| kinds.contains(&EntryKind::of(kind)));
    let kinds: Vec<_> = registered.filter(is_asked).collect();
    let changes = changes(request.database().clone(), Followed { kinds: kinds.clone(), slugs });
    Ok(changes.filter_map(move |published| {
        let change = match published {
            Ok(published) => {
                let kind = kinds.iter().copied().find(|kind| *kind == published.kind);
                kind.map(|kind| Ok(ContentChange { published, kind }))
            }
            Err(error) => Some(Err(error)),
        };
        ready(change)
    }))
}

fn bad_input(error: async_graphql::ServerError) -> Error {
    Error::caller("BAD_USER_INPUT", error.message)
}

async fn answer(ctx: &Context<'_>, change: ContentChange) -> Response {
    let field = ctx.item;
    let name = &field.node.response_key().node;
    let mut data = Data::default();
    let loaders = request(ctx).fresh();
    data.insert(loaders.clone());
    let path = QueryPathNode { parent: None, segment: QueryPathSegment::Name(name) };
    let selection = ctx.query_env.create_context(ctx.schema_env, Some(path), &field.node.selection_set, Some(&data));
    let mut response = match loaders.drive(OutputType::resolve(&change, &selection, field)).await {
        Ok(value) => Response::new(Value::Object(IndexMap::from_iter([(name.clone(), value)]))),
        Err(error) => Response::from_errors(vec![error]),
    };
    if let Ok(mut errors) = ctx.query_env.errors.lock() {
        response.errors.append(&mut errors);
    }
    response
}
