//! Addition of this module to `Career` beside its section: a filter.
use async_graphql::InputObject;
use careers::Career;
use kernel::{
    Result,
    list::{FilterFields, Relation, RowsOf, Through, all_given},
};
use sea_orm::sea_query::SimpleExpr;

use crate::TrainingPathway;

#[derive(InputObject)]
pub(crate) struct CareerTrainingConditions {
    /// Conditions on the ways into the career.
    training_pathways: Option<Relation<TrainingPathway>>,
}

impl FilterFields for CareerTrainingConditions {
    type Of = Career;

    fn condition(&self, rows: &RowsOf<'_>) -> Result<SimpleExpr> {
        let pathways = self.training_pathways.as_ref();
        Ok(all_given([pathways.map(|pathways| pathways.on(rows, &Through::SameDocument)).transpose()?]))
    }
}
