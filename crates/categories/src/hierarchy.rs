//! The hierarchy of categories: the rows by which they lead to wider and narrower ones.
use kernel::{
    Entry, Hierarchy, Kind as _, Link,
    document::CheckedDocument,
    list::{BackLinks, RelationPath},
    relation_filter,
    store::Rows,
};
use sea_orm::ActiveValue::Set;

use crate::{Category, CategoryProfile};

/// `category_parent`: which categories are part of which.
pub(crate) mod category_parent {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "category_parent")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision_id: i64,
        /// The slug of the wider category.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) parent: String,
        /// Its place in the document, from 0.
        pub(crate) position: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use category_parent::{Column, Entity};

pub(crate) fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    let Some(category) = guide.section::<CategoryProfile>() else { return };
    for (position, parent) in (0..).zip(&category.parents) {
        rows.insert(category_parent::ActiveModel {
            revision_id: Set(entry.revision()),
            parent: Set(parent.slug().to_owned()),
            position: Set(position),
        });
    }
}

/// `parents` leads up, and never round in a circle.
pub(crate) struct Broader;

impl Hierarchy for Broader {
    type Table = Entity;

    const FIELD: &'static str = "parents";

    fn column() -> Column {
        Column::Parent
    }

    fn broader(guide: &CheckedDocument) -> Vec<&str> {
        guide
            .section::<CategoryProfile>()
            .map_or_else(Vec::new, |category| category.parents.iter().map(Link::slug).collect())
    }
}

relation_filter! {
    /// Conditions on the wider categories that it is part of.
    pub(crate) HasParents on Category {
        parents: Category, RelationPath::links_to(Entity, Column::Parent)
    }
}

relation_filter! {
    /// Conditions on the narrower categories that are part of it.
    pub(crate) HasChildren on Category {
        children: Category, RelationPath::linked_from(Entity, Column::Parent)
    }
}

/// `Category.children`.
pub(crate) struct Children;

impl BackLinks for Children {
    type On = Category;
    type To = Category;
    type Table = Entity;

    const NAME: &'static str = "children";
    const ABOUT: &'static str = "The narrower categories that are part of this one.";

    fn column() -> Column {
        Column::Parent
    }

    fn key(category: &Category) -> String {
        category.entry().slug().to_owned()
    }
}
