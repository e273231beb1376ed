//! Exposure to AI as researchers measure it: the data sets `ai-eloundou` and `ai-microsoft`, side by side and never added up.
pub(crate) mod activity;
pub(crate) mod eloundou;
pub(crate) mod filter;
pub(crate) mod measure;
pub(crate) mod microsoft;
pub(crate) mod occupation;
pub(crate) mod scores;
pub(crate) mod task;

use kernel::App;
use occupations::Occupation;

/// Registers the data sets, and what they add to occupations.
pub(crate) fn register(app: &mut App) {
    datasets::source(app, eloundou::SOURCE);
    datasets::table::<eloundou::EloundouScores>(app);
    datasets::table::<task::TaskLabels>(app);
    datasets::source(app, microsoft::SOURCE);
    datasets::table::<microsoft::MicrosoftScores>(app);
    datasets::table::<microsoft::activities::ActivityLinks>(app);
    datasets::table::<microsoft::activities::ActivityMetricsTable>(app);
    app.table::<scores::occupation_exposure::Entity>();
    app.values::<task::TaskExposure>();
    app.values::<activity::ActivityExposure>();
    app.extend::<Occupation, occupation::OccupationExposures>();
    app.filter::<filter::ExposureConditions>();
    app.order::<filter::ExposureOrders>();
}
