//! Fields of structs: their sentences, their types, and the attributes that are ours.
use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, ExprLit, Field, Fields, GenericArgument, Ident, ItemStruct, Lit, LitStr, Meta, PathArguments,
    Result, Type, spanned::Spanned as _,
};

/// The struct of an attribute, with named fields that are described.
pub(crate) fn parse(attribute: &str, item: TokenStream) -> Result<ItemStruct> {
    let item: ItemStruct = syn::parse2(item)?;
    if !matches!(item.fields, Fields::Named(_)) {
        let message = format!("`#[{attribute}]` stands on a struct with named fields: `struct {} {{ … }}`", item.ident);
        return Err(syn::Error::new(item.ident.span(), message));
    }
    describe(&item.attrs, &item.ident)?;
    for field in &item.fields {
        describe(&field.attrs, name(field))?;
    }
    Ok(item)
}

/// Fails for what has no doc comment.
pub(crate) fn describe(attributes: &[Attribute], name: &Ident) -> Result<()> {
    if doc(attributes).is_empty() {
        let message =
            format!("`{name}` has no description: write a sentence above it, `/// …`, which the schema shows");
        return Err(syn::Error::new(name.span(), message));
    }
    Ok(())
}

/// The name of a named field.
pub(crate) fn name(field: &Field) -> &Ident {
    let Some(name) = &field.ident else { unreachable!("the fields of the struct are named") };
    name
}

/// The doc comment, without line breaks.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The first sentence of a doc comment behind some words, where it begins with an article: `Conditions on` and `The name.` make `Conditions on
/// the name.`
pub(crate) fn sentence(words: &str, doc: &str) -> Option<String> {
    let (first, _) = doc.split_once(". ").unwrap_or((doc.trim_end_matches('.'), ""));
    let lower =
        |article: &str| first.strip_prefix(article).map(|rest| format!("{words} {}{rest}.", article.to_lowercase()));
    ["The ", "A ", "An "].into_iter().find_map(lower)
}

/// Takes the attributes of this name away.
pub(crate) fn take(attributes: &mut Vec<Attribute>, name: &str) -> Vec<Attribute> {
    let (taken, left) = std::mem::take(attributes).into_iter().partition(|attribute| attribute.path().is_ident(name));
    *attributes = left;
    taken
}

/// The tokens in the parentheses of an attribute; none where it has none.
pub(crate) fn tokens(attribute: &Attribute) -> Result<TokenStream> {
    match &attribute.meta {
        Meta::Path(_) => Ok(TokenStream::new()),
        Meta::List(list) => Ok(list.tokens.clone()),
        Meta::NameValue(pair) => Err(syn::Error::new(pair.span(), "write the arguments in parentheses")),
    }
}

/// The type in the angle brackets of a type with this name: `Text` of `Option<Text>`.
pub(crate) fn inside<'a>(outer: &str, of: &'a Type) -> Option<&'a Type> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if last.ident == outer => Some(inner),
        _ => None,
    }
}

/// A text as a literal of the code that is generated.
pub(crate) fn literal(text: &str) -> LitStr {
    LitStr::new(text, proc_macro2::Span::call_site())
}
