//! Filtering of certifications.
use async_graphql::InputObject;
use careers::Career;
use kernel::{
    Result,
    list::{FilterFields, KeyFilter, Relation, RowsOf, TextFilter, Through, all_given},
};
use sea_orm::sea_query::{IntoIden as _, SimpleExpr};

use crate::{
    Certification,
    document::CertificationLevelFilter,
    entity::{career_certification, certification::Column},
};

#[derive(InputObject)]
pub(crate) struct CertificationConditions {
    /// Conditions on the slug.
    slug: Option<KeyFilter>,
    /// Conditions on the full name.
    title: Option<TextFilter>,
    /// Conditions on the abbreviation.
    abbreviation: Option<TextFilter>,
    /// Conditions on the name of the issuer.
    issuer: Option<TextFilter>,
    /// Conditions on whom it is meant for.
    level: Option<CertificationLevelFilter>,
    /// Conditions on the careers that recommend it.
    careers: Option<Relation<Career>>,
}

impl FilterFields for CertificationConditions {
    type Of = Certification;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        let recommended_by = Through::LinkedFrom(
            career_certification::Entity.into_iden(),
            career_certification::Column::Certification.into_iden(),
        );
        Ok(all_given([
            self.slug.as_ref().map(|slug| slug.on(&rows.column(Column::NodeKey))),
            self.title.as_ref().map(|title| title.on(&rows.column(Column::Title))),
            self.abbreviation.as_ref().map(|letters| letters.on(&rows.nullable(Column::Abbreviation))),
            self.issuer.as_ref().map(|issuer| issuer.on(&rows.column(Column::Issuer))),
            self.level.as_ref().map(|level| level.by_name().on(&rows.column(Column::Level))),
            self.careers.as_ref().map(|careers| careers.on(rows, &recommended_by)).transpose()?,
        ]))
    }
}
