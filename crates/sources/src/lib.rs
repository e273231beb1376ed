//! Sources and the figures that cite them.
//!
//! Owns the kind `source` and the types of every number that a reader could doubt: money, percentages, counts, durations and hours,
//! each with its unit, its source and the day it was stated for. Adds `source` and `sources` to the root.
mod check;
mod document;
mod figure;
#[path = "../migrations/mod.rs"]
mod migrations;
mod money;
mod query;
mod rules;
mod source;

pub use check::Figure;
pub use document::SourceProfile;
pub use figure::{
    Count, CountPeriod, Currency, DurationRange, HoursRange, Money, MoneyRange, PayPeriod, Percent, PercentRange,
};
pub use money::{Amount, MoneyFilter, Pay};
pub use source::Source;

use kernel::{App, QueryRoot};

/// The module.
pub fn module(app: &mut App) {
    app.migrations(migrations::migrations);
    app.kind::<Source>();
    app.section::<Source, SourceProfile>();
    rules::register(app);
    app.check::<Source>(|guide, findings| {
        let published = guide.section::<SourceProfile>().and_then(|source| source.published_on.as_ref());
        if let Some(day) = published {
            check::has_come(*day, kernel::path!["publishedOn"], findings);
        }
    });
    app.entries::<Source>();
    app.extend::<QueryRoot, query::SourceQueries>();
}
