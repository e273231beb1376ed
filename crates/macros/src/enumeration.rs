//! `#[enumeration]`: the derives of an enum of a document, its filter, and its order.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{ItemEnum, Result, parse_quote};

use crate::{arguments::Arguments, fields::describe};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut arguments = Arguments::parse("enumeration", arguments)?;
    let filter = arguments.text("filter")?;
    arguments.end()?;
    let mut item: ItemEnum = syn::parse2(item)?;
    describe(&item.attrs, &item.ident)?;
    for variant in &item.variants {
        describe(&variant.attrs, &variant.ident)?;
    }
    item.attrs.push(parse_quote!(#[derive(
        Clone, Copy, Debug, PartialEq, Eq, Hash, ::async_graphql::Enum, ::serde::Serialize, ::serde::Deserialize
    )]));
    item.attrs.push(parse_quote!(#[serde(rename_all = "SCREAMING_SNAKE_CASE")]));
    let filter = filter.map(|about| {
        let (name, conditions) = (&item.ident, format_ident!("{}Filter", item.ident));
        quote!(::kernel::enum_filter!(#[doc = #about] #conditions, #name);)
    });
    Ok(quote!(#item #filter))
}
