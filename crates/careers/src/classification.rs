//! Tags and codes of careers: the rows that hold them, and conditions on them.
use async_graphql::InputObject;
use kernel::{
    Entry, Result,
    document::CheckedDocument,
    list::{FilterFields, KeyFilter, ListValue as _, TableContext, all_given},
    store::Rows,
};
use sea_orm::{ActiveValue::Set, sea_query::SimpleExpr};

use crate::{Career, document::Profile};

/// `career_tag`: which careers have which key words.
pub(crate) mod career_tag {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "career_tag")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision_id: i64,
        /// Its place in the document, from 0.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) position: i32,
        pub(crate) tag: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `career_code`: which careers have which codes in official classifications.
pub(crate) mod career_code {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "career_code")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision_id: i64,
        /// Its place in the document, from 0.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) position: i32,
        /// The classification, by its GraphQL name.
        pub(crate) scheme: String,
        pub(crate) code: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    let Some(profile) = guide.section::<Profile>() else { return };
    let revision_id = Set(entry.revision());
    for (position, code) in (0..).zip(&profile.codes) {
        let (scheme, code) = (Set(kernel::list::enum_name(code.scheme)), Set(code.code.clone()));
        rows.insert(career_code::ActiveModel {
            revision_id: revision_id.clone(),
            position: Set(position),
            scheme,
            code,
        });
    }
    for (position, tag) in (0..).zip(&profile.tags) {
        let (revision_id, tag) = (revision_id.clone(), Set(tag.stored()));
        rows.insert(career_tag::ActiveModel { revision_id, position: Set(position), tag });
    }
}

#[derive(InputObject)]
pub(crate) struct Conditions {
    /// At least one tag meets these conditions.
    tag: Option<KeyFilter>,
    /// At least one code, in whatever classification, meets these conditions.
    code: Option<KeyFilter>,
}

impl FilterFields for Conditions {
    type Of = Career;

    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr> {
        let tag = |tag: &KeyFilter| rows.has(career_tag::Entity, career_tag::Column::Tag, |value| tag.on(value));
        let code = |code: &KeyFilter| rows.has(career_code::Entity, career_code::Column::Code, |value| code.on(value));
        Ok(all_given([self.tag.as_ref().map(tag), self.code.as_ref().map(code)]))
    }
}
