//! The table `elements` of `onet`: the content model, whose elements are what occupations are rated by.
use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use datasets::{DataTable, Dataset, Fault, Input, Layout, Reading, Row, block, own_rows};
use futures_util::future::try_join_all;
use kernel::{Loaders, Result, list::fold, request, store::Rows, typed_scalar};
use occupations::{Occupation, layout};
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use crate::{
    facts::{ContextCategory, ElementFacts, Fact, IllustrativeActivity, InterestKeyword, LevelAnchor, SurveyItem},
    onet::{DATASET, ELEMENTS_FILE},
};

typed_scalar!(
    /// An element of the content model.
    ElementKey,
    "OnetElementId",
    "An element of the content model of O*NET by its identifier, such as `2.A.1.a`.",
    "https://www.onetcenter.org/content.html",
    is_element
);

/// Tells whether a text has the form of an identifier: a digit, and parts of letters and digits after dots.
fn is_element(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_domain = |part: &str| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_part = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    parts.next().is_some_and(is_domain) && parts.all(is_part)
}

/// The table `elements`.
#[derive(Debug)]
pub struct Elements;

/// The work activities: below them, releases from 30.3 on have intermediate and detailed activities.
const ACTIVITIES: &str = "4.A.";
/// Number of parts of the identifier of a generalized work activity, such as `4.A.2.a.4`.
const GENERALIZED: usize = 5;

/// An element of the content model as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElementRow {
    /// The identifier.
    #[serde(rename = "i")]
    pub id: String,
    /// The name.
    #[serde(rename = "n")]
    pub name: String,
    /// The description; none where it has none.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Row for ElementRow {
    fn key(&self) -> Cow<'_, str> {
        self.id.as_str().into()
    }

    fn block(&self) -> Cow<'_, str> {
        block_of(&self.id).into()
    }
}

/// The key of the block of an element: its domain, such as `2.A`, so that all that an occupation is rated by is known at once. Intermediate and
/// detailed activities are thousands: theirs is the generalized activity above.
fn block_of(id: &str) -> &str {
    let parts = if is_below_activity(id) { GENERALIZED } else { 2 };
    id.match_indices('.').nth(parts - 1).map_or(id, |(end, _)| &id[..end])
}

/// Tells whether an element is an intermediate or a detailed work activity.
fn is_below_activity(id: &str) -> bool {
    id.starts_with(ACTIVITIES) && id.split('.').count() > GENERALIZED
}

/// `element_name`: rows by which elements are found by their names, for each version of the table.
pub(crate) mod element_name {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "element_name")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        /// The name, folded.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) name: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) element: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl DataTable for Elements {
    type Row = ElementRow;

    const DATASET: &'static str = DATASET;
    const NAME: &'static str = "elements";
    const LAYOUTS: &'static [Layout] = &[Layout::first(&[ELEMENTS_FILE])];

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ElementRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(ELEMENTS_FILE) else { return Ok(()) };
        let records = file.records()?;
        let (id, name) = (records.column(layout::ELEMENT)?, records.column(layout::ELEMENT_NAME)?);
        let description = records.column(&["Description"])?;
        records.each(|record| {
            if !is_element(record.text(id)?) {
                let message = format!("`{}` is not the id of an element like 2.A.1.a", record.raw(id));
                return rows.fault(record.fault("malformed-value", id, message));
            }
            let row = ElementRow {
                id: record.text(id)?.to_owned(),
                name: record.text(name)?.to_owned(),
                description: record.optional(description).map(str::to_owned),
            };
            rows.row(row, record.place(id))
        })
    }

    fn project(row: &ElementRow, version: i64, rows: &mut Rows) {
        // Nothing is rated by intermediate and detailed activities.
        if !is_below_activity(&row.id) {
            let (name, element) = (Set(fold(&row.name)), Set(row.id.clone()));
            rows.insert(element_name::ActiveModel { version: Set(version), name, element });
        }
    }

    fn tables() -> Vec<DynIden> {
        vec![own_rows(element_name::Entity)]
    }
}

/// An element of the content model of O*NET: a skill, an area of knowledge, a work style, or a group of them.
#[derive(Clone, Debug)]
pub struct ContentElement {
    dataset: Dataset,
    row: Arc<ElementRow>,
}

impl ContentElement {
    pub(crate) fn new(dataset: &Dataset, row: &ElementRow) -> Self {
        Self { dataset: dataset.clone(), row: Arc::new(row.clone()) }
    }

    /// An element of which the release tells the identifier only.
    pub(crate) fn unnamed(dataset: &Dataset, id: &str) -> Self {
        Self::new(dataset, &ElementRow { id: id.to_owned(), name: id.to_owned(), description: None })
    }

    pub(crate) fn id(&self) -> &str {
        &self.row.id
    }

    pub(crate) fn name(&self) -> &str {
        &self.row.name
    }

    /// The facts of one kind about the element.
    async fn facts<A>(&self, ctx: &Context<'_>, of: impl Fn(&Fact) -> Option<A>) -> Result<Vec<A>> {
        let found = block::<ElementFacts>(request(ctx), &self.row.id).await?;
        Ok(found.map(|found| found.rows.iter().filter_map(|row| of(&row.fact)).collect()).unwrap_or_default())
    }
}

/// An occupation in which people follow an interest.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct IllustrativeOccupation {
    /// The occupation.
    occupation: Occupation,
    /// Kind of the interest, in the publisher's words, such as `Career Type`.
    #[graphql(name = "type")]
    kind: String,
}

/// The element with this identifier.
pub(crate) async fn find(loaders: &Loaders, id: &str) -> Result<Option<ContentElement>> {
    let Some(found) = block::<Elements>(loaders, block_of(id)).await? else { return Ok(None) };
    let row = found.rows.iter().find(|row| row.id == id);
    Ok(row.map(|row| ContentElement::new(&found.dataset, row)))
}

/// An element of the content model of O*NET: a skill, an area of knowledge, a work style, or a group of them.
#[Object]
impl ContentElement {
    /// The identifier that O*NET gives the element, such as `2.A.1.a`.
    async fn element_id(&self) -> &str {
        &self.row.id
    }

    /// The name.
    #[graphql(name = "name")]
    async fn shown_name(&self) -> &str {
        &self.row.name
    }

    /// Description of the element; null if O*NET has none.
    async fn description(&self) -> Option<&str> {
        self.row.description.as_deref()
    }

    /// The group that the element belongs to; null for the outermost ones.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<ContentElement>> {
        match self.row.id.rsplit_once('.') {
            Some((parent, _)) => find(request(ctx), parent).await,
            None => Ok(None),
        }
    }

    /// Examples of what levels of the element mean, on the scale `LV`.
    async fn anchors(&self, ctx: &Context<'_>) -> Result<Vec<LevelAnchor>> {
        self.facts(ctx, |fact| if let Fact::Anchor(anchor) = fact { Some(anchor.clone()) } else { None }).await
    }

    /// The questions about the element in the questionnaires of O*NET.
    async fn survey_items(&self, ctx: &Context<'_>) -> Result<Vec<SurveyItem>> {
        self.facts(ctx, |fact| if let Fact::Item(item) = fact { Some(item.clone()) } else { None }).await
    }

    /// Answers to the question about a circumstance of work.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<ContextCategory>> {
        self.facts(ctx, |fact| if let Fact::Category(category) = fact { Some(category.clone()) } else { None }).await
    }

    /// Words by which people tell of an interest.
    async fn keywords(&self, ctx: &Context<'_>) -> Result<Vec<InterestKeyword>> {
        self.facts(ctx, |fact| if let Fact::Keyword(keyword) = fact { Some(keyword.clone()) } else { None }).await
    }

    /// Activities by which an interest shows.
    async fn illustrative_activities(&self, ctx: &Context<'_>) -> Result<Vec<IllustrativeActivity>> {
        self.facts(ctx, |fact| if let Fact::Activity(activity) = fact { Some(activity.clone()) } else { None }).await
    }

    /// Occupations in which people follow an interest.
    async fn illustrative_occupations(&self, ctx: &Context<'_>) -> Result<Vec<IllustrativeOccupation>> {
        let named = |fact: &Fact| {
            if let Fact::Occupation(kind, code) = fact { Some((kind.clone(), code.clone())) } else { None }
        };
        let found = self.facts(ctx, named).await?.into_iter().map(|(kind, code)| async move {
            let occupation = occupations::by_code(request(ctx), &code).await?;
            Ok::<_, kernel::Error>(occupation.map(|occupation| IllustrativeOccupation { occupation, kind }))
        });
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// Elements of other groups that O*NET relates to the element: work activities and circumstances in which a skill, an ability or a work style
    /// is of use, and the type of a specific interest.
    async fn related(&self, ctx: &Context<'_>) -> Result<Vec<ContentElement>> {
        let named = |fact: &Fact| if let Fact::Related(id) = fact { Some(id.clone()) } else { None };
        let found = self.facts(ctx, named).await?.into_iter().map(|id| async move { find(request(ctx), &id).await });
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// The data set that the element is taken from.
    async fn dataset(&self) -> &Dataset {
        &self.dataset
    }
}

#[cfg(test)]
mod tests {
    use super::block_of;

    #[test]
    fn an_element_lies_in_the_block_of_its_domain() {
        let cases = [
            ("2", "2"),
            ("2.A", "2.A"),
            ("2.A.1.a", "2.A"),
            ("4.C.1.a.2.c", "4.C"),
            ("4.A.2.a.4", "4.A"),
            ("4.A.2.a.4.i", "4.A.2.a.4"),
            ("4.A.2.a.4.i.3", "4.A.2.a.4"),
        ];
        for (id, block) in cases {
            assert_eq!(block_of(id), block);
        }
    }
}
