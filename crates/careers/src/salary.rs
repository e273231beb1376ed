//! Salary bands: the ranges of pay by role and stage, for the country as a whole or adjusted to a place.
use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use kernel::{Entry, Kind, Number, Result};
use sources::MoneyRange;

use crate::{
    Career, Role,
    document::{CareerStage, PayBand, PaySection, PlaceAdjustment, PlaceCode, RolesSection},
};

/// What a role pays at a stage, in a place.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct SalaryBand {
    #[graphql(skip)]
    entry: Entry,
    #[graphql(skip)]
    role_key: String,
    /// The stage.
    stage: CareerStage,
    /// The range in the place that was asked for.
    range: MoneyRange,
    /// How the range was derived.
    derivation: SalaryDerivation,
}

#[ComplexObject]
impl SalaryBand {
    /// The role.
    async fn role(&self, ctx: &Context<'_>) -> Result<Option<Arc<Role>>> {
        Ok(self.entry.section::<RolesSection>(ctx).await?.role(&self.role_key).cloned())
    }
}

/// How a range of pay was derived.
#[derive(Clone, Debug, SimpleObject)]
pub struct SalaryDerivation {
    /// The place that was asked for; `US` for the country as a whole.
    place: PlaceCode,
    /// The range for the country as a whole, as the guide states it.
    national: MoneyRange,
    /// The adjustment that was applied; null where the guide has none for the place, or no place was asked for.
    adjustment: Option<PlaceAdjustment>,
    /// The derivation in words, with its numbers.
    explanation: String,
}

pub(crate) struct CareerSalaries(Entry);

impl From<&Career> for CareerSalaries {
    fn from(career: &Career) -> Self {
        Self(career.entry().clone())
    }
}

#[Object]
impl CareerSalaries {
    /// What the roles of this career pay at each stage, adjusted to a place where one is given.
    async fn salary_bands(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The place of work, such as `US-CA`; the country as a whole where it is not given.")]
        place: Option<PlaceCode>,
        #[graphql(desc = "Only the role with this key.")] role: Option<String>,
        #[graphql(desc = "Only this stage.")] stage: Option<CareerStage>,
    ) -> Result<Vec<SalaryBand>> {
        salary_bands(ctx, &self.0, place.as_ref(), |band| {
            role.as_ref().is_none_or(|role| *band.role == **role) && stage.is_none_or(|stage| band.stage == stage)
        })
        .await
    }
}

/// The bands of a career that `admits` admits, in a place.
pub(crate) async fn salary_bands(
    ctx: &Context<'_>,
    entry: &Entry,
    place: Option<&PlaceCode>,
    admits: impl Fn(&PayBand) -> bool,
) -> Result<Vec<SalaryBand>> {
    let section = entry.section::<PaySection>(ctx).await?;
    let Some(pay) = &section.pay else { return Ok(Vec::new()) };
    let adjustment = place.and_then(|place| pay.adjustments.iter().find(|known| known.places.contains(place)));
    let place = place.cloned().or_else(|| PlaceCode::parse("US")).unwrap_or_default();
    let in_place = |band: &PayBand| SalaryBand {
        entry: entry.clone(),
        role_key: band.role.to_string(),
        stage: band.stage,
        range: adjustment.map_or_else(|| band.range.clone(), |adjustment| adjusted(&band.range, adjustment)),
        derivation: SalaryDerivation {
            explanation: explanation(&band.range, &place, adjustment),
            place: place.clone(),
            national: band.range.clone(),
            adjustment: adjustment.cloned(),
        },
    };
    Ok(pay.bands.iter().filter(|band| admits(band)).map(in_place).collect())
}

/// Each end of the range changed by the matching end of the adjustment, to whole units: `low × (1 + low % / 100)`, and the
/// same for `high`. Where an end of the adjustment is open, the other end stands for both. The result is as old as the older
/// of the two figures.
fn adjusted(national: &MoneyRange, adjustment: &PlaceAdjustment) -> MoneyRange {
    let (low, high) = ends(adjustment);
    let change = |amount: Option<Number>, percent: f64| {
        amount.map(|amount| Number((amount.0 * (100.0 + percent) / 100.0).round()))
    };
    MoneyRange {
        low: change(national.low, low),
        high: change(national.high, high),
        as_of: national.as_of.min(adjustment.change.as_of),
        ..national.clone()
    }
}

fn ends(adjustment: &PlaceAdjustment) -> (f64, f64) {
    let (low, high) = (adjustment.change.low, adjustment.change.high);
    let number = |end: Option<Number>, other: Option<Number>| end.or(other).map_or(0.0, |end| end.0);
    (number(low, high), number(high, low))
}

fn explanation(national: &MoneyRange, place: &PlaceCode, adjustment: Option<&PlaceAdjustment>) -> String {
    let end = |end: Option<Number>| end.map_or("open".to_owned(), |end| end.to_string());
    let range = format!("{} to {} {}", end(national.low), end(national.high), &*national.currency);
    match adjustment {
        Some(adjustment) => {
            let (low, high) = ends(adjustment);
            format!(
                "The national range of {range}, its lower end changed by {low:+} % and its upper end by {high:+} % for {} \
                 ({}), rounded to whole units.",
                &*adjustment.title, &**place
            )
        }
        None if &**place == "US" => format!("The national range of {range}, as stated."),
        None => format!("The national range of {range}: this guide states no adjustment for {}.", &**place),
    }
}
