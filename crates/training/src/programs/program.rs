//! Instructional programs in the graph.
use std::sync::Arc;

use async_graphql::{Context, Object};
use datasets::{Block, Dataset, block};
use kernel::{
    QueryRoot, Result,
    list::{Values, values},
    request,
};
use occupations::{Occupation, of_soc};

use super::{
    crosswalk::{OccupationsOfPrograms, ProgramsOfOccupations},
    is_cip,
    table::{ProgramRow, Programs},
};

/// A program of study.
#[derive(Clone, Debug)]
pub(crate) struct InstructionalProgram {
    dataset: Dataset,
    code: Arc<str>,
}

impl InstructionalProgram {
    async fn read<T>(&self, ctx: &Context<'_>, of: impl FnOnce(&ProgramRow) -> T) -> Result<Option<T>> {
        let found = block::<Programs>(request(ctx), &self.code).await?;
        Ok(found.and_then(|found| found.rows.first().map(of)))
    }
}

/// A program of study in the Classification of Instructional Programs (CIP), or a family or a group of programs.
#[Object]
impl InstructionalProgram {
    /// The CIP code: six digits for a program such as `51.0707`, four for a group, two for a family.
    async fn cip_code(&self) -> &str {
        &self.code
    }

    /// The title; null if only the crosswalk has the code.
    async fn title(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.read(ctx, |row| row.title.clone()).await
    }

    /// The title in the crosswalk to occupations, which may be older; null if the crosswalk does not have the program.
    async fn crosswalk_title(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let found = block::<OccupationsOfPrograms>(request(ctx), &self.code).await?;
        Ok(found.and_then(|found| found.rows.first().map(|row| row.title.clone())))
    }

    /// The code of the family, two digits.
    async fn family(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.read(ctx, |row| row.family.clone()).await
    }

    /// The definition.
    async fn definition(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.read(ctx, |row| row.definition.clone()).await?.flatten())
    }

    /// Change since the edition before, in the words of the publisher, such as `New`.
    async fn action(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        self.read(ctx, |row| row.action.clone()).await
    }

    /// True if the title or the definition differs from the edition before.
    async fn text_change(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        self.read(ctx, |row| row.changed).await
    }

    /// Other programs to look at, each with its code and its title.
    async fn cross_references(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.read(ctx, |row| row.references.clone()).await?.unwrap_or_default())
    }

    /// Names of programs under the code.
    async fn examples(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.read(ctx, |row| row.examples.clone()).await?.unwrap_or_default())
    }

    /// Occupations that the program leads to, in the order of their codes; empty if the crosswalk names none.
    async fn occupations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only occupations after this cursor: `endCursor` of the previous page.")] after: Option<
            String,
        >,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only occupations before this cursor: `startCursor` of the next page.")] before: Option<
            String,
        >,
    ) -> Result<Values<ProgramOccupation>> {
        let found = block::<OccupationsOfPrograms>(request(ctx), &self.code).await?;
        let found = found.map(|found| found.rows).unwrap_or_default();
        let mut all: Vec<_> = found.iter().filter_map(|row| row.to.clone()).collect();
        all.sort_unstable();
        let all: Vec<_> = all.into_iter().map(|(soc, title)| ProgramOccupation { soc, title }).collect();
        values(ctx, all.into_iter(), (first, after), (last, before))
    }

    /// The data set.
    async fn dataset(&self) -> Dataset {
        self.dataset.clone()
    }
}

/// An occupation that a program leads to.
#[derive(Clone, Debug)]
pub(crate) struct ProgramOccupation {
    soc: String,
    title: String,
}

/// An occupation of the SOC to which a program of study leads.
#[Object]
impl ProgramOccupation {
    /// The SOC code.
    async fn soc_code(&self) -> &str {
        &self.soc
    }

    /// The title of the SOC code.
    async fn title(&self) -> &str {
        &self.title
    }

    /// The occupations of O*NET under the code. Empty if the data set `onet` has none, or is not synced.
    async fn occupations(&self, ctx: &Context<'_>) -> Result<Vec<Occupation>> {
        of_soc(request(ctx), &self.soc).await
    }
}

/// `Query.instructionalProgram`.
pub(crate) struct ProgramQueries;

impl From<&QueryRoot> for ProgramQueries {
    fn from(_: &QueryRoot) -> Self {
        Self
    }
}

#[Object]
impl ProgramQueries {
    /// The program of study with this CIP code, or the group or family of programs; null if there is none, or the data set `cip-soc` is not
    /// synced.
    async fn instructional_program(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The CIP code, such as `51.0707`.")] code: String,
    ) -> Result<Option<InstructionalProgram>> {
        if !is_cip(&code) {
            return Ok(None);
        }
        let found = block::<Programs>(request(ctx), &code).await?;
        let found = found.filter(|found| !found.rows.is_empty());
        Ok(found.map(|Block { dataset, .. }| InstructionalProgram { dataset, code: code.into() }))
    }
}

/// `Occupation.programs`.
pub(crate) struct OccupationPrograms(Arc<str>);

impl From<&Occupation> for OccupationPrograms {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.soc().into())
    }
}

#[Object]
impl OccupationPrograms {
    /// Instructional programs that lead to the occupation, by its SOC code, in the order of their CIP codes. Empty if the crosswalk names none,
    /// or the data set `cip-soc` is not synced.
    async fn programs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The size of the page: 0 to 100 unless the server is set up otherwise; 20 if omitted.")] first: Option<i32>,
        #[graphql(desc = "Only programs after this cursor: `endCursor` of the previous page.")] after: Option<String>,
        #[graphql(
            desc = "The size of the page, taken from the end (or before `before`): 0 to 100 unless the server is set up otherwise."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only programs before this cursor: `startCursor` of the next page.")] before: Option<String>,
    ) -> Result<Values<InstructionalProgram>> {
        let mut programs: Vec<InstructionalProgram> = Vec::new();
        if let Some(Block { dataset, rows }) = block::<ProgramsOfOccupations>(request(ctx), &self.0).await? {
            let codes = rows.iter().filter_map(|row| row.cip.as_deref());
            programs.extend(codes.map(|code| InstructionalProgram { dataset: dataset.clone(), code: code.into() }));
            programs.sort_by(|one, other| one.code.cmp(&other.code));
        }
        values(ctx, programs.into_iter(), (first, after), (last, before))
    }
}
