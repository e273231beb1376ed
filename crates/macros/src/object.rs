//! `#[object]`: the derives of a struct of a document, and the way to its parts.
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Field, Ident, ItemStruct, LitStr, Result, Type, parse_quote};

use crate::{
    arguments::Arguments,
    fields::{inside, literal, name, parse, take, tokens},
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut arguments = Arguments::parse("object", arguments)?;
    let names = Names::take(&mut arguments)?;
    let complex = arguments.flag("complex")?;
    arguments.end()?;
    let mut item = parse("object", item)?;
    let parts = Parts::take(&mut item)?;
    derive(&mut item, &names, complex)?;
    let holds = parts.iter().map(|part| part.holds(&item));
    Ok(quote!(#item #(#holds)*))
}

/// The names in the schema.
pub(crate) struct Names {
    name: Option<LitStr>,
    input: Option<LitStr>,
}

impl Names {
    pub(crate) fn take(arguments: &mut Arguments) -> Result<Self> {
        Ok(Self { name: arguments.text("name")?, input: arguments.text("input")? })
    }
}

/// Adds the derives and their attributes.
pub(crate) fn derive(item: &mut ItemStruct, names: &Names, complex: bool) -> Result<()> {
    for field in &mut item.fields {
        let mut required = false;
        for attribute in take(&mut field.attrs, "field") {
            let mut arguments = Arguments::parse("field", tokens(&attribute)?)?;
            required = arguments.flag("required")?;
            arguments.end()?;
        }
        if inside("Vec", &field.ty).is_some() && !required {
            field.attrs.push(parse_quote!(#[graphql(default)]));
            field.attrs.push(parse_quote!(#[serde(default)]));
        }
    }
    let object = names.name.as_ref().map_or_else(|| item.ident.to_string(), LitStr::value);
    let input = names.input.clone().unwrap_or_else(|| literal(&format!("{object}Input")));
    item.attrs.push(parse_quote!(#[derive(
        Clone, Debug, ::serde::Serialize, ::serde::Deserialize, ::async_graphql::SimpleObject, ::async_graphql::InputObject
    )]));
    let object = names.name.as_ref().map(|name| quote!(name = #name,));
    let complex = complex.then(|| quote!(complex,));
    item.attrs.push(parse_quote!(#[graphql(#complex #object input_name = #input)]));
    item.attrs.push(parse_quote!(#[serde(rename_all = "camelCase", deny_unknown_fields)]));
    Ok(())
}

/// A field that holds parts, or leads to an object that does.
pub(crate) struct Parts {
    field: Ident,
    /// The type of the parts.
    pub(crate) of: Type,
    way: Way,
}

enum Way {
    /// `Vec<Arc<P>>`.
    List,
    /// `Option<O>`, where `O` holds them.
    Perhaps(Type),
    /// `O`, which holds them.
    Object(Type),
}

impl Parts {
    /// The fields that hold parts; their attributes are taken away.
    pub(crate) fn take(item: &mut ItemStruct) -> Result<Vec<Self>> {
        let mut parts = Vec::new();
        for field in &mut item.fields {
            let marks = take(&mut field.attrs, "parts");
            if let Some(of) = listed(field) {
                parts.push(Self { field: name(field).clone(), of: of.clone(), way: Way::List });
            }
            for mark in marks {
                let of = mark.parse_args().map_err(|_| {
                    syn::Error::new_spanned(&mark, "write the type of the parts in parentheses: `#[parts(Question)]`")
                })?;
                let way = match inside("Option", &field.ty) {
                    Some(object) => Way::Perhaps(object.clone()),
                    None => Way::Object(field.ty.clone()),
                };
                parts.push(Self { field: name(field).clone(), of, way });
            }
        }
        Ok(parts)
    }

    /// The implementation of `HoldsParts`.
    pub(crate) fn holds(&self, item: &ItemStruct) -> TokenStream {
        let (object, field, of) = (&item.ident, &self.field, &self.of);
        let json = literal(&heck::ToLowerCamelCase::to_lower_camel_case(field.to_string().as_str()));
        let (path, parts, parts_mut) = match &self.way {
            Way::List => (quote!(path), quote!(self.#field.iter()), quote!(self.#field.iter_mut())),
            Way::Perhaps(inner) => (
                quote!(<#inner as ::kernel::document::HoldsParts<#of>>::path(path)),
                quote!(self.#field.iter().flat_map(<#inner as ::kernel::document::HoldsParts<#of>>::parts)),
                quote!(self.#field.iter_mut().flat_map(<#inner as ::kernel::document::HoldsParts<#of>>::parts_mut)),
            ),
            Way::Object(inner) => (
                quote!(<#inner as ::kernel::document::HoldsParts<#of>>::path(path)),
                quote!(<#inner as ::kernel::document::HoldsParts<#of>>::parts(&self.#field)),
                quote!(<#inner as ::kernel::document::HoldsParts<#of>>::parts_mut(&mut self.#field)),
            ),
        };
        quote! {
            impl ::kernel::document::HoldsParts<#of> for #object {
                fn path(path: ::kernel::document::Path) -> ::kernel::document::Path {
                    let path = path.then(#json);
                    #path
                }

                fn parts(&self) -> impl Iterator<Item = &::std::sync::Arc<#of>> {
                    #parts
                }

                fn parts_mut(&mut self) -> impl Iterator<Item = &mut ::std::sync::Arc<#of>> {
                    #parts_mut
                }
            }
        }
    }
}

/// The type of the parts of a field `Vec<Arc<P>>`.
fn listed(field: &Field) -> Option<&Type> {
    inside("Arc", inside("Vec", &field.ty)?)
}
