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

use crate::{
    Occupation, by_code,
    code::{is_onet_soc, is_soc, soc_of},
    of_soc,
    onet::{career_occupation, career_of_occupation},
};

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
    /// occupations of O*NET under it, unless the guide names one of them itself. Empty if the data set `onet` is not synced.
    async fn occupations(&self, ctx: &Context<'_>) -> Result<Vec<CareerOccupation>> {
        let loaders = request(ctx);
        let profile = self.0.section::<Profile>(ctx).await?;
        let named = leading(&profile.codes).map(|Code { scheme, code, fit, .. }| async move {
            let found = match scheme {
                CodeScheme::OnetSoc => by_code(loaders, code).await?.into_iter().collect(),
                _ => of_soc(loaders, code).await?,
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
    type Table = career_of_occupation::Entity;

    const NAME: &'static str = "careers";
    const ABOUT: &'static str = "The career guides that name the occupation by its O*NET-SOC code; or by its SOC code, where they name no occupation of O*NET under that.";

    fn column() -> career_of_occupation::Column {
        career_of_occupation::Column::Code
    }

    fn key(occupation: &Occupation) -> String {
        occupation.code().to_owned()
    }
}

/// The codes of a guide that lead to occupations: those of O*NET, and those of the SOC under which the guide names no occupation of O*NET.
fn leading(codes: &[Code]) -> impl Iterator<Item = &Code> {
    let is_of_onet = |code: &Code| code.scheme == CodeScheme::OnetSoc && is_onet_soc(&code.code);
    let is_divided = move |soc: &str| codes.iter().any(|code| is_of_onet(code) && soc_of(&code.code) == soc);
    let is_of_soc = move |code: &Code| code.scheme == CodeScheme::Soc && is_soc(&code.code) && !is_divided(&code.code);
    codes.iter().filter(move |code| is_of_onet(code) || is_of_soc(code))
}

/// Rows by which guides are found by their occupations.
pub(crate) fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    let Some(profile) = guide.section::<Profile>() else { return };
    let codes: BTreeSet<&str> = leading(&profile.codes).map(|code| &*code.code).collect();
    for code in codes {
        let (code, soc) = (code.to_owned(), soc_of(code).to_owned());
        rows.insert(career_occupation::ActiveModel {
            revision_id: Set(entry.revision()),
            code: Set(code),
            soc: Set(soc),
        });
    }
}
