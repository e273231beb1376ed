//! Webhooks, for administrators.
mod check;
mod mutations;
mod object;
mod query;
mod template;

pub use check::{MASK, WebhookProblem, webhook_problems};
pub(crate) use mutations::{WebhookMutations, WebhookQueries};
pub(crate) use object::{DeliveryObject, WebhookObject};
pub use template::WebhookTemplate;
