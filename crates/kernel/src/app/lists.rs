//! Lists: root fields and back links, and what modules add to their filters and orders.
use std::any::TypeId;

use async_graphql::{InputType, ObjectType, Value};

use super::App;
use crate::{
    Result,
    list::{
        BackLinks, BackLinksField, DatesFilter, DatesOrder, EntriesOf, Filter, FilterFields, FilterPart, ListParts,
        Listed, LogOf, Order, OrderFields, OrderPart, OrderTerm, Values, back_links, dates_condition, dates_term,
        entries, part, term,
    },
    open::{Extend, input_fields},
};

impl App {
    /// Adds the root field that lists all visible nodes.
    pub fn list<T: Listed>(&mut self) {
        self.listed.push((self.module, T::type_name().into_owned()));
        self.table::<T::Table>();
        self.field::<EntriesOf<T>>(entries::<T>);
    }

    /// Describes the pages of lists of `T` that are in memory as a whole.
    pub fn values<T: ObjectType + 'static>(&mut self) {
        self.schema.push(Box::new(|schema, _| schema.register_output_type::<LogOf<T, Values<T>>>()));
    }

    /// Adds the list of what links to an object.
    pub fn back_links<L: BackLinks>(&mut self) {
        self.table::<L::Table>();
        self.field::<BackLinksField<L>>(back_links::<L>);
    }

    /// Adds filter fields for the nodes `P::Of`.
    pub fn filter<P: FilterFields>(&mut self) {
        self.add_filter::<P::Of, P>(part::<P>);
    }

    fn add_filter<T: Listed, P: InputType + 'static>(&mut self, part: FilterPart) {
        self.claim::<Filter<T>, P>();
        self.catalog.of_mut::<ListParts>().filters.entry(TypeId::of::<T>()).or_default().push(part);
        self.schema.push(Box::new(|schema, _| schema.register_input_type::<Extend<Filter<T>, P>>()));
    }

    /// Adds order fields for the nodes `P::Of`.
    pub fn order<P: OrderFields>(&mut self) {
        self.add_order::<P::Of, P>(term::<P>);
    }

    fn add_order<T: Listed, P: InputType + 'static>(&mut self, term: fn(Value) -> Result<OrderTerm>) {
        let fields = self.claim::<Order<T>, P>();
        let part = OrderPart { fields, term };
        self.catalog.of_mut::<ListParts>().orders.entry(TypeId::of::<T>()).or_default().push(part);
        self.schema.push(Box::new(|schema, _| schema.register_input_type::<Extend<Order<T>, P>>()));
    }

    /// Adds filters and orders by the dates of the entries of a kind.
    pub(super) fn dates<K: Listed>(&mut self) {
        self.add_filter::<K, DatesFilter>(dates_condition);
        self.add_order::<K, DatesOrder>(dates_term);
    }

    /// The fields that the module adds to an open input; none of them may have been added before.
    fn claim<I: InputType, P: InputType>(&mut self) -> Vec<String> {
        let second = self.module;
        let fields: Vec<String> = input_fields::<P>(&mut self.outputs).into_keys().collect();
        for field in &fields {
            let field = format!("{}.{field}", I::type_name());
            if let Some(first) = self.input_fields.insert(field.clone(), second) {
                self.contradictions.push(format!("the field `{field}` is added by `{first}` and by `{second}`"));
            }
        }
        fields
    }
}
