//! `#[section]`: an object, its key, the binding of its parts, and the list of the entries that it describes.
use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemStruct, Result};

use crate::{
    arguments::Arguments,
    column::{columns, slug},
    fields::parse,
    object::{Names, Parts, derive},
    table::{List, Table},
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut arguments = Arguments::parse("section", arguments)?;
    let key = arguments.required_text("key", "key = \"faq\"")?;
    let names = Names::take(&mut arguments)?;
    let complex = arguments.flag("complex")?;
    let entry = arguments.type_of("entry")?;
    let list = entry.is_some().then(|| List::take(&mut arguments)).transpose()?;
    arguments.end()?;
    let mut item = parse("section", item)?;
    let mut listed = columns(&mut item)?;
    let rows = match (entry, list) {
        (Some(node), Some(list)) => {
            listed.push(slug());
            let stem = Table::last(&node)?;
            rows(&item, &Table { module: Table::name(&stem), stem, node, columns: listed, owner: None, list })?
        }
        _ => match listed.first() {
            None => TokenStream::new(),
            Some(column) => {
                let message = "the columns of a section are those of an entry: write `entry = Source`, `list` and `about` in `#[section]`";
                return Err(syn::Error::new(column.name.span(), message));
            }
        },
    };
    let parts = Parts::take(&mut item)?;
    derive(&mut item, &names, complex)?;
    let section = section(&item, &key, &parts);
    Ok(quote!(#item #section #rows))
}

fn section(item: &ItemStruct, key: &syn::LitStr, parts: &[Parts]) -> TokenStream {
    let name = &item.ident;
    let holds = parts.iter().map(|part| part.holds(item));
    let of: Vec<_> = parts.iter().map(|part| &part.of).collect();
    let bind = (!of.is_empty()).then(|| {
        quote! {
            fn bind(&mut self, entry: &::kernel::Entry) {
                #(
                    for part in <Self as ::kernel::document::HoldsParts<#of>>::parts_mut(self) {
                        ::std::sync::Arc::make_mut(part).owner = entry.into();
                    }
                )*
            }

            fn parts() -> Vec<::std::borrow::Cow<'static, str>> {
                vec![#(<#of as ::async_graphql::OutputType>::type_name()),*]
            }
        }
    });
    quote! {
        impl ::kernel::Section for #name {
            const NAME: &'static str = #key;

            #bind
        }

        #(#holds)*
    }
}

/// The rows of entries, and the list of them.
fn rows(item: &ItemStruct, table: &Table) -> Result<TokenStream> {
    let (name, node, conditions, order) = (&item.ident, &table.node, table.conditions(), table.order());
    let row = table.row(&quote!(entry.slug().to_owned()));
    let order = order.map(|order| quote!(app.order::<#order>();));
    let table = table.expand()?;
    Ok(quote! {
        #table

        impl ::kernel::ListedEntry for #node {
            fn register(app: &mut ::kernel::App) {
                app.filter::<#conditions>();
                #order
            }

            fn project(with: &::kernel::document::CheckedDocument, entry: &::kernel::Entry, rows: &mut ::kernel::store::Rows) {
                if let Some(this) = with.section::<#name>() {
                    rows.insert(#row);
                }
            }
        }
    })
}
