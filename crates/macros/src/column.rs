//! `#[column]`: what a list is filtered and sorted by.
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    Attribute, Expr, Ident, ItemStruct, LitStr, Result, Token, Type,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Parser as _},
    parse_quote,
    punctuated::Punctuated,
};

use crate::fields::{doc, inside, literal, name, sentence, take, tokens};

/// A column of the table of a part or an entry.
pub(crate) struct Column {
    /// The name of the condition and the criterion, in snake_case.
    pub(crate) name: Ident,
    /// The column in the table.
    pub(crate) stored: Ident,
    /// The type that says what can be asked of it.
    pub(crate) of: Type,
    /// The value, read from `this` and from what a row is made with.
    pub(crate) value: TokenStream,
    pub(crate) filter: Option<LitStr>,
    pub(crate) order: Option<LitStr>,
    /// True where the type is an `Option`.
    pub(crate) nullable: bool,
}

/// Contents of the parentheses.
struct Given {
    made: Option<(Ident, Type, Expr)>,
    filter: Option<Option<LitStr>>,
    order: Option<Option<LitStr>>,
    stored: Option<LitStr>,
}

/// `filter`, or `filter = "…"`.
struct Wish(Ident, Option<LitStr>);

impl Parse for Wish {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word = Ident::parse_any(input)?;
        Ok(Self(word, input.parse::<Option<Token![=]>>()?.map(|_| input.parse()).transpose()?))
    }
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut given = Self { made: None, filter: None, order: None, stored: None };
        if input.peek(Ident) && input.peek2(Token![:]) {
            let name = input.parse()?;
            input.parse::<Token![:]>()?;
            let of = input.parse()?;
            input.parse::<Token![=]>()?;
            given.made = Some((name, of, input.parse()?));
            input.parse::<Option<Token![,]>>()?;
        }
        for Wish(word, text) in Punctuated::<Wish, Token![,]>::parse_terminated(input)? {
            match (word.to_string().as_str(), text) {
                ("filter", text) => given.filter = Some(text),
                ("order", text) => given.order = Some(text),
                ("stored", Some(text)) => given.stored = Some(text),
                _ => {
                    let message = format!(
                        "`{word}` is not an argument of `#[column]`; it takes `filter`, `order`, `stored = \"…\"`, and before them \
                         `name: Type = function`"
                    );
                    return Err(syn::Error::new(word.span(), message));
                }
            }
        }
        Ok(given)
    }
}

/// The columns of a struct, those above it first; their attributes are taken away.
pub(crate) fn columns(item: &mut ItemStruct) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    for attribute in take(&mut item.attrs, "column") {
        let given = parse(&attribute)?;
        let Some((name, of, made)) = given.made.clone() else {
            let message = "a column above a struct has a function that reads it from the whole: `#[column(name: Type = function)]`";
            return Err(syn::Error::new_spanned(attribute, message));
        };
        columns.push(column(name, of, quote!(&(#made)(this, with)), given, "")?);
    }
    for field in &mut item.fields {
        for attribute in take(&mut field.attrs, "column") {
            let given = parse(&attribute)?;
            let (field_name, about) = (name(field).clone(), doc(&field.attrs));
            let column = match given.made.clone() {
                None => column(field_name.clone(), field.ty.clone(), quote!(&this.#field_name), given, &about)?,
                Some((name, of, made)) => {
                    let value = match inside("Option", &field.ty) {
                        Some(_) => quote!(&this.#field_name.as_ref().and_then(#made)),
                        None => quote!(&(#made)(&this.#field_name)),
                    };
                    column(name, of, value, given, "")?
                }
            };
            columns.push(column);
        }
    }
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].iter().any(|other| other.name == column.name || other.stored == column.stored) {
            return Err(syn::Error::new(column.name.span(), format!("there are two columns `{}`", column.name)));
        }
    }
    Ok(columns)
}

fn parse(attribute: &Attribute) -> Result<Given> {
    Given::parse.parse2(tokens(attribute)?)
}

fn column(name: Ident, of: Type, value: TokenStream, given: Given, doc: &str) -> Result<Column> {
    let describe = |wish: Option<Option<LitStr>>, what: &str, words: &str| match wish {
        None => Ok(None),
        Some(Some(text)) => Ok(Some(text)),
        Some(None) => match sentence(words, doc) {
            Some(text) => Ok(Some(literal(&text))),
            None => {
                let message = format!(
                    "`{name}` needs words for its {what}: write `{what} = \"{words} …\"`, as its own sentence does not begin with an article"
                );
                Err(syn::Error::new(name.span(), message))
            }
        },
    };
    let filter = describe(given.filter, "filter", "Conditions on")?;
    let order = describe(given.order, "order", "By")?;
    let stored = match given.stored {
        Some(text) => Ident::new(&text.value(), text.span()),
        None => name.clone(),
    };
    let nullable = inside("Option", &of).is_some();
    Ok(Column { name, stored, of, value, filter, order, nullable })
}

/// The column `slug` of entries: their natural key.
pub(crate) fn slug() -> Column {
    Column {
        name: Ident::new("slug", Span::call_site()),
        stored: Ident::new("node_key", Span::call_site()),
        of: parse_quote!(::kernel::Slug),
        value: TokenStream::new(),
        filter: Some(literal("Conditions on the slug.")),
        order: Some(literal("By slug.")),
        nullable: false,
    }
}
