//! Parts that the modules add to filters and orders.
use std::{any::TypeId, collections::HashMap};

use super::{filter::FilterPart, order::OrderPart};

/// The parts of filters and orders, by the type of the nodes.
#[derive(Default)]
pub(crate) struct ListParts {
    pub(crate) filters: HashMap<TypeId, Vec<FilterPart>>,
    pub(crate) orders: HashMap<TypeId, Vec<OrderPart>>,
}
