//! The kernel as the first of the modules.
use async_graphql::InputType;
use document::rich_text::{DEAR_FORMS, GiveWay};

use super::App;
use crate::{
    authoring::{
        AuditEvent, AuditQueries, ChecksWhenRead, DEAR_FIELDS, DeliveryObject, EditorQueries, EntryFinding,
        FindingQueries, FindingsPage, MutationRoot, PreviewMutations, PreviewQueries, PublishMutations,
        ReleaseMutations, ReleaseQueries, Revision, TokenMutations, TokenObject, TokenQueries, WebhookMutations,
        WebhookObject, WebhookQueries,
    },
    change::{ChangeQueries, ChangesPage, ContentChange},
    graph::NodeQueries,
    list::{ListParts, LogOf},
    moment::ContentVersion,
    open::{AnyNode, ImplementsNode, Nodes},
    plan::Projected,
    request::request,
    root::QueryRoot,
    rules::RuleQueries,
};

/// Registers everything that the kernel itself owns and adds.
pub(super) fn module(app: &mut App) {
    // What no module adds to is empty.
    app.catalog.of_mut::<ListParts>();
    app.catalog.of_mut::<Nodes>();
    app.catalog.of_mut::<Projected>();
    app.catalog.of_mut::<ChecksWhenRead>();
    // What documents are made of besides the types of the modules.
    <bool as InputType>::create_type_info(&mut app.content.kinds.input_types);
    app.migrations(migrations::kernel::migrations);
    app.extend::<QueryRoot, NodeQueries>();
    app.extend::<QueryRoot, ChangeQueries>();
    app.extend::<QueryRoot, RuleQueries>();
    app.extend::<QueryRoot, FindingQueries>();
    app.extend::<QueryRoot, EditorQueries>();
    app.extend::<QueryRoot, TokenQueries>();
    app.extend::<QueryRoot, AuditQueries>();
    app.extend::<MutationRoot, PublishMutations>();
    app.extend::<QueryRoot, WebhookQueries>();
    app.extend::<MutationRoot, WebhookMutations>();
    app.extend::<QueryRoot, ReleaseQueries>();
    app.extend::<MutationRoot, ReleaseMutations>();
    app.extend::<MutationRoot, TokenMutations>();
    app.scalar::<ContentVersion>();
    app.extend::<QueryRoot, PreviewQueries>();
    app.extend::<MutationRoot, PreviewMutations>();
    for (object, field, weight) in DEAR_FIELDS.into_iter().chain(DEAR_FORMS) {
        app.weigh(object, field, weight);
    }
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<AnyNode>()));
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<ImplementsNode<TokenObject>>()));
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<ImplementsNode<WebhookObject>>()));
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<ImplementsNode<DeliveryObject>>()));
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<LogOf<Revision>>()));
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<LogOf<AuditEvent>>()));
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<LogOf<EntryFinding, FindingsPage>>()));
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<LogOf<DeliveryObject>>()));
    app.schema.push(Box::new(|schema, _| schema.register_output_type::<LogOf<ContentChange, ChangesPage>>()));
    app.schema.push(Box::new(|schema, _| schema.data(GiveWay(|ctx| Box::pin(request(ctx).give_way())))));
}
