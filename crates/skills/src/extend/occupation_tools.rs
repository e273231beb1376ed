//! Software and tools of occupations.
use async_graphql::{Context, Object};
use datasets::block;
use kernel::{
    Result,
    list::{Values, values},
    request,
};
use occupations::Occupation;

use crate::software::{OccupationSoftware, OccupationTool, Software, ToolRow, Tools};

/// Fields of an occupation that tell what people in it work with.
pub(crate) struct OccupationTools(Occupation);

impl From<&Occupation> for OccupationTools {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.clone())
    }
}

#[Object]
impl OccupationTools {
    /// Software that people in the occupation use: what employers often ask for in it, then hot technologies, then the rest, each by name.
    #[expect(clippy::too_many_arguments, reason = "those of the field")]
    async fn software(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "True: only hot technologies. False: only the rest.")] hot: Option<bool>,
        #[graphql(desc = "True: only what employers often ask for in the occupation. False: only the rest.")] in_demand: Option<
            bool,
        >,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only software after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only software before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<OccupationSoftware>> {
        let Some(found) = block::<Software>(request(ctx), self.0.code()).await? else {
            return values(ctx, [].into_iter(), (first, after), (last, before));
        };
        let is_asked =
            |asked: Option<bool>, mark: Option<bool>| asked.is_none_or(|asked| asked == (mark == Some(true)));
        let mut rows: Vec<_> =
            found.rows.iter().filter(|row| is_asked(hot, row.hot) && is_asked(in_demand, row.in_demand)).collect();
        let rank = |row: &ToolRow| (row.in_demand != Some(true), row.hot != Some(true));
        rows.sort_by(|one, other| {
            (rank(one), &one.name, &one.category).cmp(&(rank(other), &other.name, &other.category))
        });
        let dataset = &found.dataset;
        values(ctx, rows.into_iter().map(|row| OccupationSoftware::new(row, dataset)), (first, after), (last, before))
    }

    /// Tools, machines and equipment that people in the occupation use, by name. Empty for releases from 30.3 on, which list none.
    async fn tools(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only tools after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only tools before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<OccupationTool>> {
        let Some(found) = block::<Tools>(request(ctx), self.0.code()).await? else {
            return values(ctx, [].into_iter(), (first, after), (last, before));
        };
        let mut rows: Vec<_> = found.rows.iter().collect();
        rows.sort_by(|one, other| (&one.name, &one.category).cmp(&(&other.name, &other.category)));
        let dataset = &found.dataset;
        values(ctx, rows.into_iter().map(|row| OccupationTool::new(row, dataset)), (first, after), (last, before))
    }
}
