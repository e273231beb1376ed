//! Addition of this module to `Career` beside its section: a condition on the verdict, and the rows that it is held against.
use async_graphql::InputObject;
use careers::Career;
use kernel::{
    Entry, Result,
    document::CheckedDocument,
    list::{FilterFields, ListValue as _, TableContext, all_given},
    store::Rows,
};
use sea_orm::{ActiveValue::Set, sea_query::SimpleExpr};

use crate::{AiImpactSection, document::AiVerdictFilter};

/// `ai_impact`: the verdict of a career, for those that have one.
pub(crate) mod ai_impact {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ai_impact")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) revision_id: i64,
        pub(crate) verdict: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    let impact = guide.section::<AiImpactSection>().and_then(|section| section.ai_impact.as_ref());
    if let Some(verdict) = impact.and_then(|impact| impact.verdict) {
        let verdict = Set(verdict.stored());
        rows.insert(ai_impact::ActiveModel { revision_id: Set(entry.revision()), verdict });
    }
}

#[derive(InputObject)]
pub(crate) struct VerdictConditions {
    /// The career has a verdict on AI that meets these conditions.
    ai_verdict: Option<AiVerdictFilter>,
}

impl FilterFields for VerdictConditions {
    type Of = Career;

    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr> {
        let verdict = |filter: &AiVerdictFilter| {
            rows.has(ai_impact::Entity, ai_impact::Column::Verdict, |verdict| filter.by_name().on(verdict))
        };
        Ok(all_given([self.ai_verdict.as_ref().map(verdict)]))
    }
}
