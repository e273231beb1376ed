//! Arguments of the attributes: `name`, `name = value` and `name(values)`, separated by commas.
use proc_macro2::{Span, TokenStream};
use syn::{
    Ident, LitStr, Result, Token, Type,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Parser as _},
    punctuated::Punctuated,
};

/// One argument.
pub(crate) struct Argument {
    name: Ident,
    value: Value,
}

enum Value {
    None,
    Text(LitStr),
    Type(Type),
    Search(LitStr, Vec<Ident>),
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = Ident::parse_any(input)?;
        if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            let searched = Ident::parse_any(&content)?;
            content.parse::<Token![=]>()?;
            let text = content.parse()?;
            content.parse::<Option<Token![,]>>()?;
            let columns = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
            let columns = std::iter::once(searched).chain(columns).collect();
            return Ok(Self { name, value: Value::Search(text, columns) });
        }
        if input.parse::<Option<Token![=]>>()?.is_none() {
            return Ok(Self { name, value: Value::None });
        }
        let value = if input.peek(LitStr) { Value::Text(input.parse()?) } else { Value::Type(input.parse()?) };
        Ok(Self { name, value })
    }
}

/// The arguments of one attribute, each to be taken once.
pub(crate) struct Arguments {
    given: Vec<Argument>,
    /// The name of the attribute, for errors.
    attribute: &'static str,
    taken: Vec<&'static str>,
}

impl Arguments {
    pub(crate) fn parse(attribute: &'static str, tokens: TokenStream) -> Result<Self> {
        let given = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens)?.into_iter().collect();
        Ok(Self { given, attribute, taken: Vec::new() })
    }

    fn take(&mut self, name: &'static str) -> Option<Argument> {
        self.taken.push(name);
        let index = self.given.iter().position(|argument| argument.name == name)?;
        Some(self.given.remove(index))
    }

    /// A text: `list = "faqs"`.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<LitStr>> {
        match self.take(name) {
            None => Ok(None),
            Some(Argument { value: Value::Text(text), .. }) => Ok(Some(text)),
            Some(argument) => Err(wrong(&argument, "a text in quotes")),
        }
    }

    /// A text that has to be given.
    pub(crate) fn required_text(&mut self, name: &'static str, example: &str) -> Result<LitStr> {
        let attribute = self.attribute;
        self.text(name)?.ok_or_else(|| missing(attribute, name, example))
    }

    /// A type: `of = Career`.
    pub(crate) fn type_of(&mut self, name: &'static str) -> Result<Option<Type>> {
        match self.take(name) {
            None => Ok(None),
            Some(Argument { value: Value::Type(of), .. }) => Ok(Some(of)),
            Some(argument) => Err(wrong(&argument, "a type, without quotes")),
        }
    }

    /// A type that has to be given.
    pub(crate) fn required_type(&mut self, name: &'static str, example: &str) -> Result<Type> {
        let attribute = self.attribute;
        self.type_of(name)?.ok_or_else(|| missing(attribute, name, example))
    }

    /// The name of a column: `sort_by = title`.
    pub(crate) fn column(&mut self, name: &'static str) -> Result<Option<Ident>> {
        let Some(argument) = self.take(name) else { return Ok(None) };
        if let Value::Type(Type::Path(path)) = &argument.value
            && let Some(column) = path.path.get_ident()
        {
            return Ok(Some(column.clone()));
        }
        Err(wrong(&argument, "the name of a column, without quotes"))
    }

    /// A word that stands alone: `open`.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool> {
        match self.take(name) {
            None => Ok(false),
            Some(Argument { value: Value::None, .. }) => Ok(true),
            Some(argument) => Err(wrong(&argument, "nothing behind it")),
        }
    }

    /// `search(text = "…", question, answer)`: the condition, its description, and the columns.
    pub(crate) fn search(&mut self) -> Result<Option<Search>> {
        let Some(argument) = self.take("search") else { return Ok(None) };
        match argument.value {
            Value::Search(about, mut names) if names.len() > 1 => {
                let field = names.remove(0);
                Ok(Some(Search { field, about, columns: names }))
            }
            _ => Err(wrong(&argument, "`(text = \"The description.\", column, column)`")),
        }
    }

    /// Fails for an argument that nobody took.
    pub(crate) fn end(self) -> Result<()> {
        match self.given.first() {
            None => Ok(()),
            Some(argument) => {
                let known = self.taken.join("`, `");
                let message =
                    format!("`{}` is not an argument of `#[{}]`; it takes `{known}`", argument.name, self.attribute);
                Err(syn::Error::new(argument.name.span(), message))
            }
        }
    }
}

/// A condition that one of several columns meets.
pub(crate) struct Search {
    pub(crate) field: Ident,
    pub(crate) about: LitStr,
    pub(crate) columns: Vec<Ident>,
}

fn wrong(argument: &Argument, expected: &str) -> syn::Error {
    syn::Error::new(argument.name.span(), format!("`{}` takes {expected}", argument.name))
}

fn missing(attribute: &str, name: &str, example: &str) -> syn::Error {
    syn::Error::new(Span::call_site(), format!("`#[{attribute}]` lacks `{name}`: write `{example}`"))
}
