//! Comparison of amounts of money: per currency and period, as text that sorts by currency, then by period, then by amount.
use async_graphql::InputObject;
use kernel::{
    Number,
    list::{Direction, FilterColumn, ListValue, OrderTerm, all_given, enum_name},
};
use sea_orm::sea_query::{IntoIden, SimpleExpr};

use crate::{Currency, Money, MoneyRange, PayPeriod};

/// The currency of conditions that name none.
const USUAL: &str = "USD";

/// An amount that is paid once, as a column holds it: text that sorts by currency, then by amount.
pub struct Amount(String);

/// An amount that is paid per period, as a column holds it: text that sorts by currency, then by period, then by amount.
pub struct Pay(String);

macro_rules! amount {
    ($amount:ident, $usual_period:expr) => {
        impl ListValue for $amount {
            type Stored = String;
            type Filter = MoneyFilter;

            fn stored(&self) -> String {
                self.0.clone()
            }

            fn condition(filter: &MoneyFilter, column: &FilterColumn) -> SimpleExpr {
                filter.on(column, $usual_period)
            }

            fn term(column: impl IntoIden, direction: Direction) -> OrderTerm {
                OrderTerm::text(column, direction)
            }
        }
    };
}

amount!(Amount, None);
amount!(Pay, Some(PayPeriod::Year));

/// Beginning of amounts that are compared: the currency, and the period that they are paid for.
fn comparable(currency: &str, period: Option<PayPeriod>) -> String {
    period.map_or_else(|| currency.to_owned(), |period| format!("{currency} {}", enum_name(period)))
}

fn amount_key(comparable: &str, amount: f64) -> String {
    const SIGN: u64 = 1 << 63;
    // A zero has one form.
    let bits = (amount + 0.0).to_bits();
    let ordered = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    format!("{comparable} {ordered:016x}")
}

impl Money {
    /// The amount as it is paid per period. None for what is not paid per period, which is no pay.
    pub fn pay(&self) -> Option<Pay> {
        self.period.map(|period| Pay(amount_key(&comparable(&self.currency, Some(period)), self.amount.0)))
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

/// Conditions on an amount of money. An amount is compared with amounts of its own currency and period only: one of another currency, or
/// paid for another period, is neither less nor greater, and differs from everything. All given operators must hold.
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
    /// True: there is no amount, in whatever currency and for whatever period. False: there is one.
    pub is_null: Option<bool>,
    /// The currency of the amounts given here; `USD` if omitted. On its own it is not a condition.
    pub currency: Option<Currency>,
    /// Period that the amounts given here are paid for. If omitted, `YEAR` for pay, and none for what is paid once. On its own it is not a
    /// condition.
    pub period: Option<PayPeriod>,
}

impl MoneyFilter {
    /// The condition on a column that holds an [`Amount`] or a [`Pay`], whose usual period this is.
    fn on(&self, column: &FilterColumn, usual_period: Option<PayPeriod>) -> SimpleExpr {
        let comparable = comparable(self.currency.as_deref().unwrap_or(USUAL), self.period.or(usual_period));
        let key = |amount: Number| amount_key(&comparable, amount.0);
        // The least text that is greater than the key.
        let beyond = |amount: Number| key(amount) + " ";
        let (first, last) = (|| format!("{comparable} "), || format!("{comparable}!"));
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
