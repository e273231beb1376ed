//! The section `pay`: what people in a career earn, by role, stage and place.
use kernel::{RichText, Slug, Text, enumeration, object, section, typed_scalar};
use sources::{Money, MoneyRange, PercentRange};

/// Earnings of people in a career, as a section.
#[section(key = "pay")]
pub struct PaySection {
    /// Earnings of people in this career.
    pub pay: Option<Pay>,
}

/// Earnings of people in a career. The ranges by role and stage are `Career.salaryBands`.
#[object]
pub struct Pay {
    /// Factors that decide about the pay, in a few sentences.
    pub summary: Option<RichText>,
    /// Half of the people in the career earn less than this, half more.
    pub median: Option<Money>,
    /// Other points of the distribution.
    pub percentiles: Vec<PayPercentile>,
    /// Rounded ranges for groups of roles, for a first impression.
    pub at_a_glance: Vec<GlancePay>,
    /// The range of each role at each stage, for the country as a whole. `Career.salaryBands` answers them.
    #[graphql(skip_output)]
    pub bands: Vec<PayBand>,
    /// Difference between pay in some places and in the country as a whole.
    pub adjustments: Vec<PlaceAdjustment>,
}

/// A point of a distribution of pay.
#[object]
pub struct PayPercentile {
    /// The percentile, from 1 to 99: at 90, nine people of ten earn less than the pay and the top tenth earns more.
    pub percentile: i32,
    /// The pay at this point.
    pub pay: Money,
}

/// A rounded range of pay for a group of roles.
#[object]
pub struct GlancePay {
    /// The group.
    pub title: Text,
    /// The range.
    pub range: MoneyRange,
}

/// The range of pay of a role at a stage, for the country as a whole.
#[object]
pub struct PayBand {
    /// The key of the role.
    pub role: Slug,
    /// The stage.
    pub stage: CareerStage,
    /// The range.
    pub range: MoneyRange,
}

/// Time for which somebody has been in a role.
#[enumeration]
pub enum CareerStage {
    /// The first years.
    Entry,
    /// Experienced.
    MidCareer,
    /// At the top of the role.
    Senior,
}

/// Difference between pay in some places and in the country as a whole.
#[object]
pub struct PlaceAdjustment {
    /// The name of the place or group of places.
    pub title: Text,
    /// The places, by code. The first adjustment that names a place holds for it.
    #[field(required)]
    pub places: Vec<PlaceCode>,
    /// By how many percent pay differs: negative if it is lower.
    pub change: PercentRange,
    /// Why it differs.
    pub reason: Option<RichText>,
}

typed_scalar!(
    /// A place of work, or a kind of place.
    PlaceCode,
    "PlaceCode",
    "A place as `US`, a state by its ISO 3166-2 code such as `US-CA`, or a kind of place after `x-`, such as `US-x-rural`.",
    "https://www.iso.org/iso-3166-country-codes.html",
    is_place
);

/// The states of the United States, the District of Columbia and the inhabited territories, by USPS code.
const STATES: [&str; 56] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI",
];

fn is_place(text: &str) -> bool {
    match text.split_once('-') {
        None => text == "US",
        Some(("US", rest)) => STATES.contains(&rest) || rest.strip_prefix("x-").is_some_and(kernel::scalar::is_slug),
        Some(_) => false,
    }
}
