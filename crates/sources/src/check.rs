//! The rules about figures: bounds that no figure lies beyond, and days that have come.
use chrono::Days;
use kernel::{
    Date, Duration, Number,
    document::{Findings, Path},
};

use crate::{Count, DurationRange, HoursRange, Money, MoneyRange, Percent, PercentRange};

/// A figure of a document, which the modules check where it stands.
pub trait Figure {
    /// Checks the figure at this place.
    fn check(&self, at: &Path, findings: &mut Findings);
}

/// Rule `out-of-range`: a number is not below a bound.
fn at_least(least: f64, number: Option<Number>, at: Path, why: &str, findings: &mut Findings) {
    if let Some(number) = number.filter(|number| number.0 < least) {
        findings.error("out-of-range", at, format!("it is {number}, and {why}"));
    }
}

/// Rule `future-date`: a day that has not come anywhere on earth.
pub(crate) fn has_come(day: Date, at: Path, findings: &mut Findings) {
    let today = findings.today();
    if day.0 > today.checked_add_days(Days::new(1)).unwrap_or(today) {
        findings.error("future-date", at, format!("{day} is in the future; today is {today}"));
    }
}

/// Hours of seven days.
const HOURS_OF_A_WEEK: f64 = 168.0;
const MONEY: &str = "an amount cannot be below 0";
const CHANGE: &str = "nothing can fall by more than 100 %";

macro_rules! figure {
    ($type:ty, |$figure:ident, $at:ident, $findings:ident| $check:block) => {
        impl Figure for $type {
            fn check(&self, $at: &Path, $findings: &mut Findings) {
                let $figure = self;
                $check
                has_come(self.as_of, $at.then("asOf"), $findings);
            }
        }
    };
}

figure!(Money, |money, at, findings| {
    at_least(0.0, Some(money.amount), at.then("amount"), MONEY, findings);
});

figure!(MoneyRange, |range, at, findings| {
    at_least(0.0, range.low, at.then("low"), MONEY, findings);
    at_least(0.0, range.high, at.then("high"), MONEY, findings);
});

figure!(Percent, |change, at, findings| {
    at_least(-100.0, Some(change.percent), at.then("percent"), CHANGE, findings);
});

figure!(PercentRange, |range, at, findings| {
    at_least(-100.0, range.low, at.then("low"), CHANGE, findings);
    at_least(-100.0, range.high, at.then("high"), CHANGE, findings);
});

figure!(Count, |count, at, findings| {
    at_least(0.0, Some(count.count), at.then("count"), "a number of people or things cannot be below 0", findings);
});

figure!(DurationRange, |range, at, findings| {
    let months = |end: &Option<Duration>| end.as_ref().map(|end| Number(end.months()));
    let why = "a length of time must be longer than zero";
    at_least(f64::MIN_POSITIVE, months(&range.low), at.then("low"), why, findings);
    at_least(f64::MIN_POSITIVE, months(&range.high), at.then("high"), why, findings);
});

figure!(HoursRange, |range, at, findings| {
    for (end, hours) in [("low", range.low), ("high", range.high)] {
        at_least(f64::MIN_POSITIVE, hours, at.then(end), "a week of work has more than 0 hours", findings);
        if let Some(hours) = hours.filter(|hours| hours.0 > HOURS_OF_A_WEEK) {
            let message = format!("it is {hours}, and a week has {HOURS_OF_A_WEEK} hours");
            findings.error("out-of-range", at.then(end), message);
        }
    }
});

impl<F: Figure> Figure for Option<F> {
    fn check(&self, at: &Path, findings: &mut Findings) {
        if let Some(figure) = self {
            figure.check(at, findings);
        }
    }
}
