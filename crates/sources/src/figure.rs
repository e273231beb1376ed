//! Figures: numbers with a unit, a source and a day. Ranges are `{low, high}`; what is unknown is null, never 0.
use async_graphql::{ComplexObject, Enum, InputObject, SimpleObject};
use kernel::{Date, Duration, Link, Number, typed_scalar};
use serde::{Deserialize, Serialize};

use crate::Source;

typed_scalar!(
    /// The currency of an amount.
    Currency,
    "Currency",
    "A currency by its ISO 4217 code, such as `USD`.",
    "https://www.iso.org/iso-4217-currency-codes.html",
    |text| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
);

/// Period that a pay is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PayPeriod {
    /// One hour.
    Hour,
    /// One month.
    Month,
    /// One year.
    Year,
}

/// Period that a count counts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CountPeriod {
    /// One month.
    Month,
    /// One year.
    Year,
}

macro_rules! figure {
    ($(#[$doc:meta])* $name:ident, $object:literal, $input:literal, { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        #[derive(Clone, Debug, Serialize, Deserialize, SimpleObject, InputObject)]
        $(#[$doc])*
        #[graphql(name = $object, input_name = $input)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Source that the figure is taken from; null if it is not visible.
            pub source: Link<Source>,
            /// The day the figure was stated for.
            pub as_of: Date,
        }
    };
}

figure!(
    /// An amount of money.
    Money, "Money", "MoneyInput", {
        /// The amount, in whole units of the currency.
        amount: Number,
        /// The currency.
        currency: Currency,
        /// Period that it is paid for; null for what is paid once, or for a size.
        period: Option<PayPeriod>,
    }
);

figure!(
    /// A range of money. An end that is null is open: `low` alone means at least, `high` alone at most.
    MoneyRange, "MoneyRange", "MoneyRangeInput", {
        /// The lower end, in whole units of the currency.
        low: Option<Number>,
        /// The upper end, in whole units of the currency.
        high: Option<Number>,
        /// The currency.
        currency: Currency,
        /// Period that it is paid for; null for what is paid once.
        period: Option<PayPeriod>,
    }
);

figure!(
    /// A share or a change, in percent.
    Percent, "Percentage", "PercentageInput", {
        /// The number of percent: 8 means 8 %.
        percent: Number,
    }
);

figure!(
    /// A range of shares or changes, in percent. An end that is null is open.
    PercentRange, "PercentRange", "PercentRangeInput", {
        /// The lower end: 25 means 25 %, -15 means 15 % less.
        low: Option<Number>,
        /// The upper end.
        high: Option<Number>,
    }
);

figure!(
    /// A number of people, jobs or things.
    Count, "Quantity", "QuantityInput", {
        /// Number of people, jobs or things.
        count: Number,
        /// Period of the count; null for a number at one moment.
        period: Option<CountPeriod>,
    }
);

figure!(
    /// A range of time. An end that is null is open: `low` alone means at least, `high` alone at most.
    #[graphql(complex)]
    DurationRange, "DurationRange", "DurationRangeInput", {
        /// The shorter end, as an ISO 8601 duration such as `P9M`.
        low: Option<Duration>,
        /// The longer end, as an ISO 8601 duration such as `P2Y`.
        high: Option<Duration>,
    }
);

figure!(
    /// A range of hours of work in a usual week. An end that is null is open: `low` alone means at least, `high` alone at most.
    HoursRange, "HoursRange", "HoursRangeInput", {
        /// The fewest hours: 37.5 means 37 hours and a half.
        low: Option<Number>,
        /// The most hours.
        high: Option<Number>,
    }
);

#[ComplexObject]
impl DurationRange {
    /// The shorter end in months.
    async fn low_months(&self) -> Option<Number> {
        self.min_months()
    }

    /// The longer end in months.
    async fn high_months(&self) -> Option<Number> {
        self.max_months()
    }
}

impl DurationRange {
    /// The shorter end in months.
    pub fn min_months(&self) -> Option<Number> {
        self.low.as_ref().map(|low| Number(low.months()))
    }

    /// The longer end in months.
    pub fn max_months(&self) -> Option<Number> {
        self.high.as_ref().map(|high| Number(high.months()))
    }
}
