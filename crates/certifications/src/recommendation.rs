//! Recommendations: the rows by which careers lead to certifications, and back.
use careers::Career;
use kernel::{
    Entry, Kind as _,
    document::CheckedDocument,
    list::{BackLinks, RelationPath},
    relation_filter,
    store::Rows,
};
use sea_orm::ActiveValue::Set;

use crate::{Certification, CertificationsSection};

/// `career_certification`: which careers recommend which certifications.
pub(crate) mod career_certification {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "career_certification")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision_id: i64,
        /// The slug of the certification.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) certification: String,
        /// Its place in the document, from 0.
        pub(crate) position: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use career_certification::Column;

pub(crate) fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    let Some(section) = guide.section::<CertificationsSection>() else { return };
    for (position, recommended) in (0..).zip(&section.certifications) {
        rows.insert(career_certification::ActiveModel {
            revision_id: Set(entry.revision()),
            certification: Set(recommended.certification.slug().to_owned()),
            position: Set(position),
        });
    }
}

relation_filter! {
    /// Conditions on the certifications that the career recommends.
    pub(crate) Recommends on Career {
        certifications: Certification, RelationPath::links_to(career_certification::Entity, Column::Certification)
    }
}

relation_filter! {
    /// Conditions on the careers that recommend it.
    pub(crate) IsRecommended on Certification {
        careers: Career, RelationPath::linked_from(career_certification::Entity, Column::Certification)
    }
}

/// `Certification.careers`.
pub(crate) struct RecommendedBy;

impl BackLinks for RecommendedBy {
    type On = Certification;
    type To = Career;
    type Table = career_certification::Entity;

    const NAME: &'static str = "careers";
    const ABOUT: &'static str = "The careers that recommend this certification.";

    fn column() -> Column {
        Column::Certification
    }

    fn key(certification: &Certification) -> String {
        certification.entry().slug().to_owned()
    }
}
