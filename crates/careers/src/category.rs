//! The categories that careers are filed under, seen from there.
use categories::Category;
use kernel::{
    Kind as _,
    list::{BackLinks, Listed, RelationPath},
    relation_filter,
};

use crate::{Career, document::career_table};

/// `Category.careers`.
pub(crate) struct OfCategory;

impl BackLinks for OfCategory {
    type On = Category;
    type To = Career;
    type Table = <Career as Listed>::Table;

    const NAME: &'static str = "careers";
    const ABOUT: &'static str =
        "The careers whose articles are filed under this category; those of narrower ones are listed there.";

    fn column() -> career_table::Column {
        career_table::Column::Category
    }

    fn key(category: &Category) -> String {
        category.entry().slug().to_owned()
    }
}

relation_filter! {
    /// Conditions on the careers that are filed under it.
    pub(crate) HasCareers on Category {
        careers: Career, RelationPath::linked_from(career_table::Entity, career_table::Column::Category)
    }
}
