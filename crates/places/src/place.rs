//! The object `Place`.
use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, OneofObject, OutputType as _, SimpleObject};
use datasets::{Block, Dataset, block, version};
use futures_util::future::try_join_all;
use kernel::{
    Entry, Kind as _, Loaders, Node, Result, enumeration, global_id,
    list::{
        Direction, FilterFields, KeyFilter, ListValue as _, Listed, OrderFields, OrderTerm, TableContext, TextFilter,
        all_given,
    },
    request,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SimpleExpr};

use crate::{
    PlaceKey, PlaceRow, Places,
    table::{DATASET, place_of_release as listed, place_within},
};

/// Kind of a place.
#[enumeration(filter = "Conditions on the kind of a place.")]
pub enum PlaceKind {
    /// The United States as a whole.
    Nation,
    /// A state or a territory of the United States.
    State,
    /// A metropolitan area: a city and its surroundings, which may lie in several states.
    MetropolitanArea,
    /// An area between the metropolitan areas of a state.
    NonmetropolitanArea,
}

/// A place for which labour data is published.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Place {
    #[graphql(skip)]
    release: Entry,
    #[graphql(skip)]
    row: Arc<PlaceRow>,
    /// The name, such as `California` or `Cincinnati, OH-KY-IN`.
    name: String,
}

kernel::open!(Place);

impl Place {
    /// A place of a release of the data set.
    fn new(release: Entry, row: &PlaceRow) -> Self {
        Self { release, name: row.name.clone(), row: Arc::new(row.clone()) }
    }

    /// The code.
    pub fn code(&self) -> &str {
        &self.row.code
    }
}

/// The place with this code. Codes of seven digits that the publisher gives to states and metropolitan areas lead to them, too.
pub async fn by_code(loaders: &Loaders, code: &str) -> Result<Option<Place>> {
    let Some(Block { dataset, rows }) = block::<Places>(loaders, code).await? else { return Ok(None) };
    Ok(rows.first().map(|row| Place::new(dataset.entry().clone(), row)))
}

impl Node for Place {
    type Of = Dataset;

    async fn find(ctx: &Context<'_>, entry: Entry, part: String) -> Result<Option<Arc<Self>>> {
        if entry.slug() != DATASET {
            return Ok(None);
        }
        Ok(by_code(request(ctx), &part).await?.map(Arc::new))
    }
}

impl Listed for Place {
    type Table = listed::Entity;

    const LIST: &'static str = "places";
    const ABOUT: &'static str = "All places of labour data: the nation, its states and territories, metropolitan and nonmetropolitan areas; by kind and name unless `orderBy` is given.";

    fn require(rows: &TableContext<'_>) {
        datasets::require::<Places>(rows);
    }

    fn default_order() -> Vec<OrderTerm> {
        vec![
            PlaceKind::term(listed::Column::Kind, Direction::Asc),
            OrderTerm::text(listed::Column::Name, Direction::Asc),
        ]
    }
}

/// Fields of a place beside its name.
pub(crate) struct PlaceFields(Place);

impl From<&Place> for PlaceFields {
    fn from(place: &Place) -> Self {
        Self(place.clone())
    }
}

#[Object]
impl PlaceFields {
    /// The global id: opaque, the same in every database and after every sync.
    async fn id(&self) -> ID {
        global_id(Place::type_name(), &self.0.release.part_key(self.0.code()))
    }

    /// The code, such as `US-CA`.
    async fn code(&self) -> PlaceKey {
        PlaceKey::parse(self.0.code()).unwrap_or_default()
    }

    /// The code of the U.S. Bureau of Labor Statistics: seven digits, such as `0600000` for California.
    async fn area_code(&self) -> &str {
        &self.0.row.area
    }

    /// Kind of the place.
    async fn kind(&self) -> PlaceKind {
        self.0.row.kind
    }

    /// The states in which an area lies; empty for a state and the nation.
    async fn states(&self, ctx: &Context<'_>) -> Result<Vec<Place>> {
        let found = self.0.row.states.iter().map(|state| by_code(request(ctx), state));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    /// The data set that the place is taken from.
    async fn dataset(&self) -> Dataset {
        Dataset::new(self.0.release.clone())
    }
}

#[derive(InputObject)]
pub(crate) struct PlaceConditions {
    /// Conditions on the name.
    name: Option<TextFilter>,
    /// Conditions on the code.
    code: Option<KeyFilter>,
    /// Conditions on the kind of place.
    kind: Option<PlaceKindFilter>,
    /// The place lies in a state that meets these conditions on its code; areas may lie in several.
    state: Option<KeyFilter>,
}

impl FilterFields for PlaceConditions {
    type Of = Place;

    fn condition(&self, rows: &TableContext<'_>) -> Result<SimpleExpr> {
        Ok(all_given([
            self.name.as_ref().map(|filter| filter.on(&rows.column(listed::Column::Name))),
            self.code.as_ref().map(|filter| filter.on(&rows.column(listed::Column::Code))),
            self.kind.as_ref().map(|filter| PlaceKind::condition(filter, &rows.column(listed::Column::Kind))),
            self.state.as_ref().map(|filter| lies_in(filter, rows)),
        ]))
    }
}

/// Tells whether a place lies in a state that meets the conditions.
fn lies_in(filter: &KeyFilter, rows: &TableContext<'_>) -> SimpleExpr {
    use place_within::Column::{Place as Of, Step, Version, Wider};
    let alias = rows.fresh("w");
    let column = |column: place_within::Column| Expr::col((alias.clone(), column));
    let mut select = Query::select();
    select
        .expr(column(Of))
        .from_as(place_within::Entity, alias.clone())
        .and_where(column(Version).eq(version::<Places>(rows)))
        .and_where(column(Step).gt(0))
        .and_where(column(Wider).ne("US"))
        .and_where(filter.on(&rows.of(column(Wider))));
    rows.expr(listed::Column::Code).in_subquery(select)
}

#[derive(OneofObject)]
pub(crate) enum PlaceOrders {
    /// By name.
    Name(Direction),
    /// By code.
    Code(Direction),
    /// By kind: the nation, states, metropolitan areas, nonmetropolitan areas.
    Kind(Direction),
}

impl OrderFields for PlaceOrders {
    type Of = Place;

    fn term(&self) -> OrderTerm {
        match self {
            Self::Name(direction) => OrderTerm::text(listed::Column::Name, *direction),
            Self::Code(direction) => OrderTerm::text(listed::Column::Code, *direction),
            Self::Kind(direction) => PlaceKind::term(listed::Column::Kind, *direction),
        }
    }
}
