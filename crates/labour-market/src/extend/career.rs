//! Conditions on the pay that is published for the occupations of guides, and orders by it.
use async_graphql::{InputObject, OneofObject};
use careers::Career;
use kernel::{
    Result,
    list::{FilterFields, OrderFields, OrderTerm, TableContext, all_given},
};
use sea_orm::sea_query::SimpleExpr;

use super::wage::{WageFilter, WageOrder};
use crate::figures::Figures;

#[derive(InputObject)]
pub(crate) struct CareerFigures {
    /// Conditions on a published wage, which hold for at least one of the occupations that the guide names by its codes. `isNull: true` means
    /// that none of them has one.
    wage: Option<WageFilter>,
}

impl FilterFields for CareerFigures {
    type Of = Career;

    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr> {
        let wage = self.wage.as_ref();
        Ok(all_given([wage.map(|filter| filter.on(&|figures, condition| figures.career_has(rows, condition)))]))
    }
}

#[derive(OneofObject)]
pub(crate) enum CareerFigureOrders {
    /// By a published wage: the greatest of the occupations that the guide names by its codes.
    Wage(WageOrder),
}

impl OrderFields for CareerFigureOrders {
    type Of = Career;

    fn term(&self) -> OrderTerm {
        let Self::Wage(order) = self;
        order.term(Figures::of_career)
    }
}
