//! Fields that this module adds to the root.
use async_graphql::{Context, Object};
use kernel::{QueryRoot, Result, list::Values};
use occupations::code::SocCode;
use places::PlaceKey;

use crate::wage::{Asked, Wage, page};

pub(crate) struct LabourQueries;

impl From<&QueryRoot> for LabourQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl LabourQueries {
    /// Employment and wages of an occupation or a group of occupations by its SOC code, in all places or in some, as they are published. All
    /// occupations together have the code `00-0000`, a major group one such as `29-0000`.
    #[expect(clippy::too_many_arguments, reason = "those of the field")]
    async fn wages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The SOC code, such as `29-2072`.")] code: SocCode,
        #[graphql(desc = "Only these places.")] places: Option<Vec<PlaceKey>>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only wages after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only wages before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<Wage>> {
        let asked = Asked { soc: (*code).into(), is_part: false, places };
        page(ctx, asked, (first, after), (last, before)).await
    }
}
