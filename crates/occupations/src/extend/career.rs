//! Occupations of guides, and guides of occupations.
use std::collections::BTreeSet;

use async_graphql::{Context, Object, SimpleObject};
use careers::{
    Career,
    document::{Code, CodeMatch, CodeScheme, Profile},
};
use futures_util::future::try_join_all;
use kernel::{
    Entry, Kind as _, Result, Sections as _, document::CheckedDocument, list::BackLinks, request, store::Rows,
};
use sea_orm::ActiveValue::Set;

use crate::{Occupation, by_code, code::soc_of, of_soc, onet::career_occupation};

/// An occupation that a guide names by a code.
#[derive(Clone, Debug, SimpleObject)]
pub struct CareerOccupation {
    /// Degree to which the code fits the career, as its editor says.
    #[graphql(name = "match")]
    pub fit: CodeMatch,
    /// The occupation.
    pub occupation: Occupation,
}

pub(crate) struct CareerOccupations(Entry);

impl From<&Career> for CareerOccupations {
    fn from(career: &Career) -> Self {
        Self(career.entry().clone())
    }
}

#[Object]
impl CareerOccupations {
    /// The occupations that `codes` names by O*NET-SOC and SOC codes, in the order of the codes, each once. A SOC code stands for all
    /// occupations of O*NET under it. Empty if the data set `onet` is not synced.
    async fn occupations(&self, ctx: &Context<'_>) -> Result<Vec<CareerOccupation>> {
        let loaders = request(ctx);
        let profile = self.0.section::<Profile>(ctx).await?;
        let named = profile.codes.iter().map(|Code { scheme, code, fit, .. }| async move {
            let found = match scheme {
                CodeScheme::OnetSoc => by_code(loaders, code).await?.into_iter().collect(),
                CodeScheme::Soc => of_soc(loaders, code).await?,
                CodeScheme::Cip | CodeScheme::Isco | CodeScheme::Esco => Vec::new(),
            };
            Ok::<_, kernel::Error>((*fit, found))
        });
        let mut occupations: Vec<CareerOccupation> = Vec::new();
        for (fit, found) in try_join_all(named).await? {
            for occupation in found {
                if occupations.iter().all(|known| known.occupation.code() != occupation.code()) {
                    occupations.push(CareerOccupation { fit, occupation });
                }
            }
        }
        Ok(occupations)
    }
}

/// `Occupation.careers`.
pub(crate) struct CareersOf;

impl BackLinks for CareersOf {
    type On = Occupation;
    type To = Career;
    type Table = career_occupation::Entity;

    const NAME: &'static str = "careers";
    const ABOUT: &'static str = "The career guides that name the occupation by its O*NET-SOC code or its SOC code.";

    fn column() -> career_occupation::Column {
        career_occupation::Column::Soc
    }

    fn key(occupation: &Occupation) -> String {
        occupation.soc().to_owned()
    }
}

/// Rows by which guides are found by their occupations.
pub(crate) fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    let Some(profile) = guide.section::<Profile>() else { return };
    let is_of_occupation = |code: &&Code| matches!(code.scheme, CodeScheme::Soc | CodeScheme::OnetSoc);
    let codes: BTreeSet<_> = profile.codes.iter().filter(is_of_occupation).map(|code| soc_of(&code.code)).collect();
    for soc in codes {
        let (revision_id, soc) = (Set(entry.revision()), Set(soc.to_owned()));
        rows.insert(career_occupation::ActiveModel { revision_id, soc });
    }
}
