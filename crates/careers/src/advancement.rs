//! Lookup of moves, and the lists of moves that lead to a role or into a career.
use std::sync::Arc;

use async_graphql::Context;
use kernel::{
    Entry, Kind, Node, Result, Sections as _,
    list::{BackLinks, Direction, Listed, OrderTerm},
};

use crate::{Advancement, Career, Role, document::AdvancementSection, entity::advancement};

impl Node for Advancement {
    type Of = Career;

    async fn find(ctx: &Context<'_>, entry: Entry, part: String) -> Result<Option<Arc<Self>>> {
        let section = entry.section::<AdvancementSection>(ctx).await?;
        Ok(section.advancement.iter().find(|advancement| *advancement.key == *part).cloned())
    }
}

impl Listed for Advancement {
    type Table = advancement::Entity;

    const LIST: &'static str = "advancements";
    const ABOUT: &'static str =
        "The moves of all careers from one role to another, by the name of the goal where no order is given.";

    fn default_order() -> Vec<OrderTerm> {
        vec![OrderTerm::text(advancement::Column::Title, Direction::Asc)]
    }
}

/// `Role.advancesFrom`.
pub(crate) struct IntoRole;

impl BackLinks for IntoRole {
    type On = Role;
    type To = Advancement;
    type Table = advancement::Entity;

    const NAME: &'static str = "advancesFrom";
    const ABOUT: &'static str = "The moves that lead to this role, from this career and from others.";

    fn column() -> advancement::Column {
        advancement::Column::ToRole
    }

    fn key(role: &Role) -> String {
        role.owner.entry().part_key(&role.key)
    }
}

/// `Career.advancesFrom`.
pub(crate) struct IntoCareer;

impl BackLinks for IntoCareer {
    type On = Career;
    type To = Advancement;
    type Table = advancement::Entity;

    const NAME: &'static str = "advancesFrom";
    const ABOUT: &'static str = "The moves that lead into this career from others.";

    fn column() -> advancement::Column {
        advancement::Column::ToCareer
    }

    fn key(career: &Career) -> String {
        career.entry().slug().to_owned()
    }
}
