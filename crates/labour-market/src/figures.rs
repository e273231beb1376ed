//! Figures of occupations and of guides in statements, to filter and sort by.
use std::sync::Arc;

use datasets::version;
use kernel::list::{FilterColumn, TableContext};
use occupations::{BlsCodes, career_occupation, occupation_bls, occupation_of_release as listed};
use sea_orm::sea_query::{
    Alias, DynIden, Expr, ExprTrait as _, Func, IntoIden, JoinType, Query, SelectStatement, SimpleExpr,
};

use crate::{
    Wages,
    oews::wages::wage,
    projections::table::{Projections, projection},
};

/// Figures that are looked for: a column of a table, of the rows of one version, and of one place where the table has places.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    table: DynIden,
    version: fn(&TableContext<'_>) -> SimpleExpr,
    place: Option<Arc<str>>,
    column: DynIden,
}

fn column(alias: &DynIden, column: impl IntoIden) -> SimpleExpr {
    Expr::col((alias.clone(), column.into_iden()))
}

fn subquery(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

impl Figures {
    /// A measure of wages in exactly this place.
    pub(crate) fn of_wages(place: &str, measure: &str) -> Self {
        let column = Alias::new(measure).into_iden();
        Self { table: wage::Entity.into_iden(), version: version::<Wages>, place: Some(place.into()), column }
    }

    /// A column of projections.
    pub(crate) fn of_projections(column: projection::Column) -> Self {
        let column = column.into_iden();
        Self { table: projection::Entity.into_iden(), version: version::<Projections>, place: None, column }
    }

    /// The figure of an occupation.
    pub(crate) fn of_occupation(&self, rows: &TableContext<'_>) -> SimpleExpr {
        self.greatest(self.rows_of_occupation(rows))
    }

    /// The greatest figure of the occupations of a guide.
    pub(crate) fn of_career(&self, rows: &TableContext<'_>) -> SimpleExpr {
        self.greatest(self.rows_of_career(rows))
    }

    /// Tells whether an occupation has a figure that meets a condition.
    pub(crate) fn occupation_has(
        &self,
        rows: &TableContext<'_>,
        condition: impl FnOnce(&FilterColumn) -> SimpleExpr,
    ) -> SimpleExpr {
        self.has(rows, self.rows_of_occupation(rows), condition)
    }

    /// Tells whether one of the occupations of a guide has a figure that meets a condition.
    pub(crate) fn career_has(
        &self,
        rows: &TableContext<'_>,
        condition: impl FnOnce(&FilterColumn) -> SimpleExpr,
    ) -> SimpleExpr {
        self.has(rows, self.rows_of_career(rows), condition)
    }

    fn greatest(&self, (mut select, figures): (SelectStatement, DynIden)) -> SimpleExpr {
        select.expr(Func::max(column(&figures, self.column.clone())));
        subquery(select)
    }

    fn has(
        &self,
        rows: &TableContext<'_>,
        (mut select, figures): (SelectStatement, DynIden),
        condition: impl FnOnce(&FilterColumn) -> SimpleExpr,
    ) -> SimpleExpr {
        let figure = column(&figures, self.column.clone());
        select.expr(Expr::cust("1")).and_where(figure.clone().is_not_null()).and_where(condition(&rows.of(figure)));
        Expr::exists(select)
    }

    /// The row of figures of an occupation, and its alias.
    fn rows_of_occupation(&self, rows: &TableContext<'_>) -> (SelectStatement, DynIden) {
        let figures = rows.fresh("w");
        let is_published = column(&figures, "code").eq(self.published_code(rows, &rows.expr(listed::Column::SocCode)));
        let mut select = Query::select();
        select.from_as(self.table.clone(), figures.clone());
        select.and_where(self.is_current(rows, &figures)).and_where(is_published);
        (select, figures)
    }

    /// The rows of figures of the occupations of a guide, and their alias.
    fn rows_of_career(&self, rows: &TableContext<'_>) -> (SelectStatement, DynIden) {
        use career_occupation::Column::{RevisionId, Soc};
        let (named, figures) = (rows.fresh("o"), rows.fresh("w"));
        let is_published = column(&figures, "code").eq(self.published_code(rows, &column(&named, Soc)));
        let is_figure = self.is_current(rows, &figures).and(is_published);
        let mut select = Query::select();
        select.from_as(career_occupation::Entity, named.clone());
        select.join_as(JoinType::InnerJoin, self.table.clone(), figures.clone(), is_figure);
        select.and_where(column(&named, RevisionId).eq(rows.expr("revision_id")));
        (select, figures)
    }

    /// The code under which figures of a SOC code are published: itself where it has a row, else that of the group it is published with.
    fn published_code(&self, rows: &TableContext<'_>, soc: &SimpleExpr) -> SimpleExpr {
        use occupation_bls::Column::{Bls, Soc, Version};
        let (own, group, codes) = (rows.fresh("w"), rows.fresh("w"), rows.fresh("c"));
        let mut itself = Query::select();
        itself.expr(column(&own, "code")).from_as(self.table.clone(), own.clone());
        itself.and_where(self.is_current(rows, &own)).and_where(column(&own, "code").eq(soc.clone()));
        let is_group = self.is_current(rows, &group).and(column(&group, "code").eq(column(&codes, Bls)));
        let mut of_group = Query::select();
        of_group.expr(Func::min(column(&codes, Bls))).from_as(occupation_bls::Entity, codes.clone());
        of_group.join_as(JoinType::InnerJoin, self.table.clone(), group, is_group);
        of_group.and_where(column(&codes, Version).eq(version::<BlsCodes>(rows)));
        of_group.and_where(column(&codes, Soc).eq(soc.clone()));
        Func::coalesce([subquery(itself), subquery(of_group)]).into()
    }

    /// Tells whether a row is of the version that is shown, and of the place.
    fn is_current(&self, rows: &TableContext<'_>, figures: &DynIden) -> SimpleExpr {
        let is_version = column(figures, "version").eq((self.version)(rows));
        match &self.place {
            Some(place) => is_version.and(column(figures, "place").eq(&**place)),
            None => is_version,
        }
    }
}
