//! The table `elements` of `onet`: the content model, whose elements are what occupations are rated by.
use std::{borrow::Cow, collections::HashSet, sync::Arc};

use async_graphql::{Context, Object};
use datasets::{Column, DataTable, Dataset, Fault, Input, Reading, Record, Row, block, own_rows};
use kernel::{Loaders, Result, list::fold, request, store::Rows};
use occupations::layout;
use sea_orm::{ActiveValue::Set, sea_query::DynIden};
use serde::{Deserialize, Serialize};

use crate::onet::DATASET;

/// The table `elements`.
#[derive(Debug)]
pub struct Elements;

const FILES: &[&str] = &["Content Model Reference.txt", "content_model_reference.csv", "content_model_reference.txt"];
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

    fn read(input: &Input<'_>, rows: &mut Reading<'_, ElementRow>) -> Result<(), Fault> {
        let Some(file) = input.files.find(FILES) else { return Ok(()) };
        let records = file.records()?;
        let (id, name) = (records.column(layout::ELEMENT)?, records.column(layout::ELEMENT_NAME)?);
        let description = records.column(&["Description"])?;
        records.each(|record| {
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

/// The identifiers of the elements of a release.
pub(crate) struct KnownElements(HashSet<String>);

impl KnownElements {
    /// Reads them. A release with ratings has them.
    pub(crate) fn read(input: &Input<'_>) -> Result<Self, Fault> {
        let records = input.files.required(FILES)?.records()?;
        let id = records.column(layout::ELEMENT)?;
        let mut known = HashSet::new();
        records.each(|record| {
            known.insert(record.text(id)?.to_owned());
            Ok(())
        })?;
        Ok(Self(known))
    }

    /// Rule `unknown-element`: the fault of a row about an element that the release does not have.
    pub(crate) fn unknown(&self, record: &Record<'_>, column: Column) -> Option<Fault> {
        let id = record.raw(column);
        let message =
            format!("`{id}` is not among the elements of this release, which the Content Model Reference lists");
        (!self.0.contains(id)).then(|| record.fault("unknown-element", column, message))
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
