//! Objects of administrators as nodes: tokens, webhooks and deliveries. Their key is the number of their row, which belongs to one
//! database.
use std::sync::Arc;

use async_graphql::{Context, ID};

use super::{
    token::TokenObject,
    webhook::{DeliveryObject, WebhookObject},
};
use crate::{Result, Scope, global_id, id::GlobalId, open::AnyNode, request::request};

/// The type of tokens.
pub(super) const TOKEN: &str = "Token";
/// The type of webhooks.
pub(super) const WEBHOOK: &str = "Webhook";
/// The type of messages to webhooks.
pub(super) const DELIVERY: &str = "Delivery";

/// The global id of the object of this type in this row.
pub(super) fn id_of_row(type_name: &'static str, row: i64) -> ID {
    global_id(type_name.into(), &row.to_string())
}

/// The row behind a global id of this type, or behind its number, as the command line prints it.
pub fn row_of_id(type_name: &str, id: &str) -> Option<i64> {
    match GlobalId::parse(id) {
        Some(id) => id.key.parse().ok().filter(|_| id.type_name == type_name),
        None => id.parse().ok(),
    }
}

/// Tells whether objects of this type are for administrators.
pub(crate) fn is_administered(type_name: &str) -> bool {
    [TOKEN, WEBHOOK, DELIVERY].contains(&type_name)
}

/// The object of administrators with this id; none where there is none. Needs the scope `administer`.
pub(crate) async fn administered(ctx: &Context<'_>, id: &GlobalId) -> Result<Option<AnyNode>> {
    let loaders = request(ctx);
    loaders.caller().require(&Scope::Administer)?;
    let (Ok(row), db) = (id.key.parse(), loaders.database()) else { return Ok(None) };
    Ok(match id.type_name.as_str() {
        TOKEN => store::token(db, row).await?.map(|token| AnyNode::new(Arc::new(TokenObject::from(token)))),
        WEBHOOK => store::webhook(db, row).await?.map(|webhook| AnyNode::new(Arc::new(WebhookObject(webhook)))),
        _ => store::find_delivery(db, row).await?.map(|delivery| AnyNode::new(Arc::new(DeliveryObject(delivery)))),
    })
}
