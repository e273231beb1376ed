//! The objects that stand for entries: `id` and `slug`, and what modules add.
use std::any::type_name;

use async_graphql::{
    Context, ID, OutputType, ServerResult, Value,
    indexmap::IndexMap,
    registry::{MetaField, MetaTypeId, ObjectBuilder, Registry},
};

use super::resolve_part;
use crate::{Kind, global_id};

/// Registers the object of the kind `K`.
pub fn entry_type<K: Kind>(registry: &mut Registry, description: &str) -> String {
    registry.create_output_type::<K, _>(MetaTypeId::Object, |registry| {
        let mut id = MetaField::new("id", <ID as OutputType>::create_type_info(registry));
        id.description = Some(
            "The global id: opaque, the same in every database and after every import. Pass it to `node` to find the object\n\
             again."
                .into(),
        );
        let mut slug = MetaField::new("slug", <String as OutputType>::create_type_info(registry));
        slug.description = Some("The key, unique among its kind and part of every link to it.".into());
        let fields = [id, slug].map(|field| (field.name.clone(), field));
        ObjectBuilder::new(<K as OutputType>::type_name(), IndexMap::from_iter(fields))
            .description(Some(description.lines().map(str::trim).collect::<Vec<_>>().join("\n")))
            .rust_typename(type_name::<K>())
            .build()
    })
}

/// Answers the field in `ctx` of an entry.
pub async fn resolve_entry_field<K: Kind>(entry: &K, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
    match ctx.item.node.name.node.as_str() {
        "id" => Ok(Some(Value::String(global_id(<K as OutputType>::type_name(), entry.entry().slug()).0))),
        "slug" => Ok(Some(Value::String(entry.entry().slug().to_owned()))),
        _ => resolve_part(entry, ctx).await,
    }
}
