//! Projection: what is selected of an entry, taken from the stored JSON of its sections as it stands. The sections themselves are
//! not made, and their fields need no resolvers.
//!
//! A field of a section is projected where all that is selected below it is stored as it is answered: text, numbers, enums, the
//! Markdown of prose, ids of parts, and objects and lists of these; links are followed. [`mod@stored`] finds out at start which fields
//! these are, [`mod@planner`] what is selected of them, once for each place of a document, and [`mod@read`] copies it from the JSON of
//! each entry, which stays JSON until [`write_json`](crate::write_json) writes the answer. Other fields have resolvers as ever, and so have all fields of a section whose JSON is not what the plan expects.
mod links;
mod planner;
mod read;
mod scan;
mod stored;

use std::sync::Arc;

use async_graphql::{
    ContextSelectionSet, Positioned, ServerResult, Value, parser::types::Field, resolver_utils::resolve_container,
};
use futures_util::future::{BoxFuture, TryFutureExt as _, try_join, try_join_all};

pub(crate) use self::stored::find_stored;
use self::{
    links::{follow_fields, follow_together},
    planner::selections,
    read::read,
};
use crate::{
    Entry,
    kind::Kind,
    plan::{FromSection, Plan},
    request::Loaders,
    section::stored,
    stored::Stored,
};

/// Size that an entry counts for in the content of an answer, beside its sections, in bytes: about that of its object.
const ENTRY_BYTES: usize = 200;

/// An entry of any kind: what answers it is compiled once.
trait AnyEntry: Sync {
    fn entry(&self) -> &Entry;

    /// Answers all that is selected by resolvers.
    fn container<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> BoxFuture<'a, ServerResult<Value>>;

    /// Answers a field by its resolver.
    fn field<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
    ) -> BoxFuture<'a, ServerResult<Value>>;
}

impl<K: Kind> AnyEntry for K {
    fn entry(&self) -> &Entry {
        Kind::entry(self)
    }

    fn container<'a>(&'a self, ctx: &'a ContextSelectionSet<'a>) -> BoxFuture<'a, ServerResult<Value>> {
        Box::pin(resolve_container(ctx, self))
    }

    fn field<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
    ) -> BoxFuture<'a, ServerResult<Value>> {
        Box::pin(async move { Ok(self.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default()) })
    }
}

/// Answers what is selected of an entry at a field.
pub async fn resolve_entry<K: Kind>(
    entry: &K,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<Value> {
    resolve(entry, ctx, field).await
}

fn resolve<'a>(
    entry: &'a dyn AnyEntry,
    ctx: &'a ContextSelectionSet<'a>,
    field: &'a Positioned<Field>,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(async move {
        let loaders = ctx.data_unchecked::<Loaders>();
        loaders
            .charge(ENTRY_BYTES)
            .map_err(|error| ctx.set_error_path(async_graphql::Error::from(error).into_server_error(field.pos)))?;
        let Some(plan) = plan_at(entry.entry().kind(), ctx, field) else { return entry.container(ctx).await };
        let others = plan.others.iter().filter_map(|(_, chosen)| chosen.field(&ctx.item.node));
        let others = others.map(|field| entry.field(ctx, field));
        let (sections, others) = try_join(from_sections(entry, ctx, &plan), try_join_all(others)).await?;
        let mut answer = plan.begin(entry.entry());
        for (section, values) in plan.sections.iter().zip(sections) {
            section.put(values, &mut answer);
        }
        for ((place, _), value) in plan.others.iter().zip(others) {
            answer[*place] = value;
        }
        Ok(Value::Object(answer))
    })
}

/// The sections that are looked at to answer what is selected of entries of a kind at a field, as far as a plan tells.
pub(crate) fn wanted(
    kind: &'static str,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> Arc<[&'static str]> {
    plan_at(kind, ctx, field).map_or_else(Arc::default, |plan| plan.wanted.clone())
}

fn plan_at(kind: &'static str, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Arc<Plan>> {
    let loaders = ctx.data_unchecked::<Loaders>();
    // Fields that were merged stand where the first of them does, with more selections.
    let place = (field.pos, ctx.item.node.items.len(), kind);
    loaders.plan(place, || planner::plan(kind, ctx, loaders.catalog()))
}

/// The values of the fields that belong to sections, in their order, section by section.
async fn from_sections(
    entry: &dyn AnyEntry,
    ctx: &ContextSelectionSet<'_>,
    plan: &Plan,
) -> ServerResult<Vec<Vec<Value>>> {
    let loaders = ctx.data_unchecked::<Loaders>();
    let stored = stored(entry.entry(), loaders, &plan.names).await.unwrap_or_default();
    let as_text = loaders.writes_text();
    let (mut answers, mut rest) = (vec![Vec::new(); plan.sections.len()], Vec::new());
    for (index, section) in plan.sections.iter().enumerate() {
        loaders.pause_if_due().await;
        let body = stored.get(index).map(Stored::body);
        match body.and_then(|body| read(&section.selected, entry.entry(), body, as_text)) {
            Some(answer) if !section.selected.has_links => answers[index] = answer,
            read => rest.push(finish(entry, ctx, section, read).map_ok(move |answer| (index, answer))),
        }
    }
    for (index, answer) in try_join_all(rest).await? {
        answers[index] = answer;
    }
    Ok(answers)
}

/// Follows the links in what was read of a section; its fields have resolvers where it could not be read.
async fn finish(
    entry: &dyn AnyEntry,
    ctx: &ContextSelectionSet<'_>,
    section: &FromSection,
    read: Option<Vec<Value>>,
) -> ServerResult<Vec<Value>> {
    let loaders = ctx.data_unchecked::<Loaders>();
    let Some(mut answer) = read else {
        let fields = selections(entry.entry().kind(), ctx, loaders.catalog(), &section.places);
        return try_join_all(fields.iter().map(|field| entry.field(ctx, field))).await;
    };
    if !follow_together(loaders, &section.selected, &mut answer).await {
        follow_fields(ctx, &ctx.item.node, &section.selected, answer.iter_mut()).await?;
    }
    Ok(answer)
}
