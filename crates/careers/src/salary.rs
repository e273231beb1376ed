//! Salary bands: the ranges of pay by role and stage, for the country as a whole or adjusted to a place.
use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use kernel::{Entry, Error, Kind, Number, Result, Sections as _};
use sources::MoneyRange;

use crate::{
    Career, Role,
    document::{CareerStage, PayBand, PaySection, PlaceAdjustment, PlaceCode, RolesSection},
};

/// Pay of a role at a stage, in a place.
#[derive(Clone, Debug)]
pub struct SalaryBand {
    entry: Entry,
    band: PayBand,
    derived: Arc<Derived>,
}

/// Basis that the bands of an answer are derived from.
#[derive(Debug)]
struct Derived {
    place: PlaceCode,
    adjustment: Option<PlaceAdjustment>,
}

/// Pay of a role at a stage, in a place.
#[Object]
impl SalaryBand {
    /// The role.
    async fn role(&self, ctx: &Context<'_>) -> Result<Arc<Role>> {
        let key = &*self.band.role;
        let lost = || Error::internal(format!("a band of pay belongs to the unknown role `{key}`"));
        self.entry.section::<RolesSection>(ctx).await?.role(key).cloned().ok_or_else(lost)
    }

    /// The stage.
    async fn stage(&self) -> CareerStage {
        self.band.stage
    }

    /// The range in the requested place. If `derivation` has an adjustment, it is computed from the two figures
    /// there and keeps the source of the national one.
    async fn range(&self) -> MoneyRange {
        let national = &self.band.range;
        self.derived.adjustment.as_ref().map_or_else(|| national.clone(), |adjustment| adjusted(national, adjustment))
    }

    /// Derivation of the range.
    async fn derivation(&self) -> SalaryDerivation {
        let (national, Derived { place, adjustment }) = (&self.band.range, &*self.derived);
        SalaryDerivation {
            explanation: explanation(national, place, adjustment.as_ref()),
            place: place.clone(),
            national: national.clone(),
            adjustment: adjustment.clone(),
        }
    }
}

/// Derivation of a range of pay.
#[derive(Clone, Debug, SimpleObject)]
pub struct SalaryDerivation {
    /// The requested place; `US` for the country as a whole.
    place: PlaceCode,
    /// The range for the country as a whole, as the guide states it.
    national: MoneyRange,
    /// The adjustment that was applied; null if the guide has none for the place, or no place was requested.
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
    /// Pay of the roles of this career at each stage, adjusted to a place if one is given.
    async fn salary_bands(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The place of work, such as `US-CA`; the country as a whole if omitted.")] place: Option<
            PlaceCode,
        >,
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
    let derived = Arc::new(Derived { place, adjustment: adjustment.cloned() });
    let in_place = |band: &PayBand| SalaryBand { entry: entry.clone(), band: band.clone(), derived: derived.clone() };
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
    let stated = in_words(national);
    match adjustment {
        Some(adjustment) => {
            let (low, high) = ends(adjustment);
            format!(
                "The national range of {stated}, its lower end changed by {low:+} % and its upper end by {high:+} % for {} \
                 ({}), rounded to whole units: {}.",
                &*adjustment.title,
                &**place,
                in_words(&adjusted(national, adjustment))
            )
        }
        None if &**place == "US" => format!("The national range of {stated}, as stated."),
        None => format!("The national range of {stated}: this guide states no adjustment for {}.", &**place),
    }
}

/// `38,000 to 45,000 USD`.
fn in_words(range: &MoneyRange) -> String {
    let end = |end: Option<Number>| end.map_or("open".to_owned(), Number::grouped);
    format!("{} to {} {}", end(range.low), end(range.high), &*range.currency)
}
