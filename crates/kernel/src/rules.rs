//! Rules as they are asked for.
use async_graphql::{Context, Object};
use document::Rule;

use crate::{request::request, root::QueryRoot};

/// Queries about rules.
#[derive(Default)]
pub(crate) struct RuleQueries;

impl From<&QueryRoot> for RuleQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl RuleQueries {
    /// The rules that documents are checked by, in the order of their ids.
    async fn rules(&self, ctx: &Context<'_>) -> Vec<Rule> {
        request(ctx).content().rules().copied().collect()
    }
}
