//! Links in what was read of a section: what they lead to takes the place of their slugs.
use async_graphql::{
    ContextBase, Positioned, ServerResult, Value,
    parser::types::{Field, SelectionSet},
};
use futures_util::future::{BoxFuture, join_all, try_join_all};

use super::{ENTRY_BYTES, read::read};
use crate::{
    Entry,
    plan::{Plan, PlannedLink, Selected, Shape},
    request::Loaders,
    section,
    visible::visible_with,
};

/// Follows all links whose entries are answered by what is stored; whether no other is left. Most links are such.
/// What fails is left as well: it fails again where its path is known.
pub(super) async fn follow_together(loaders: &Loaders, selected: &Selected, answer: &mut [Value]) -> bool {
    let mut links = Vec::new();
    collect(selected, answer.iter_mut(), &mut links);
    let follow = links.into_iter().map(|(linked, value)| follow_stored(loaders, linked, value));
    join_all(follow).await.iter().all(Option::is_some)
}

/// Collects the links of an object.
fn collect<'a>(
    selected: &'a Selected,
    answer: impl Iterator<Item = &'a mut Value>,
    links: &mut Vec<(&'a PlannedLink, &'a mut Value)>,
) {
    for (index, value) in answer.enumerate() {
        if let Some((_, shape)) = selected.links_at(index) {
            collect_value(shape, value, links);
        }
    }
}

/// Collects the links of a value.
fn collect_value<'a>(shape: &'a Shape, value: &'a mut Value, links: &mut Vec<(&'a PlannedLink, &'a mut Value)>) {
    match (shape, value) {
        (Shape::Link(linked), value @ Value::String(_)) => links.push((linked, value)),
        (Shape::List(item), Value::List(values)) => {
            for value in values {
                collect_value(item, value, links);
            }
        }
        (Shape::Object(selected), Value::Object(answer)) => collect(selected, answer.values_mut(), links),
        _ => {}
    }
}

/// Follows a link whose entry is answered by what is stored; none where it is another, or fails.
async fn follow_stored(loaders: &Loaders, linked: &PlannedLink, value: &mut Value) -> Option<()> {
    let (plan, Value::String(slug)) = (linked.plan.as_ref()?, &*value) else { return None };
    let entry = visible_with(loaders, linked.kind, slug, plan.wanted.clone()).await.ok()?;
    *value = match entry {
        Some(entry) => stored(loaders, &entry, plan).await?,
        None => Value::Null,
    };
    Some(())
}

/// Answer to the selection of the entry, all of it from its sections.
async fn stored(loaders: &Loaders, entry: &Entry, plan: &Plan) -> Option<Value> {
    loaders.pause_if_due().await;
    loaders.charge(ENTRY_BYTES).ok()?;
    let sections = section::stored(entry, loaders, &plan.names).await.ok()?;
    let mut answer = plan.begin(entry);
    for (section, stored) in plan.sections.iter().zip(&sections) {
        let values = read(&section.selected, entry, stored.body(), loaders.writes_text())?;
        section.put(values, &mut answer);
    }
    Some(Value::Object(answer))
}

/// Puts what links lead to in the place of their slugs, in an object, one by one.
pub(super) async fn follow_fields<T: Sync>(
    ctx: &ContextBase<'_, T>,
    around: &SelectionSet,
    selected: &Selected,
    answer: impl Iterator<Item = &mut Value> + Send,
) -> ServerResult<()> {
    if !selected.has_links {
        return Ok(());
    }
    let fields = answer.enumerate().filter_map(|(index, value)| {
        let (chosen, shape) = selected.links_at(index)?;
        let field = chosen.field(around)?;
        Some(async move { follow(&ctx.with_field(field), shape, value).await })
    });
    try_join_all(fields).await.map(drop)
}

/// The same in the value of a field.
fn follow<'a>(
    ctx: &'a ContextBase<'a, &'a Positioned<Field>>,
    shape: &'a Shape,
    value: &'a mut Value,
) -> BoxFuture<'a, ServerResult<()>> {
    Box::pin(async move {
        match (shape, value) {
            (Shape::Link(linked), value @ Value::String(_)) => {
                let Value::String(slug) = std::mem::take(value) else { return Ok(()) };
                let selected = ctx.with_selection_set(&ctx.item.node.selection_set);
                *value = (linked.follow)(&selected, ctx.item, slug).await?;
            }
            (Shape::List(item), Value::List(values)) => {
                let items = values.iter_mut().enumerate();
                let items =
                    items.map(|(index, value)| async move { follow(&ctx.with_index(index), item, value).await });
                try_join_all(items).await?;
            }
            (Shape::Object(selected), Value::Object(answer)) => {
                follow_fields(ctx, &ctx.item.node.selection_set.node, selected, answer.values_mut()).await?;
            }
            _ => {}
        }
        Ok(())
    })
}
