//! The object `Role`: how it is found and listed, and what it adds to the fields of its document.
use std::sync::Arc;

use async_graphql::{Context, ID, Object, OutputType};
use kernel::{
    Entry, Kind, Node, Owner, Result, Sections as _, Slug, global_id,
    list::{Direction, Listed, OrderTerm},
};

use crate::{
    Advancement, Career, Role,
    document::{AdvancementSection, CareerStage, PlaceCode, RolesSection},
    entity::role,
    salary::{SalaryBand, salary_bands},
};

impl Node for Role {
    type Of = Career;

    async fn find(ctx: &Context<'_>, entry: Entry, part: String) -> Result<Option<Arc<Self>>> {
        Ok(entry.section::<RolesSection>(ctx).await?.role(&part).cloned())
    }
}

impl Listed for Role {
    type Table = role::Entity;

    const LIST: &'static str = "roles";
    const ABOUT: &'static str = "The roles of all careers, by title where no order is given.";

    fn default_order() -> Vec<OrderTerm> {
        vec![OrderTerm::text(role::Column::Title, Direction::Asc)]
    }
}

pub(crate) struct RoleFields {
    owner: Owner,
    key: Slug,
}

impl From<&Role> for RoleFields {
    fn from(role: &Role) -> Self {
        Self { owner: role.owner.clone(), key: role.key.clone() }
    }
}

#[Object]
impl RoleFields {
    /// The global id: opaque, the same in every database and after every import.
    async fn id(&self) -> ID {
        global_id(Role::type_name(), &self.owner.entry().part_key(&self.key))
    }

    /// The career that the role belongs to.
    async fn career(&self) -> Career {
        Career::new(self.owner.entry().clone())
    }

    /// The moves that start from this role.
    async fn advances_to(&self, ctx: &Context<'_>) -> Result<Vec<Arc<Advancement>>> {
        let section = self.owner.entry().section::<AdvancementSection>(ctx).await?;
        Ok(section.advancement.iter().filter(|advancement| advancement.from == self.key).cloned().collect())
    }

    /// Pay of the role at each stage, adjusted to a place where one is given.
    async fn salary_bands(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The place of work; the country as a whole where it is not given.")] place: Option<PlaceCode>,
        #[graphql(desc = "Only this stage.")] stage: Option<CareerStage>,
    ) -> Result<Vec<SalaryBand>> {
        salary_bands(ctx, self.owner.entry(), place.as_ref(), |band| {
            band.role == self.key && stage.is_none_or(|stage| band.stage == stage)
        })
        .await
    }
}
