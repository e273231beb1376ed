//! Addition of this module to `Career` beside its section: a filter.
use async_graphql::InputObject;
use careers::Career;
use kernel::{
    Result,
    list::{FilterFields, Relation, RowsOf, Through, all_given},
};
use sea_orm::sea_query::{IntoIden as _, SimpleExpr};

use crate::{Certification, entity::career_certification};

#[derive(InputObject)]
pub(crate) struct CareerCertificationConditions {
    /// Conditions on the certifications that the career recommends.
    certifications: Option<Relation<Certification>>,
}

impl FilterFields for CareerCertificationConditions {
    type Of = Career;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        let recommends = Through::LinksTo(
            career_certification::Entity.into_iden(),
            career_certification::Column::Certification.into_iden(),
        );
        let certifications = self.certifications.as_ref();
        Ok(all_given([certifications.map(|certifications| certifications.on(rows, &recommends)).transpose()?]))
    }
}
