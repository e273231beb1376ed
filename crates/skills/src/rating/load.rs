//! Ratings of an occupation, with all that tells what they mean: one statement.
use std::sync::Arc;

use datasets::{Dataset, block};
use futures_util::future::{try_join_all, try_join3};
use kernel::{Loaders, Result};

use super::{
    RatingRow,
    answer::ElementRating,
    tables::{Rated, Ratings},
};
use crate::{
    Elements, Scales,
    element::{ContentElement, ElementRow},
    scale::{ALL, RatingScale, ScaleRow},
};

/// The ratings of an occupation in a table.
pub(crate) struct Rating {
    pub(crate) dataset: Dataset,
    rows: Arc<Vec<RatingRow>>,
    elements: Vec<Arc<Vec<ElementRow>>>,
    scales: Arc<Vec<ScaleRow>>,
}

/// What is rated of an occupation in the table `T`; none where no release is shown.
pub(crate) async fn rated<T: Rated>(loaders: &Loaders, code: &str) -> Result<Option<Rating>> {
    let elements = try_join_all(T::DOMAINS.iter().map(|domain| block::<Elements>(loaders, domain)));
    let ratings = block::<Ratings<T>>(loaders, code);
    let (found, elements, scales) = try_join3(ratings, elements, block::<Scales>(loaders, ALL)).await?;
    let Some(found) = found else { return Ok(None) };
    Ok(Some(Rating {
        dataset: found.dataset,
        rows: found.rows,
        elements: elements.into_iter().flatten().map(|elements| elements.rows).collect(),
        scales: scales.map(|scales| scales.rows).unwrap_or_default(),
    }))
}

/// The ratings of one element.
pub(crate) struct OfElement<'a> {
    of: &'a Rating,
    pub(crate) element: ContentElement,
    rows: Vec<&'a RatingRow>,
}

impl Rating {
    /// The elements, in the order of the file.
    pub(crate) fn elements(&self) -> Vec<OfElement<'_>> {
        let mut found: Vec<OfElement<'_>> = Vec::new();
        for row in self.rows.iter() {
            match found.iter_mut().rev().find(|known| known.element.id() == row.element) {
                Some(known) => known.rows.push(row),
                None => found.push(OfElement { of: self, element: self.element(&row.element), rows: vec![row] }),
            }
        }
        found
    }

    /// The element with this identifier.
    pub(crate) fn element(&self, id: &str) -> ContentElement {
        let known = self.elements.iter().flat_map(|rows| rows.iter()).find(|row| row.id == id);
        known.map_or_else(|| ContentElement::unnamed(&self.dataset, id), |row| ContentElement::new(&self.dataset, row))
    }

    /// The elements as they are answered, those with the highest value on a scale first.
    pub(crate) fn ranked<A>(&self, scale: &str, answer: impl Fn(OfElement<'_>) -> A) -> Vec<A> {
        let mut elements = self.elements();
        elements.retain(|element| element.rating(scale).is_some());
        elements.sort_by(|one, other| {
            let value = |element: &OfElement<'_>| element.value(scale).unwrap_or(f64::NEG_INFINITY);
            value(other).total_cmp(&value(one)).then_with(|| one.element.name().cmp(other.element.name()))
        });
        elements.into_iter().map(answer).collect()
    }
}

impl OfElement<'_> {
    /// The value on a scale.
    pub(crate) fn value(&self, scale: &str) -> Option<f64> {
        self.rows.iter().find(|row| row.scale == scale).map(|row| row.value)
    }

    /// The rating on a scale.
    pub(crate) fn rating(&self, scale: &str) -> Option<ElementRating> {
        self.rows.iter().find(|row| row.scale == scale).map(|row| self.shown(row))
    }

    /// All ratings.
    pub(crate) fn ratings(&self) -> Vec<ElementRating> {
        self.rows.iter().map(|row| self.shown(row)).collect()
    }

    fn shown(&self, row: &RatingRow) -> ElementRating {
        ElementRating::new(row, RatingScale::of(&row.scale, &self.of.scales))
    }
}
