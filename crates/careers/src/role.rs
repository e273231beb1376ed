//! Fields of `Role` beside those of its document.
use std::sync::Arc;

use async_graphql::{Context, Object};
use kernel::{Owner, Result, Sections as _, Slug};

use crate::{
    Advancement, Role,
    document::{AdvancementSection, CareerStage, PlaceCode},
    salary::{SalaryBand, salary_bands},
};

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
    /// The moves that start from this role.
    async fn advances_to(&self, ctx: &Context<'_>) -> Result<Vec<Arc<Advancement>>> {
        let section = self.owner.entry().section::<AdvancementSection>(ctx).await?;
        Ok(section.advancement.iter().filter(|advancement| advancement.from == self.key).cloned().collect())
    }

    /// Pay of the role at each stage, adjusted to a place if one is given.
    async fn salary_bands(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The place of work; the country as a whole if omitted.")] place: Option<PlaceCode>,
        #[graphql(desc = "Only this stage.")] stage: Option<CareerStage>,
    ) -> Result<Vec<SalaryBand>> {
        salary_bands(ctx, self.owner.entry(), place.as_ref(), |band| {
            band.role == self.key && stage.is_none_or(|stage| band.stage == stage)
        })
        .await
    }
}
