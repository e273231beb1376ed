//! `ValuesOfCorrectType`; notes where variables stand.
use std::slice;

use async_graphql::{
    Name, Pos, Positioned,
    indexmap::IndexMap,
    parser::types::{BaseType, Type},
};
use async_graphql_value::{ConstValue, Value};

use super::{Rules, Usage};
use crate::{
    coerce::Origin,
    schema::{Definition, Input},
};

/// A place in the document that takes a value.
#[derive(Clone, Copy)]
struct Spot<'a> {
    /// The argument or field.
    name: &'a str,
    /// Type that it takes; none where that is unknown.
    ty: Option<&'a Type>,
    has_default: bool,
    is_one_of: bool,
}

/// The places of what stands within a value, in the order in which it is written.
struct Places<'a> {
    around: Pos,
    within: slice::Iter<'a, Pos>,
}

impl Places<'_> {
    /// The next place; the one of the whole value where the places are not known.
    fn next(&mut self) -> Pos {
        self.within.next().copied().unwrap_or(self.around)
    }
}

impl<'a> Rules<'a> {
    /// A value of an argument; of none where that is unknown.
    pub(super) fn value(&mut self, value: &'a Positioned<Value>, input: Option<&'a Input>, name: &'a str) {
        let has_default = input.is_some_and(|input| input.has_default);
        let spot = Spot { name, ty: input.map(|input| &input.ty), has_default, is_one_of: false };
        let mut places = self.places(value.pos);
        self.given(&value.node, value.pos, spot, &mut places);
    }

    fn places(&self, around: Pos) -> Places<'a> {
        // Where an object has two fields of one name, one of them is lost, and places would be those of others.
        let within = self.document.places.get(&around).filter(|_| self.document.broken.is_empty());
        Places { around, within: within.map_or([].as_slice(), Vec::as_slice).iter() }
    }

    fn given(&mut self, value: &'a Value, at: Pos, spot: Spot<'a>, places: &mut Places<'a>) {
        let Spot { name, ty, .. } = spot;
        match (value, ty.map(|ty| &ty.base)) {
            (Value::Variable(variable), _) => {
                // The field that is given of such an object must not be null.
                let ty = ty.map(|ty| Type { nullable: ty.nullable && !spot.is_one_of, base: ty.base.clone() });
                let usage = Usage { name: variable, at, place: name.to_owned(), ty, has_default: spot.has_default };
                self.found.usages.push(usage);
            }
            (Value::Null, _) => {
                if let Some(ty) = ty.filter(|ty| !ty.nullable) {
                    self.report(at, format!("`{name}` must not be null: its type is `{ty}`."));
                }
            }
            (Value::List(items), Some(BaseType::List(item))) => {
                let spot = Spot { ty: Some(item), has_default: false, is_one_of: false, ..spot };
                for item in items {
                    let at = places.next();
                    self.given(item, at, spot, places);
                }
            }
            // One value stands for a list of it.
            (_, Some(BaseType::List(item))) => {
                self.given(value, at, Spot { ty: Some(item), is_one_of: false, ..spot }, places);
            }
            (Value::Object(values), Some(BaseType::Named(of))) if self.is_input_object(of) => {
                self.object(values, of, at, spot, places);
            }
            (_, Some(BaseType::Named(of))) => {
                self.leaf(value, of, at, name);
                self.within(value, spot, places);
            }
            (_, None) => self.within(value, spot, places),
        }
    }

    /// Notes the variables in a list or object whose type is unknown.
    fn within(&mut self, value: &'a Value, spot: Spot<'a>, places: &mut Places<'a>) {
        let spot = Spot { ty: None, has_default: false, is_one_of: false, ..spot };
        match value {
            Value::List(items) => {
                for item in items {
                    let at = places.next();
                    self.given(item, at, spot, places);
                }
            }
            Value::Object(fields) => {
                for value in fields.values() {
                    let _name = places.next();
                    let at = places.next();
                    self.given(value, at, spot, places);
                }
            }
            _ => {}
        }
    }

    fn is_input_object(&self, name: &str) -> bool {
        matches!(self.schema.get(name), Some(Definition::Input { .. }))
    }

    fn object(
        &mut self,
        values: &'a IndexMap<Name, Value>,
        of: &str,
        at: Pos,
        spot: Spot<'a>,
        places: &mut Places<'a>,
    ) {
        let Some(Definition::Input { fields, is_one_of }) = self.schema.get(of) else { return };
        let place = spot.name;
        for (name, field) in
            fields.iter().filter(|(name, field)| field.is_required() && !values.contains_key(name.as_str()))
        {
            self.report(at, format!("`{place}` needs the field `{name}` of type `{}`.", field.ty));
        }
        if *is_one_of && (values.len() != 1 || values.values().any(|value| *value == Value::Null)) {
            self.report(at, format!("`{place}` takes exactly one field of `{of}`, which must not be null."));
        }
        for (name, value) in values {
            let (name_at, at) = (places.next(), places.next());
            let field = fields.get(name.as_str());
            if field.is_none() {
                let message = format!("`{place}` {}", self.schema.unknown_field(name, of, fields));
                self.report(name_at, message);
            }
            let has_default = field.is_some_and(|field| field.has_default);
            let spot = Spot { name, ty: field.map(|field| &field.ty), has_default, is_one_of: *is_one_of };
            self.given(value, at, spot, places);
        }
    }

    fn leaf(&mut self, value: &Value, of: &str, at: Pos, name: &str) {
        if self.is_input_object(of) {
            return self.report(at, format!("`{name}` takes an object of type `{of}`: `{{ ... }}`."));
        }
        let known: Result<ConstValue, ()> = value.clone().into_const_with(|_| Ok(ConstValue::Null));
        if let Err(why) = self.schema.leaf(known.unwrap_or_default(), of, Origin::Document) {
            self.report(at, format!("`{name}` {why}"));
        }
    }

    /// The default of a variable.
    pub(super) fn default(&mut self, value: &ConstValue, ty: &Type, name: &Name, at: Pos) {
        let (value, mut places) = (value.clone().into_value(), self.places(at));
        self.constant(&value, at, (ty, name), &mut places);
    }

    fn constant(&mut self, value: &Value, at: Pos, (ty, name): (&Type, &str), places: &mut Places<'_>) {
        match (value, &ty.base) {
            (Value::Null, _) if ty.nullable => {}
            (Value::Null, _) => self.report(at, format!("`{name}` must not be null: its type is `{ty}`.")),
            (Value::List(items), BaseType::List(item)) => {
                for value in items {
                    let at = places.next();
                    self.constant(value, at, (item, name), places);
                }
            }
            (_, BaseType::List(item)) => self.constant(value, at, (item, name), places),
            (Value::Object(values), BaseType::Named(of)) if self.is_input_object(of) => {
                let Some(Definition::Input { fields, is_one_of }) = self.schema.get(of) else { return };
                for (field, input) in
                    fields.iter().filter(|(field, input)| input.is_required() && !values.contains_key(field.as_str()))
                {
                    self.report(at, format!("`{name}` needs the field `{field}` of type `{}`.", input.ty));
                }
                if *is_one_of && (values.len() != 1 || values.values().any(|value| *value == Value::Null)) {
                    self.report(at, format!("`{name}` takes exactly one field of `{of}`, which must not be null."));
                }
                for (field, value) in values {
                    let (name_at, at) = (places.next(), places.next());
                    match fields.get(field.as_str()) {
                        Some(input) => self.constant(value, at, (&input.ty, field), places),
                        None => {
                            self.report(name_at, format!("`{name}` {}", self.schema.unknown_field(field, of, fields)));
                        }
                    }
                }
            }
            (_, BaseType::Named(of)) => self.leaf(value, of, at, name),
        }
    }
}
