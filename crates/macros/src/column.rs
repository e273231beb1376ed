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
    /// The name of the condition and the criterion, in snake case.
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
    filter: Wish,
    order: Wish,
    stored: Option<LitStr>,
}

/// Wish for a condition or a criterion.
#[derive(Default)]
enum Wish {
    #[default]
    None,
    /// With the description that follows from the field: `filter`.
    Described,
    /// With this description: `filter = "…"`.
    As(LitStr),
}

impl From<Option<LitStr>> for Wish {
    fn from(text: Option<LitStr>) -> Self {
        text.map_or(Self::Described, Self::As)
    }
}

/// `filter`, or `filter = "…"`.
struct Word(Ident, Option<LitStr>);

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word = Ident::parse_any(input)?;
        Ok(Self(word, input.parse::<Option<Token![=]>>()?.map(|_| input.parse()).transpose()?))
    }
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut given = Self { made: None, filter: Wish::None, order: Wish::None, stored: None };
        if input.peek(Ident) && input.peek2(Token![:]) {
            let name = input.parse()?;
            input.parse::<Token![:]>()?;
            let of = input.parse()?;
            input.parse::<Token![=]>()?;
            given.made = Some((name, of, input.parse()?));
            input.parse::<Option<Token![,]>>()?;
        }
        for Word(word, text) in Punctuated::<Word, Token![,]>::parse_terminated(input)? {
            match (word.to_string().as_str(), text) {
                ("filter", text) => given.filter = text.into(),
                ("order", text) => given.order = text.into(),
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
                    let value = if inside("Option", &field.ty).is_some() {
                        quote!(&this.#field_name.as_ref().and_then(#made))
                    } else {
                        quote!(&(#made)(&this.#field_name))
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
    let describe = |wish: Wish, what: &str, words: &str| match wish {
        Wish::None => Ok(None),
        Wish::As(text) => Ok(Some(text)),
        Wish::Described => {
            if let Some(text) = sentence(words, doc) {
                Ok(Some(literal(&text)))
            } else {
                let message = format!(
                    "`{name}` needs words for its {what}: write `{what} = \"{words} …\"`, as its own sentence does not begin with an article"
                );
                Err(syn::Error::new(name.span(), message))
            }
        }
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
