//! The table of a part or an entry, and what is asked of it: entity, row, filter, order, list.
use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, LitStr, Result, Type};

use crate::{
    arguments::{Arguments, Search},
    column::Column,
    fields::literal,
};

/// A table of nodes that stand in lists.
pub(crate) struct Table {
    /// The object that stands for a row.
    pub(crate) node: Type,
    /// The module of the table, which is called like the table with `_table` behind it.
    pub(crate) module: Ident,
    /// The type that the conditions and the criteria are named after.
    pub(crate) stem: Ident,
    pub(crate) columns: Vec<Column>,
    /// A condition on the owner, in the filter.
    pub(crate) owner: Option<Type>,
    pub(crate) list: List,
}

/// The list of a node, as the attribute says it.
pub(crate) struct List {
    field: LitStr,
    about: LitStr,
    sort_by: Option<Ident>,
    search: Option<Search>,
}

impl List {
    pub(crate) fn take(arguments: &mut Arguments) -> Result<Self> {
        Ok(Self {
            field: arguments.required_text("list", "list = \"questions\"")?,
            about: arguments.required_text("about", "about = \"The questions of all careers.\"")?,
            sort_by: arguments.column("sort_by")?,
            search: arguments.search()?,
        })
    }

    pub(crate) fn name(&self) -> &LitStr {
        &self.field
    }
}

impl Table {
    /// The module of the table of a struct.
    pub(crate) fn name(of: &Ident) -> Ident {
        format_ident!("{}_table", of.to_string().to_snake_case())
    }

    /// The last name of a type: `Career`.
    pub(crate) fn last(of: &Type) -> Result<Ident> {
        match of {
            Type::Path(path) if let Some(last) = path.path.segments.last() => Ok(last.ident.clone()),
            other => Err(syn::Error::new_spanned(other, "write the name of a type")),
        }
    }

    /// The type of the conditions.
    pub(crate) fn conditions(&self) -> Ident {
        format_ident!("{}Conditions", self.stem)
    }

    /// The type of the criteria; none where nothing is sorted by.
    pub(crate) fn order(&self) -> Option<Ident> {
        self.columns.iter().any(|column| column.order.is_some()).then(|| format_ident!("{}OrderFields", self.stem))
    }

    /// The columns of the table beside those that all tables have.
    fn own(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.stored != "node_key")
    }

    /// Everything that does not depend on whether the node is a part or an entry.
    pub(crate) fn expand(&self) -> Result<TokenStream> {
        let (entity, filter, order, list) = (self.entity(), self.filter()?, self.order_fields(), self.listed()?);
        Ok(quote!(#entity #filter #order #list))
    }

    fn entity(&self) -> TokenStream {
        let (table, name) = (&self.module, literal(&self.stem.to_string().to_snake_case()));
        let about = literal(&format!("The table `{}`: which objects of type `{}` there are.", name.value(), self.stem));
        // The derive reads types as text: each has a name of its own.
        let types = self.own().map(|column| {
            let (alias, of) = (format_ident!("{}Column", column.stored.to_string().to_upper_camel_case()), &column.of);
            quote!(pub(super) type #alias = <#of as ::kernel::list::ListValue>::Stored;)
        });
        let fields = self.own().map(|column| {
            let (stored, alias) =
                (&column.stored, format_ident!("{}Column", column.stored.to_string().to_upper_camel_case()));
            let nullable = column.nullable.then(|| quote!(#[sea_orm(nullable)]));
            let about = literal(&format!("The column `{stored}`."));
            quote!(#[doc = #about] #nullable pub #stored: columns::#alias)
        });
        quote! {
            #[doc = #about]
            pub mod #table {
                use ::sea_orm::entity::prelude::*;

                mod columns {
                    #[allow(unused_imports)]
                    use super::super::*;

                    #(#types)*
                }

                /// A row: one object in one revision.
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
                #[sea_orm(table_name = #name)]
                pub struct Model {
                    /// The revision that it was projected from.
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub revision_id: i64,
                    /// The entry of the revision.
                    pub entry_id: i64,
                    /// Its natural key: the slug of the entry, and for a part `/` and its key.
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub node_key: String,
                    #(#fields,)*
                }

                /// Relations are walked by key, through the perspective.
                #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
                pub enum Relation {}

                impl ActiveModelBehavior for ActiveModel {}
            }
        }
    }

    /// The row of `this`, with its natural key, as an expression; `with` is what functions of the whole are given.
    pub(crate) fn row(&self, key: &TokenStream) -> TokenStream {
        let table = &self.module;
        let columns = self.own().map(|column| {
            let (stored, of, value) = (&column.stored, &column.of, &column.value);
            quote!(#stored: ::sea_orm::ActiveValue::Set(<#of as ::kernel::list::ListValue>::stored(#value)))
        });
        quote! {
            #table::ActiveModel {
                revision_id: ::sea_orm::ActiveValue::Set(entry.revision()),
                entry_id: ::sea_orm::ActiveValue::Set(entry.id()),
                node_key: ::sea_orm::ActiveValue::Set(#key),
                #(#columns,)*
            }
        }
    }

    fn filter(&self) -> Result<TokenStream> {
        let (conditions, node) = (self.conditions(), &self.node);
        let filtered: Vec<_> =
            self.columns.iter().filter_map(|column| Some((column, column.filter.as_ref()?))).collect();
        let mut fields: Vec<_> = filtered
            .iter()
            .map(|(Column { name, of, .. }, about)| {
                quote!(#[doc = #about] #name: Option<<#of as ::kernel::list::ListValue>::Filter>)
            })
            .collect();
        let mut given: Vec<_> = filtered
            .iter()
            .map(|(column, _)| {
                let (name, condition) = (&column.name, self.condition(column));
                quote!(self.#name.as_ref().map(|filter| #condition))
            })
            .collect();
        if let Some(Search { field, about, columns }) = &self.list.search {
            let columns = columns.iter().map(|name| self.column(name)).collect::<Result<Vec<_>>>()?;
            fields.push(quote!(#[doc = #about] #field: Option<::kernel::list::TextFilter>));
            let any = columns
                .iter()
                .map(|column| self.condition(column))
                .reduce(|one, other| quote!(::sea_orm::sea_query::ExprTrait::or(#one, #other)));
            given.push(quote!(self.#field.as_ref().map(|filter| #any)));
        }
        if let Some(owner) = &self.owner {
            let last = Self::last(owner)?;
            let name = format_ident!("{}", last.to_string().to_snake_case());
            let about = format!("Conditions on the {} that it belongs to.", words(&last));
            fields.push(quote!(#[doc = #about] #name: Option<::kernel::list::Filter<#owner>>));
            given.push(quote! {
                self.#name.as_ref().map(|filter| filter.on(rows, &::kernel::list::RelationPath::SameDocument)).transpose()?
            });
        }
        Ok(quote! {
            #[derive(::async_graphql::InputObject)]
            pub(crate) struct #conditions {
                #(#fields,)*
            }

            impl ::kernel::list::FilterFields for #conditions {
                type Of = #node;

                fn condition(&self, rows: &::kernel::list::TableContext<'_>) -> ::kernel::Result<::sea_orm::sea_query::SimpleExpr> {
                    Ok(::kernel::list::all_given([#(#given,)*]))
                }
            }
        })
    }

    fn condition(&self, column: &Column) -> TokenStream {
        let (of, table, variant) = (&column.of, &self.module, variant(&column.stored));
        quote!(<#of as ::kernel::list::ListValue>::condition(filter, &rows.value::<#of>(#table::Column::#variant)))
    }

    /// The column of this name.
    fn column(&self, name: &Ident) -> Result<&Column> {
        self.columns.iter().find(|column| column.name == *name).ok_or_else(|| {
            let known: Vec<_> = self.columns.iter().map(|column| format!("`{}`", column.name)).collect();
            let known =
                if known.is_empty() { "none; write `#[column]` above a field".to_owned() } else { known.join(", ") };
            syn::Error::new(name.span(), format!("there is no column `{name}`; the columns are {known}"))
        })
    }

    fn order_fields(&self) -> TokenStream {
        let Some(order) = self.order() else { return TokenStream::new() };
        let (node, table) = (&self.node, &self.module);
        let sorted = self.columns.iter().filter_map(|column| Some((column, column.order.as_ref()?)));
        let (variants, terms): (Vec<_>, Vec<_>) = sorted
            .map(|(column, about)| {
                let (name, of, stored) = (variant(&column.name), &column.of, variant(&column.stored));
                (
                    quote!(#[doc = #about] #name(::kernel::list::Direction)),
                    quote!(Self::#name(direction) => <#of as ::kernel::list::ListValue>::term(#table::Column::#stored, *direction)),
                )
            })
            .unzip();
        quote! {
            #[derive(::async_graphql::OneofObject)]
            pub(crate) enum #order {
                #(#variants,)*
            }

            impl ::kernel::list::OrderFields for #order {
                type Of = #node;

                fn term(&self) -> ::kernel::list::OrderTerm {
                    match self {
                        #(#terms,)*
                    }
                }
            }
        }
    }

    fn listed(&self) -> Result<TokenStream> {
        let (node, table, List { field, about, .. }) = (&self.node, &self.module, &self.list);
        let default_order = match &self.list.sort_by {
            None => TokenStream::new(),
            Some(name) => {
                let column = self.column(name)?;
                let (of, stored) = (&column.of, variant(&column.stored));
                quote! {
                    fn default_order() -> Vec<::kernel::list::OrderTerm> {
                        let direction = ::kernel::list::Direction::Asc;
                        vec![<#of as ::kernel::list::ListValue>::term(#table::Column::#stored, direction)]
                    }
                }
            }
        };
        Ok(quote! {
            impl ::kernel::list::Listed for #node {
                type Table = #table::Entity;

                const LIST: &'static str = #field;
                const ABOUT: &'static str = #about;

                #default_order
            }
        })
    }
}

fn variant(name: &Ident) -> Ident {
    format_ident!("{}", name.to_string().to_upper_camel_case())
}

/// The name of a type as words: `TrainingPathway` is `training pathway`.
pub(crate) fn words(name: &Ident) -> String {
    name.to_string().to_snake_case().replace('_', " ")
}
