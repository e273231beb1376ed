//! Comparison of amounts of money: per currency, as text that sorts by currency, then by amount.
use async_graphql::InputObject;
use kernel::{
    Number,
    list::{Direction, FilterColumn, ListValue, OrderTerm, all_given},
};
use sea_orm::sea_query::{IntoIden, SimpleExpr};

use crate::{Currency, Money, MoneyRange, PayPeriod};

/// Paid hours of a year of full-time work, as the U.S. Bureau of Labor Statistics counts them: 52 weeks of 40 hours.
const HOURS_OF_A_YEAR: f64 = 2_080.0;
/// The currency of conditions that name none.
const USUAL: &str = "USD";

/// An amount of a currency as a column holds it: text that sorts by currency, then by amount.
pub struct Amount(String);

impl ListValue for Amount {
    type Stored = String;
    type Filter = MoneyFilter;

    fn stored(&self) -> String {
        self.0.clone()
    }

    fn condition(filter: &MoneyFilter, column: &FilterColumn) -> SimpleExpr {
        filter.on(column)
    }

    fn term(column: impl IntoIden, direction: Direction) -> OrderTerm {
        OrderTerm::text(column, direction)
    }
}

fn amount_key(currency: &str, amount: f64) -> String {
    const SIGN: u64 = 1 << 63;
    // A zero has one form.
    let bits = (amount + 0.0).to_bits();
    let ordered = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    format!("{currency} {ordered:016x}")
}

impl Money {
    /// The amount per year: an hour counts 2,080 times, a month 12 times. None for what is not paid per
    /// period, which is no pay.
    pub fn per_year(&self) -> Option<Amount> {
        let times = match self.period? {
            PayPeriod::Hour => HOURS_OF_A_YEAR,
            PayPeriod::Month => 12.0,
            PayPeriod::Year => 1.0,
        };
        Some(Amount(amount_key(&self.currency, self.amount.0 * times)))
    }
}

impl MoneyRange {
    /// The lower end of what is paid once; none of what is paid per period.
    pub fn least_paid_once(&self) -> Option<Amount> {
        self.paid_once(self.low)
    }

    /// The upper end of what is paid once; none of what is paid per period.
    pub fn most_paid_once(&self) -> Option<Amount> {
        self.paid_once(self.high)
    }

    fn paid_once(&self, end: Option<Number>) -> Option<Amount> {
        end.filter(|_| self.period.is_none()).map(|end| Amount(amount_key(&self.currency, end.0)))
    }
}

/// Conditions on an amount of money. An amount is compared with amounts of its own currency only: one of another currency is
/// neither less nor greater, and differs from everything. All given operators must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct MoneyFilter {
    /// Equal to this amount.
    pub eq: Option<Number>,
    /// Not equal to this amount.
    pub ne: Option<Number>,
    /// Greater than this amount.
    pub gt: Option<Number>,
    /// Equal to this amount, or greater.
    pub gte: Option<Number>,
    /// Less than this amount.
    pub lt: Option<Number>,
    /// Equal to this amount, or less.
    pub lte: Option<Number>,
    /// True: there is no amount, in whatever currency. False: there is one.
    pub is_null: Option<bool>,
    /// The currency of the amounts given here; `USD` if omitted. On its own it is not a condition.
    pub currency: Option<Currency>,
}

impl MoneyFilter {
    /// The condition on a column that holds an [`Amount`].
    pub fn on(&self, column: &FilterColumn) -> SimpleExpr {
        let currency = self.currency.as_deref().unwrap_or(USUAL);
        let key = |amount: Number| amount_key(currency, amount.0);
        // The least text that is greater than the key.
        let beyond = |amount: Number| key(amount) + " ";
        let (first, last) = (|| format!("{currency} "), || format!("{currency}!"));
        all_given([
            self.eq.map(|amount| column.eq(key(amount))),
            self.ne.map(|amount| column.ne(key(amount))),
            self.gt.map(|amount| column.from_to(beyond(amount), last())),
            self.gte.map(|amount| column.from_to(key(amount), last())),
            self.lt.map(|amount| column.from_to(first(), key(amount))),
            self.lte.map(|amount| column.from_to(first(), beyond(amount))),
            self.is_null.map(|yes| column.is_null(yes)),
        ])
    }
}
