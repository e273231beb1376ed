//! From tokens to a document, as the specification has it (appendix "Grammar Summary").
use std::collections::{HashMap, hash_map::Entry};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, FragmentSpread,
        InlineFragment, OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeCondition,
        VariableDefinition,
    },
};
use async_graphql_value::{ConstValue, Value};

use crate::{
    Broken, Document, SyntaxError,
    lexer::{Kind, Lexer, Token},
};

/// The number of selections, lists and objects that may stand within each other: each takes a piece of the stack.
const MAX_NESTING: usize = 128;

/// Reads a document.
pub fn parse(source: &str) -> Result<Document, SyntaxError> {
    let mut lexer = Lexer::new(source);
    let token = lexer.next()?;
    let mut parser = Parser { lexer, token, nesting: 0, places: HashMap::new(), broken: Vec::new() };
    let executable = parser.document()?;
    Ok(Document { executable, places: parser.places, broken: parser.broken })
}

pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    pub(crate) token: Token<'a>,
    nesting: usize,
    /// The places of what stands within values and types, by the place of the outermost one.
    pub(crate) places: HashMap<Pos, Vec<Pos>>,
    /// Rules that are broken by what no document can hold, such as two operations of one name.
    pub(crate) broken: Vec<Broken>,
}

pub(crate) type Parsed<T> = Result<T, SyntaxError>;

impl Parser<'_> {
    fn document(&mut self) -> Parsed<ExecutableDocument> {
        let (mut anonymous, mut operations, mut fragments) = (Vec::new(), HashMap::new(), HashMap::new());
        loop {
            match (self.token.kind, self.token.text) {
                (Kind::Punctuator(b'{'), _) => anonymous.push(self.operation()?.1),
                (Kind::Name, "query" | "mutation" | "subscription") => match self.operation()? {
                    (Some(name), operation) => self.keep("operation", &mut operations, name, operation),
                    (None, operation) => anonymous.push(operation),
                },
                (Kind::Name, "fragment") => {
                    let (name, fragment) = self.fragment()?;
                    self.keep("fragment", &mut fragments, name, fragment);
                }
                _ => return Err(self.unexpected("an operation or a fragment")),
            }
            if self.token.kind == Kind::End {
                break;
            }
        }
        let fragments = fragments.into_iter().map(|(name, (_, fragment))| (name, fragment)).collect();
        let mut operations: HashMap<_, _> =
            operations.into_iter().map(|(name, (_, operation))| (name, operation)).collect();
        if operations.is_empty() && anonymous.len() == 1 {
            let operations = anonymous.pop().map(DocumentOperations::Single);
            return Ok(ExecutableDocument { operations: operations.unwrap_or_else(none), fragments });
        }
        for (index, operation) in anonymous.into_iter().enumerate() {
            let message = "An operation without a name must be the only one of its document. Give it a name.";
            self.broken.push(Broken::new(message, operation.pos));
            // No name begins with a digit.
            operations.insert(Name::new(index.to_string()), operation);
        }
        Ok(ExecutableDocument { operations: DocumentOperations::Multiple(operations), fragments })
    }

    /// Keeps the first definition of a name, and reports the others.
    fn keep<T>(
        &mut self,
        what: &str,
        all: &mut HashMap<Name, (Pos, Positioned<T>)>,
        name: Positioned<Name>,
        definition: Positioned<T>,
    ) {
        match all.entry(name.node) {
            Entry::Occupied(first) => {
                let message = format!("There is more than one {what} named \"{}\".", first.key());
                self.broken.push(Broken { message, at: vec![first.get().0, name.pos] });
            }
            Entry::Vacant(vacant) => {
                vacant.insert((name.pos, definition));
            }
        }
    }

    fn operation(&mut self) -> Parsed<(Option<Positioned<Name>>, Positioned<OperationDefinition>)> {
        let at = self.token.at;
        let (mut ty, mut name, mut variable_definitions, mut directives) =
            (OperationType::Query, None, Vec::new(), Vec::new());
        if self.token.kind == Kind::Name {
            ty = match self.token.text {
                "mutation" => OperationType::Mutation,
                "subscription" => OperationType::Subscription,
                _ => OperationType::Query,
            };
            self.advance()?;
            if self.token.kind == Kind::Name {
                name = Some(self.name()?);
            }
            variable_definitions = self.listed(b'(', b')', Self::variable_definition)?;
            directives = self.directives(Self::value)?;
        }
        let selection_set = self.selection_set()?;
        let operation = OperationDefinition { ty, variable_definitions, directives, selection_set };
        Ok((name, Positioned::new(operation, at)))
    }

    fn variable_definition(&mut self) -> Parsed<Positioned<VariableDefinition>> {
        let at = self.token.at;
        self.punctuator(b'$')?;
        let name = self.name()?;
        self.punctuator(b':')?;
        let var_type = self.ty()?;
        let default_value = if self.takes(b'=')? { Some(self.constant()?) } else { None };
        let directives = self.directives(|parser| parser.constant().map(|value| value.map(ConstValue::into_value)))?;
        Ok(Positioned::new(VariableDefinition { name, var_type, directives, default_value }, at))
    }

    fn ty(&mut self) -> Parsed<Positioned<Type>> {
        let at = self.token.at;
        let mut inner = at;
        let ty = self.type_within(&mut inner)?;
        if inner != at {
            self.places.insert(at, vec![inner]);
        }
        Ok(Positioned::new(ty, at))
    }

    fn type_within(&mut self, named_at: &mut Pos) -> Parsed<Type> {
        let base = if self.takes(b'[')? {
            let items = self.nested(|parser| parser.type_within(named_at))?;
            self.punctuator(b']')?;
            BaseType::List(Box::new(items))
        } else {
            *named_at = self.token.at;
            BaseType::Named(self.name()?.node)
        };
        Ok(Type { base, nullable: !self.takes(b'!')? })
    }

    fn selection_set(&mut self) -> Parsed<Positioned<SelectionSet>> {
        let at = self.token.at;
        if self.token.kind != Kind::Punctuator(b'{') {
            return Err(self.unexpected("`{`"));
        }
        let items = self.nested(|parser| parser.listed(b'{', b'}', Self::selection))?;
        Ok(Positioned::new(SelectionSet { items }, at))
    }

    fn selection(&mut self) -> Parsed<Positioned<Selection>> {
        let at = self.token.at;
        let selection = if self.token.kind == Kind::Spread {
            self.advance()?;
            self.spread(at)?
        } else {
            Selection::Field(Positioned::new(self.field()?, at))
        };
        Ok(Positioned::new(selection, at))
    }

    fn field(&mut self) -> Parsed<Field> {
        let mut name = self.name()?;
        let mut alias = None;
        if self.takes(b':')? {
            alias = Some(std::mem::replace(&mut name, self.name()?));
        }
        let arguments = self.listed(b'(', b')', |parser| parser.argument(Self::value))?;
        let directives = self.directives(Self::value)?;
        let has_selection = self.token.kind == Kind::Punctuator(b'{');
        let selection_set = if has_selection { self.selection_set()? } else { Positioned::default() };
        Ok(Field { alias, name, arguments, directives, selection_set })
    }

    fn spread(&mut self, at: Pos) -> Parsed<Selection> {
        let is_on = self.token.kind == Kind::Name && self.token.text == "on";
        if self.token.kind == Kind::Name && !is_on {
            let (fragment_name, directives) = (self.name()?, self.directives(Self::value)?);
            return Ok(Selection::FragmentSpread(Positioned::new(FragmentSpread { fragment_name, directives }, at)));
        }
        let type_condition = if is_on { Some(self.type_condition()?) } else { None };
        let directives = self.directives(Self::value)?;
        let fragment = InlineFragment { type_condition, directives, selection_set: self.selection_set()? };
        Ok(Selection::InlineFragment(Positioned::new(fragment, at)))
    }

    fn fragment(&mut self) -> Parsed<(Positioned<Name>, Positioned<FragmentDefinition>)> {
        let at = self.token.at;
        self.advance()?;
        if self.token.text == "on" {
            return Err(self.unexpected("the name of the fragment"));
        }
        let name = self.name()?;
        let type_condition = self.type_condition()?;
        let directives = self.directives(Self::value)?;
        let fragment = FragmentDefinition { type_condition, directives, selection_set: self.selection_set()? };
        Ok((name, Positioned::new(fragment, at)))
    }

    fn type_condition(&mut self) -> Parsed<Positioned<TypeCondition>> {
        let at = self.token.at;
        if (self.token.kind, self.token.text) != (Kind::Name, "on") {
            return Err(self.unexpected("`on` and the name of a type"));
        }
        self.advance()?;
        Ok(Positioned::new(TypeCondition { on: self.name()? }, at))
    }

    fn directives(&mut self, value: fn(&mut Self) -> Parsed<Positioned<Value>>) -> Parsed<Vec<Positioned<Directive>>> {
        let mut directives = Vec::new();
        loop {
            let at = self.token.at;
            if !self.takes(b'@')? {
                return Ok(directives);
            }
            let name = self.name()?;
            let arguments = self.listed(b'(', b')', |parser| parser.argument(value))?;
            directives.push(Positioned::new(Directive { name, arguments }, at));
        }
    }

    fn argument(
        &mut self,
        value: fn(&mut Self) -> Parsed<Positioned<Value>>,
    ) -> Parsed<(Positioned<Name>, Positioned<Value>)> {
        let name = self.name()?;
        self.punctuator(b':')?;
        Ok((name, value(self)?))
    }

    /// One or more between brackets, or nothing where the opening one does not stand here.
    fn listed<T>(&mut self, opening: u8, closing: u8, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        if self.takes(opening)? {
            items.push(item(self)?);
            while !self.takes(closing)? {
                items.push(item(self)?);
            }
        }
        Ok(items)
    }

    /// Reads what stands one level deeper.
    pub(crate) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting == MAX_NESTING {
            let message = format!("No more than {MAX_NESTING} brackets may stand within each other.");
            return Err(SyntaxError { message, at: self.token.at });
        }
        self.nesting += 1;
        let read = read(self);
        self.nesting -= 1;
        read
    }

    pub(crate) fn name(&mut self) -> Parsed<Positioned<Name>> {
        if self.token.kind != Kind::Name {
            return Err(self.unexpected("a name"));
        }
        let name = Positioned::new(Name::new(self.token.text), self.token.at);
        self.advance()?;
        Ok(name)
    }

    /// Passes over a punctuator that must stand here.
    pub(crate) fn punctuator(&mut self, which: u8) -> Parsed<()> {
        if self.takes(which)? { Ok(()) } else { Err(self.unexpected(&format!("`{}`", char::from(which)))) }
    }

    /// Passes over a punctuator; tells whether it stood here.
    pub(crate) fn takes(&mut self, which: u8) -> Parsed<bool> {
        let stands = self.token.kind == Kind::Punctuator(which);
        if stands {
            self.advance()?;
        }
        Ok(stands)
    }

    pub(crate) fn advance(&mut self) -> Parsed<()> {
        self.token = self.lexer.next()?;
        Ok(())
    }

    pub(crate) fn unexpected(&self, expected: &str) -> SyntaxError {
        let found = match self.token.kind {
            Kind::End => "the end of the document".to_owned(),
            Kind::String | Kind::BlockString => "a string".to_owned(),
            _ => format!("`{}`", self.token.text),
        };
        SyntaxError { message: format!("Expected {expected}, found {found}."), at: self.token.at }
    }
}

fn none() -> DocumentOperations {
    DocumentOperations::Multiple(HashMap::new())
}
