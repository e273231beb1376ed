//! Projection: what is selected of a section, taken from its stored JSON as it stands. The section itself is not made, and its
//! fields need no resolvers.
//!
//! A field of a section is projected where all that is selected below it is stored as it is answered: text, numbers, enums, the
//! Markdown of prose, ids of parts, and objects and lists of these; links are followed. [`plan`](plan::plan) finds that out from
//! the types, once for each field of a request; [`read`](read::read) reads the JSON of each entry by the plan. Where something
//! else is selected, or the JSON is not what the plan expects, the section answers.
mod plan;
mod read;

use async_graphql::{Context, ContextSelectionSet, Positioned, ServerResult, Value, parser::types::Field};
use futures_util::future::{BoxFuture, try_join_all};

pub(crate) use self::plan::Selected as Plan;
use self::{plan::Shape, read::read};
use crate::{Entry, request::request};

/// Answers a field through a link: with the visible entry of this slug, or null.
pub(crate) type FollowLink =
    for<'a> fn(&'a ContextSelectionSet<'a>, &'a Positioned<Field>, String) -> BoxFuture<'a, ServerResult<Value>>;

/// Answers the field in `ctx` from the JSON of the entry's section that owns it; `None` where the section itself has to.
pub(crate) async fn project(
    ctx: &Context<'_>,
    entry: &Entry,
    section: &'static str,
    body: &str,
) -> ServerResult<Option<Value>> {
    let request = request(ctx);
    if !request.projects() {
        return Ok(None);
    }
    let plan = request.plan(ctx.item.pos, || plan::plan(ctx, request.content(), entry.kind(), section));
    let Some((plan, mut value)) = plan.and_then(|plan| read(&plan, entry, body).map(|value| (plan, value))) else {
        return Ok(None);
    };
    if let Some(shape) = plan.only().filter(|shape| shape.has_links()) {
        follow(ctx, shape, &mut value).await?;
    }
    Ok(Some(value))
}

/// Puts what links lead to in the place of their slugs.
fn follow<'a>(ctx: &'a Context<'a>, shape: &'a Shape, value: &'a mut Value) -> BoxFuture<'a, ServerResult<()>> {
    Box::pin(async move {
        match (shape, value) {
            (Shape::Link(link), value @ Value::String(_)) => {
                let Value::String(slug) = std::mem::take(value) else { return Ok(()) };
                let selected = ctx.with_selection_set(&ctx.item.node.selection_set);
                *value = link(&selected, ctx.item, slug).await?;
            }
            (Shape::List(item), Value::List(values)) => {
                let items = values.iter_mut().enumerate().map(|(index, value)| async move {
                    let ctx = ctx.with_index(index);
                    follow(&ctx, item, value).await
                });
                try_join_all(items).await?;
            }
            (Shape::Object(selected), Value::Object(answer)) => {
                let fields = answer.values_mut().enumerate().filter_map(|(index, value)| {
                    let (selection, shape) = selected.links_at(index)?;
                    Some(async move {
                        let ctx = ctx.with_field(selection);
                        follow(&ctx, shape, value).await
                    })
                });
                try_join_all(fields).await?;
            }
            _ => {}
        }
        Ok(())
    })
}
