//! Education, training and experience of the people in an occupation, as O*NET surveys them: tables of the data set `onet`.
pub(crate) mod categories;
pub(crate) mod occupation;
pub(crate) mod preparation;
pub(crate) mod shares;

use kernel::App;
use occupations::Occupation;

/// The slug of the data set.
pub(crate) const DATASET: &str = "onet";

/// Registers the tables, and what they add to occupations.
pub(crate) fn register(app: &mut App) {
    datasets::table::<shares::EducationShares>(app);
    datasets::table::<categories::EducationCategories>(app);
    datasets::table::<preparation::Preparations>(app);
    datasets::table::<preparation::JobZones>(app);
    app.extend::<Occupation, occupation::OccupationEducation>();
}
