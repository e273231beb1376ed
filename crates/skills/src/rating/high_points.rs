//! High points: the three interests, or work values, that an occupation meets most. O*NET publishes each place as an element of its own, whose
//! value is the number of the interest or the work value on it.
use super::{
    answer::{HighPoint, OccupationInterest},
    load::Rating,
};

/// The places, in their order: the last parts of the identifiers of their elements.
const PLACES: [&str; 3] = ["g", "h", "i"];
/// The types of interest, or the work values, in the order by which places name them.
const NUMBERED: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// The high points, in their order.
pub(crate) fn high_points(found: &Rating, scale: &str) -> Vec<HighPoint> {
    let mut points: Vec<_> = found
        .elements()
        .into_iter()
        .filter_map(|rated| {
            let (group, last) = rated.element.id().rsplit_once('.')?;
            let rank = (1..).zip(PLACES).find(|(_, place)| *place == last)?.0;
            let number = rated.value(scale)?;
            let letter = (1_i32..).zip(NUMBERED).find(|(known, _)| (f64::from(*known) - number).abs() < 0.001);
            let element = letter.map(|(_, letter)| found.element(&format!("{group}.{letter}")));
            Some(HighPoint { rank, element, rating: rated.rating(scale)?, place: rated.element })
        })
        .collect();
    points.sort_by_key(|point| point.rank);
    points
}

/// The interests, or work values, the highest first.
pub(crate) fn ranked_interests(found: &Rating, scale: &str, places: &str) -> Vec<OccupationInterest> {
    let points = high_points(found, places);
    found.ranked(scale, |rated| {
        let is_it =
            |point: &&HighPoint| point.element.as_ref().is_some_and(|element| element.id() == rated.element.id());
        OccupationInterest {
            rating: rated.rating(scale),
            high_point: points.iter().find(is_it).map(|point| point.rank),
            element: rated.element,
            dataset: found.dataset.clone(),
        }
    })
}
