//! `Occupation.crosswalks`: the codes of an occupation in other classifications.
use async_graphql::{Context, Enum, Object, SimpleObject};
use datasets::{Dataset, block};
use futures_util::future::try_join4;
use kernel::{Result, request};

use super::{
    bls::{BlsCodes, BlsRow},
    earlier::{CrosswalkMatch, EarlierRow, OnetSoc2010, Soc2010},
};
use crate::{Occupation, onet::occupations::Occupations};

/// A classification to which crosswalks lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum CrosswalkScheme {
    /// The Standard Occupational Classification of 2010.
    #[graphql(name = "SOC_2010")]
    Soc2010,
    /// The occupations of O*NET until 2019, which refine the SOC of 2010.
    #[graphql(name = "ONET_SOC_2010")]
    OnetSoc2010,
    /// The National Employment Matrix, under whose codes employment projections are published.
    Nem,
    /// The profiles of the Occupational Outlook Handbook.
    Ooh,
}

/// A code of an occupation in another classification.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OccupationCrosswalk {
    /// The classification.
    scheme: CrosswalkScheme,
    /// The code.
    code: String,
    /// The title that the classification gives it; null if it gives none.
    title: Option<String>,
    /// Degree to which the code fits the occupation.
    #[graphql(name = "match")]
    fit: CrosswalkMatch,
    /// The group of occupations under which the Occupational Outlook Handbook has the profile; null in other classifications.
    group: Option<String>,
    /// A shorter name of the group; null in other classifications.
    short_group: Option<String>,
    /// The page of the profile; null in other classifications.
    url: Option<String>,
    /// The data set.
    dataset: Dataset,
}

/// `Occupation.crosswalks`.
pub(crate) struct OccupationCrosswalks(Occupation);

impl From<&Occupation> for OccupationCrosswalks {
    fn from(occupation: &Occupation) -> Self {
        Self(occupation.clone())
    }
}

#[Object]
impl OccupationCrosswalks {
    /// Codes of the occupation in other classifications, each with the degree to which it fits, classification by classification. Empty if
    /// the data set `soc-crosswalks` is not synced.
    async fn crosswalks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only codes of these classifications.")] schemes: Option<Vec<CrosswalkScheme>>,
    ) -> Result<Vec<OccupationCrosswalk>> {
        let (loaders, code, soc) = (request(ctx), self.0.code(), self.0.soc());
        let (of_soc, of_onet, of_bls, sharing) = try_join4(
            block::<Soc2010>(loaders, soc),
            block::<OnetSoc2010>(loaders, code),
            block::<BlsCodes>(loaders, code),
            block::<Occupations>(loaders, soc),
        )
        .await?;
        let is_part = sharing.is_some_and(|sharing| sharing.rows.len() > 1);
        let of_soc = of_soc.into_iter().flat_map(|found| {
            let fit = |row: &EarlierRow| if is_part { row.fit.of_part() } else { row.fit };
            let earlier =
                |row| OccupationCrosswalk { fit: fit(row), ..earlier(row, CrosswalkScheme::Soc2010, &found.dataset) };
            found.rows.iter().map(earlier).collect::<Vec<_>>()
        });
        let of_onet = of_onet.into_iter().flat_map(|found| {
            let earlier = |row| earlier(row, CrosswalkScheme::OnetSoc2010, &found.dataset);
            found.rows.iter().map(earlier).collect::<Vec<_>>()
        });
        let of_bls = of_bls.into_iter().flat_map(|found| {
            let codes = |row| matrix(row, &found.dataset).into_iter();
            found.rows.iter().flat_map(codes).collect::<Vec<_>>()
        });
        let is_asked =
            |found: &OccupationCrosswalk| schemes.as_ref().is_none_or(|schemes| schemes.contains(&found.scheme));
        Ok(of_soc.chain(of_onet).chain(of_bls).filter(is_asked).collect())
    }
}

fn earlier(row: &EarlierRow, scheme: CrosswalkScheme, dataset: &Dataset) -> OccupationCrosswalk {
    OccupationCrosswalk {
        scheme,
        code: row.from.clone(),
        title: Some(row.title.clone()),
        fit: row.fit,
        group: None,
        short_group: None,
        url: None,
        dataset: dataset.clone(),
    }
}

/// The code of the National Employment Matrix, and the profile of the Occupational Outlook Handbook where there is one.
fn matrix(row: &BlsRow, dataset: &Dataset) -> Vec<OccupationCrosswalk> {
    let matrix = OccupationCrosswalk {
        scheme: CrosswalkScheme::Nem,
        code: row.bls.clone(),
        title: Some(row.title.clone()),
        fit: CrosswalkMatch::of(row.shared, 1),
        group: None,
        short_group: None,
        url: None,
        dataset: dataset.clone(),
    };
    let profile = row.profile.as_ref().map(|code| OccupationCrosswalk {
        scheme: CrosswalkScheme::Ooh,
        code: code.clone(),
        title: row.profile_title.clone(),
        fit: CrosswalkMatch::of(row.profile_shared, 1),
        group: row.group.clone(),
        short_group: row.short_group.clone(),
        url: row.url.clone(),
        dataset: dataset.clone(),
    });
    [matrix].into_iter().chain(profile).collect()
}
