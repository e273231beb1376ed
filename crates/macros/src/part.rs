//! `#[part]`: an object with a key, and everything by which it stands for itself.
use heck::ToSnakeCase as _;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Fields, ItemStruct, LitStr, Result, Type, parse_quote};

use crate::{
    arguments::Arguments,
    column::columns,
    fields::{name, parse},
    object::{Names, Parts, derive},
    table::{List, Table, words},
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut arguments = Arguments::parse("part", arguments)?;
    let of = arguments.required_type("of", "of = Career")?;
    let section = arguments.required_type("section", "section = FaqSection")?;
    let list = List::take(&mut arguments)?;
    let owner_filter = arguments.text("owner_filter")?;
    let names = Names::take(&mut arguments)?;
    let open = arguments.flag("open")?;
    let own_fields = arguments.flag("own_fields")?;
    arguments.end()?;
    let mut item = parse("part", item)?;
    check_fields(&item)?;
    let columns = columns(&mut item)?;
    let parts = Parts::take(&mut item)?;
    add_owner(&mut item);
    derive(&mut item, &names, true)?;
    let table = Table {
        node: {
            let name = &item.ident;
            parse_quote!(#name)
        },
        module: Table::name(&item.ident),
        stem: item.ident.clone(),
        columns,
        owner: Some(of.clone()),
        list,
    };
    let fields = match (open, own_fields) {
        (true, false) => open_fields(&item, &of)?,
        (false, true) => TokenStream::new(),
        (false, false) => complex_fields(&item, &of)?,
        (true, true) => return Err(syn::Error::new(item.ident.span(), "`open` and `own_fields` exclude each other")),
    };
    let holds = parts.iter().map(|part| part.holds(&item));
    let part = part(&item, &of, &section, &table, owner_filter.as_ref(), open);
    let table = table.expand()?;
    Ok(quote!(#item #fields #part #table #(#holds)*))
}

/// A part has a key, and no owner yet.
fn check_fields(item: &ItemStruct) -> Result<()> {
    let named = |wanted: &str| item.fields.iter().find(|field| *name(field) == wanted);
    if named("key").is_none() {
        let message = format!(
            "`{}` has no key, by which a part is found: write `pub key: Slug`, unique among the parts of its entry",
            item.ident
        );
        return Err(syn::Error::new(item.ident.span(), message));
    }
    if let Some(owner) = named("owner") {
        let message = "`owner` is the entry of the part, which `#[part]` adds; call the field something else";
        return Err(syn::Error::new(name(owner).span(), message));
    }
    Ok(())
}

fn add_owner(item: &mut ItemStruct) {
    let Fields::Named(fields) = &mut item.fields else { unreachable!("the fields of the struct are named") };
    fields.named.insert(
        0,
        parse_quote! {
            /// The entry that it belongs to.
            #[graphql(skip)]
            #[serde(skip)]
            pub(crate) owner: ::kernel::Owner
        },
    );
}

/// The fields `id` and that of the owner.
fn common(item: &ItemStruct, of: &Type) -> Result<TokenStream> {
    let (part, owner) = (&item.ident, Table::last(of)?);
    let name = format_ident!("{}", owner.to_string().to_snake_case());
    let about = format!("The {} that it belongs to.", words(&owner));
    Ok(quote! {
        /// The global id: opaque, the same in every database and after every import.
        async fn id(&self) -> ::async_graphql::ID {
            ::kernel::global_id(
                <#part as ::async_graphql::OutputType>::type_name(),
                &self.owner.entry().part_key(&self.key),
            )
        }

        #[doc = #about]
        async fn #name(&self) -> #of {
            <#of as ::kernel::Kind>::new(self.owner.entry().clone())
        }
    })
}

fn complex_fields(item: &ItemStruct, of: &Type) -> Result<TokenStream> {
    let (part, fields) = (&item.ident, common(item, of)?);
    Ok(quote! {
        #[::async_graphql::ComplexObject]
        impl #part {
            #fields
        }
    })
}

/// An open part: its common fields are an extension like those of other modules.
fn open_fields(item: &ItemStruct, of: &Type) -> Result<TokenStream> {
    let (part, fields, common_fields) = (&item.ident, common(item, of)?, format_ident!("{}PartFields", item.ident));
    let key = item.fields.iter().find(|field| *name(field) == "key").map(|field| &field.ty);
    Ok(quote! {
        ::kernel::open!(#part);

        pub(crate) struct #common_fields {
            owner: ::kernel::Owner,
            key: #key,
        }

        impl From<&#part> for #common_fields {
            fn from(part: &#part) -> Self {
                Self { owner: part.owner.clone(), key: part.key.clone() }
            }
        }

        #[::async_graphql::Object]
        impl #common_fields {
            #fields
        }
    })
}

fn part(
    item: &ItemStruct,
    of: &Type,
    section: &Type,
    table: &Table,
    owner_filter: Option<&LitStr>,
    open: bool,
) -> TokenStream {
    let (part, conditions) = (&item.ident, table.conditions());
    let order = table.order().map(|order| quote!(app.order::<#order>();));
    let extension = open.then(|| {
        let fields = format_ident!("{}PartFields", part);
        quote!(app.extend::<#part, #fields>();)
    });
    let of_owner = format_ident!("OwnerOf{}Conditions", part);
    let owner = owner_filter.map(|_| quote!(app.filter::<#of_owner>();));
    let relation = owner_filter.map(|about| {
        let name = format_ident!("{}", table.list.name().value().to_snake_case(), span = table.list.name().span());
        quote! {
            ::kernel::relation_filter! {
                #[doc = #about]
                pub(crate) #of_owner on #of { #name: #part, ::kernel::list::RelationPath::SameDocument }
            }
        }
    });
    let row = table.row(&quote!(entry.part_key(&this.key)));
    quote! {
        impl ::kernel::Node for #part {
            type Of = #of;

            async fn find(
                ctx: &::async_graphql::Context<'_>,
                entry: ::kernel::Entry,
                part: String,
            ) -> ::kernel::Result<Option<::std::sync::Arc<Self>>> {
                let section = ::kernel::Sections::section::<#section>(&entry, ctx).await?;
                let mut parts = <#section as ::kernel::document::HoldsParts<Self>>::parts(&section);
                Ok(parts.find(|other| *other.key == *part).cloned())
            }
        }

        impl ::kernel::Part for #part {
            type Section = #section;

            fn key(&self) -> &str {
                &self.key
            }

            fn register(app: &mut ::kernel::App) {
                app.filter::<#conditions>();
                #order
                #owner
                #extension
            }

            fn project(&self, entry: &::kernel::Entry, rows: &mut ::kernel::store::Rows) {
                let (this, with) = (self, entry);
                let _ = with;
                rows.insert(#row);
            }
        }

        #relation
    }
}
