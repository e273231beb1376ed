//! Conditions on the pay and the outlook of occupations, and orders by them.
use async_graphql::{InputObject, OneofObject};
use kernel::{
    Result,
    list::{Direction, FilterFields, NumberFilter, OrderFields, OrderTerm, TableContext, all_given},
};
use occupations::Occupation;
use sea_orm::sea_query::SimpleExpr;

use super::wage::{WageFilter, WageOrder};
use crate::{
    figures::Figures,
    projections::{
        kinds::EntryEducationFilter,
        table::projection::Column::{EducationRank, EntryEducation, Growth, Openings},
    },
};

#[derive(InputObject)]
pub(crate) struct OccupationFigures {
    /// Conditions on a published wage. Where no row is published for the occupation, the one of the group that it is published with counts.
    wage: Option<WageFilter>,
    /// Conditions on the projected change of employment, in percent.
    projected_growth: Option<NumberFilter>,
    /// Conditions on the projected openings per year.
    projected_openings: Option<NumberFilter>,
    /// Conditions on the education that people typically need to enter.
    entry_education: Option<EntryEducationFilter>,
}

impl FilterFields for OccupationFigures {
    type Of = Occupation;

    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr> {
        let projected = |column| rows.nullable_of(Figures::of_projections(column).of_occupation(rows));
        Ok(all_given([
            self.wage.as_ref().map(|filter| {
                filter.on(&|figures, condition| figures.occupation_has(rows, condition))
            }),
            self.projected_growth.as_ref().map(|filter| filter.on(&projected(Growth))),
            self.projected_openings.as_ref().map(|filter| filter.on(&projected(Openings))),
            self.entry_education.as_ref().map(|filter| filter.by_name().on(&projected(EntryEducation))),
        ]))
    }
}

#[derive(OneofObject)]
pub(crate) enum FigureOrders {
    /// By a published wage. Where no row is published for the occupation, the one of the group that it is published with counts.
    Wage(WageOrder),
    /// By the projected change of employment, in percent.
    ProjectedGrowth(Direction),
    /// By the projected openings per year.
    ProjectedOpenings(Direction),
    /// By the education that people typically need to enter, from the least to the most.
    EntryEducation(Direction),
}

impl OrderFields for FigureOrders {
    type Of = Occupation;

    fn term(&self) -> OrderTerm {
        let by = |name, column, direction: &Direction| {
            OrderTerm::computed(name, move |rows| Figures::of_projections(column).of_occupation(rows), *direction)
        };
        match self {
            Self::Wage(order) => order.term(Figures::of_occupation),
            Self::ProjectedGrowth(direction) => by("projected growth", Growth, direction),
            Self::ProjectedOpenings(direction) => by("projected openings", Openings, direction),
            Self::EntryEducation(direction) => by("entry education", EducationRank, direction),
        }
    }
}
