//! Values as they are written in a document.
use async_graphql::{Name, Pos, Positioned, indexmap::IndexMap};
use async_graphql_value::{ConstValue, Number, Value};

use crate::{
    Broken, SyntaxError,
    lexer::Kind,
    parser::{Parsed, Parser},
    text,
};

/// Tells whether variables may stand in a value.
#[derive(Clone, Copy, PartialEq)]
enum Variables {
    Allowed,
    Refused,
}

impl Parser<'_> {
    /// A value that may hold variables.
    pub(crate) fn value(&mut self) -> Parsed<Positioned<Value>> {
        self.outermost(Variables::Allowed)
    }

    /// A value without variables.
    pub(crate) fn constant(&mut self) -> Parsed<Positioned<ConstValue>> {
        let value = self.outermost(Variables::Refused)?;
        // The parser has refused each variable.
        Ok(value.map(|value| value.into_const().unwrap_or_default()))
    }

    fn outermost(&mut self, variables: Variables) -> Parsed<Positioned<Value>> {
        let (at, mut places) = (self.token.at, Vec::new());
        let value = self.within(variables, &mut places)?;
        if !places.is_empty() {
            self.places.insert(at, places);
        }
        Ok(Positioned::new(value, at))
    }

    /// A value; the places of what stands in it are noted in the order in which they are written.
    fn within(&mut self, variables: Variables, places: &mut Vec<Pos>) -> Parsed<Value> {
        let (kind, text, at) = (self.token.kind, self.token.text, self.token.at);
        let value = match kind {
            Kind::Punctuator(b'[') => return self.nested(|parser| parser.list(variables, places)),
            Kind::Punctuator(b'{') => return self.nested(|parser| parser.object(variables, places)),
            Kind::Punctuator(b'$') => {
                self.advance()?;
                let name = self.name()?.node;
                if variables == Variables::Refused {
                    let message = format!("The variable `${name}` cannot stand here: the value must be constant.");
                    return Err(SyntaxError { message, at });
                }
                return Ok(Value::Variable(name));
            }
            Kind::Int | Kind::Float => number(kind, text)
                .map(Value::Number)
                .ok_or_else(|| SyntaxError { message: format!("The number `{text}` is too large."), at })?,
            Kind::String => Value::String(text::string(&text[1..text.len() - 1])),
            Kind::BlockString => Value::String(text::block_string(&text[3..text.len() - 3])),
            Kind::Name => match text {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                "null" => Value::Null,
                _ => Value::Enum(Name::new(text)),
            },
            _ => return Err(self.unexpected("a value")),
        };
        self.advance()?;
        Ok(value)
    }

    fn list(&mut self, variables: Variables, places: &mut Vec<Pos>) -> Parsed<Value> {
        self.advance()?;
        let mut items = Vec::new();
        while !self.takes(b']')? {
            places.push(self.token.at);
            items.push(self.within(variables, places)?);
        }
        Ok(Value::List(items))
    }

    fn object(&mut self, variables: Variables, places: &mut Vec<Pos>) -> Parsed<Value> {
        self.advance()?;
        let mut fields: IndexMap<Name, (Pos, Value)> = IndexMap::new();
        while !self.takes(b'}')? {
            let name = self.name()?;
            self.punctuator(b':')?;
            places.extend([name.pos, self.token.at]);
            let value = self.within(variables, places)?;
            if let Some((first, _)) = fields.get(&name.node) {
                let message = format!("There is more than one input field named \"{}\" in this object.", name.node);
                self.broken.push(Broken { message, at: vec![*first, name.pos] });
            } else {
                fields.insert(name.node, (name.pos, value));
            }
        }
        Ok(Value::Object(fields.into_iter().map(|(name, (_, value))| (name, value)).collect()))
    }
}

/// The number that is written so: one with a fraction or an exponent is never an integer.
fn number(kind: Kind, text: &str) -> Option<Number> {
    if kind == Kind::Int {
        if let Ok(number) = text.parse::<i64>() {
            return Some(number.into());
        }
        if let Ok(number) = text.parse::<u64>() {
            return Some(number.into());
        }
    }
    Number::from_f64(text.parse().ok()?)
}
