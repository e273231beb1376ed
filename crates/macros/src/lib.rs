//! Attributes by which a module says each thing once: a struct or an enum of a document, and what follows from it.
//!
//! | attribute | on | what follows |
//! |---|---|---|
//! | [`macro@object`] | a struct of a document | its YAML, JSON, GraphQL input and GraphQL object |
//! | [`macro@section`] | the struct of a section | the same, the section, and the binding of its parts |
//! | [`macro@part`] | a struct with a key that stands for itself | the same, its table, rows, filter, order, id, owner, node and list |
//! | [`macro@enumeration`] | an enum of a document | the same, its filter, and its order: as declared |
//!
//! The kernel exports them. What they generate names the kernel as `::kernel`, and derives through the crates `async-graphql`, `sea-orm`
//! and `serde`, which a module depends on.
mod arguments;
mod column;
mod enumeration;
mod fields;
mod object;
mod part;
mod section;
mod table;

use proc_macro::TokenStream;

type Expand = fn(proc_macro2::TokenStream, proc_macro2::TokenStream) -> syn::Result<proc_macro2::TokenStream>;

fn expand(expand: Expand, arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(arguments.into(), item.into()).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Declares a struct of a document: one type for the YAML, the input of mutations, the stored JSON and the answer.
///
/// Names are written in camelCase. The input type is called like the object, with `Input` behind it. A field that is a list may be left out,
/// and is empty then; `#[field(required)]` asks for it. Every field has a doc comment, which is its description in the schema.
///
/// ```ignore
/// /// An organization that awards credentials.
/// #[object]
/// pub struct Issuer {
///     /// The name it is known by.
///     pub name: Text,
/// }
/// ```
///
/// Arguments, all optional: `name = "FaqQuestion"` and `input = "…"` (the names in the schema), `complex` (the module adds fields by
/// `#[ComplexObject]`).
#[proc_macro_attribute]
pub fn object(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(object::expand, arguments, item)
}

/// Declares the struct of a section: an [`macro@object`] whose fields stand at the top level of the document and on the object of its kind.
///
/// ```ignore
/// /// Questions that people ask about a career, as a section.
/// #[section(key = "faq")]
/// pub struct FaqSection {
///     /// Questions that people ask about this career, in the order of the guide.
///     pub faq: Vec<Arc<Question>>,
/// }
/// ```
///
/// `key` is the name under which the section is stored: unique in its kind, and never changed. A field `Vec<Arc<P>>` holds parts. Where they lie
/// deeper, `#[parts(P)]` stands on the field that leads to them, here and in each [`macro@object`] between.
///
/// With `entry = Source`, `list = "sources"` and `about = "…"`, the section says how the entries of the kind are listed: its `#[column]`s, which
/// are those of a [`macro@part`], are columns of a table with one row for each entry; `sort_by = title` names the order of a list whose query gives none.
#[proc_macro_attribute]
pub fn section(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(section::expand, arguments, item)
}

/// Declares a part: a struct of a section that stands for itself in the graph, with a key, an id, an owner and a list of its own.
///
/// ```ignore
/// /// A question about a career, and its answer.
/// #[part(of = Career, section = FaqSection, list = "faqs", about = "The questions about all careers.", name = "FaqQuestion")]
/// pub struct Question {
///     /// The key, unique among the questions of the career.
///     pub key: Slug,
///     /// The question.
///     #[column(filter, order)]
///     pub question: Text,
/// }
/// ```
///
/// `app.part::<Question>()` registers it. Its table is called like the struct, in snake case, and is made by a migration of the module; a server
/// whose table differs does not start.
///
/// | argument | meaning |
/// |---|---|
/// | `of` | the kind of document that holds it |
/// | `section` | the section that holds it |
/// | `list`, `about` | the root field that lists all of them, and its description |
/// | `sort_by` | the column by which a list is sorted whose query gives no order; else the key |
/// | `owner_filter` | the description of a condition in the owner's filter, which is called like the list |
/// | `search(text = "…", a, b)` | a condition that one of these columns meets, and its description |
/// | `name`, `input` | the names in the schema |
/// | `open` | other modules may add fields to the object |
/// | `own_fields` | the module writes the `#[ComplexObject]` itself, with `id` |
///
/// `#[column]` on a field makes a column of it; `filter` and `order` ask for a condition and a criterion, and take a description where the
/// field's sentence does not begin with an article. `#[column(min_months: Option<Number> = DurationRange::min_months)]` makes a column of
/// what a function reads from the field; above the struct, from the part and its entry. `stored = "…"` names the column in the table.
#[proc_macro_attribute]
pub fn part(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(part::expand, arguments, item)
}

/// Declares an enum of a document. Lists sort by the order in which its values are declared.
///
/// `filter = "Conditions on the level."` also makes its filter, called like the enum with `Filter` behind it.
#[proc_macro_attribute]
pub fn enumeration(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(enumeration::expand, arguments, item)
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::{Expand, enumeration, object, part, section};

    fn mistake(expand: Expand, arguments: TokenStream, item: TokenStream) -> String {
        expand(arguments, item).map(|made| made.to_string()).expect_err("it is a mistake").to_string()
    }

    fn part_arguments() -> TokenStream {
        quote!(of = Career, section = FaqSection, list = "faqs", about = "All questions.")
    }

    #[test]
    fn a_part_is_told_what_it_lacks() {
        let keyless = quote!(
            #[doc = " A part."]
            struct Part {
                #[doc = " The title."]
                title: Text,
            }
        );
        let owned = quote!(
            #[doc = " A part."]
            struct Part {
                #[doc = " The key."]
                key: Slug,
                #[doc = " Its owner."]
                owner: Text,
            }
        );
        let mute = quote!(
            #[doc = " A part."]
            struct Part {
                key: Slug,
            }
        );
        let wordless = quote! {
            #[doc = " A part."]
            struct Part { #[doc = " The key."] key: Slug, #[doc = " Whom it suits."] #[column(filter)] suits: Text }
        };
        let misspelt = quote! {
            #[doc = " A part."]
            struct Part { #[doc = " The key."] key: Slug, #[doc = " The title."] #[column(filtr)] title: Text }
        };
        for (item, expected) in [
            (
                keyless,
                "`Part` has no key, by which a part is found: write `pub key: Slug`, unique among the parts of its entry",
            ),
            (owned, "`owner` is the entry of the part, which `#[part]` adds; call the field something else"),
            (mute, "`key` has no description: write a sentence above it, `/// …`, which the schema shows"),
            (
                wordless,
                "`suits` needs words for its filter: write `filter = \"Conditions on …\"`, as its own sentence does not begin with an article",
            ),
            (
                misspelt,
                "`filtr` is not an argument of `#[column]`; it takes `filter`, `order`, `stored = \"…\"`, and before them `name: Type = function`",
            ),
            (
                quote!(
                    #[doc = " A part."]
                    struct Part(Slug);
                ),
                "`#[part]` stands on a struct with named fields: `struct Part { … }`",
            ),
        ] {
            assert_eq!(mistake(part::expand, part_arguments(), item), expected);
        }
    }

    #[test]
    fn arguments_are_told_apart() {
        let item = || {
            quote!(
                #[doc = " A part."]
                struct Part {
                    #[doc = " The key."]
                    #[column(filter, order)]
                    key: Slug,
                }
            )
        };
        let more = |more: TokenStream| {
            let all = part_arguments();
            quote!(#all, #more)
        };
        for (arguments, expected) in [
            (quote!(section = FaqSection, list = "faqs"), "`#[part]` lacks `of`: write `of = Career`"),
            (quote!(of = Career, section = "faq"), "`section` takes a type, without quotes"),
            (quote!(of = Career, section = S, list = faqs), "`list` takes a text in quotes"),
            (more(quote!(sort_by = title)), "there is no column `title`; the columns are `key`"),
            (more(quote!(search(text = "Either.", title))), "there is no column `title`; the columns are `key`"),
            (more(quote!(open, own_fields)), "`open` and `own_fields` exclude each other"),
        ] {
            assert_eq!(mistake(part::expand, arguments, item()), expected);
        }
        let unknown = mistake(part::expand, more(quote!(lst = "faqs")), item());
        assert!(
            unknown.starts_with("`lst` is not an argument of `#[part]`; it takes `of`, `section`, `list`"),
            "{unknown}"
        );
    }

    #[test]
    fn sections_objects_and_enums_are_told_what_they_lack() {
        let section = quote!(
            #[doc = " A section."]
            struct S {
                #[doc = " The title."]
                #[column(filter)]
                title: Text,
            }
        );
        assert_eq!(
            mistake(section::expand, quote!(key = "s"), section),
            "the columns of a section are those of an entry: write `entry = Source`, `list` and `about` in `#[section]`"
        );
        let parts = quote!(
            #[doc = " A section."]
            struct S {
                #[doc = " The object."]
                #[parts]
                training: Option<Training>,
            }
        );
        assert_eq!(
            mistake(section::expand, quote!(key = "s"), parts),
            "write the type of the parts in parentheses: `#[parts(Question)]`"
        );
        let mute = quote!(
            struct Issuer {
                name: Text,
            }
        );
        assert!(mistake(object::expand, quote!(), mute).starts_with("`Issuer` has no description"));
        let mute = quote!(
            #[doc = " A level."]
            enum Level {
                Low,
            }
        );
        assert!(mistake(enumeration::expand, quote!(), mute).starts_with("`Low` has no description"));
    }
}
