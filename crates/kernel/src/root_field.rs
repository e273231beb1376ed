//! The one root field of a subscription, wherever in the document it stands.
//!
//! The library starts only fields that stand directly in the operation, and any number of them. The specification asks for
//! exactly one, which may come by fragments.
use std::collections::HashSet;

use async_graphql::{
    Name, Pos, Positioned, Request, ServerError,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType,
        Selection, SelectionSet,
    },
};

const ROOT: &str = "Subscription";

type Fragments = std::collections::HashMap<Name, Positioned<FragmentDefinition>>;

/// Moves the root field of a subscription out of its fragments. Reports a subscription that has not exactly one.
pub(crate) fn only_root_field(request: &mut Request) -> Result<(), ServerError> {
    let name = request.operation_name.clone();
    let mut document = request.parsed_query()?.clone();
    let fragments = document.fragments.clone();
    let Some(operation) = operation(&mut document, name.as_deref()) else { return Ok(()) };
    if operation.node.ty != OperationType::Subscription {
        return Ok(());
    }
    let place = operation.pos;
    let set = &mut operation.node.selection_set;
    if let [Positioned { node: Selection::Field(field), .. }] = set.node.items.as_slice() {
        return check(field);
    }
    let mut fields = Vec::new();
    collect(&set.node, &fragments, &mut HashSet::new(), &mut fields)?;
    let mut fields = fields.into_iter();
    let Some(mut only) = fields.next() else { return Ok(()) };
    check(&only)?;
    for same in fields {
        if same.node.response_key().node != only.node.response_key().node {
            return Err(refused("A subscription has exactly one root field.", place));
        }
        if same.node.name.node != only.node.name.node || same.node.arguments != only.node.arguments {
            return Err(refused("The root field of a subscription appears twice, with different arguments.", same.pos));
        }
        only.node.selection_set.node.items.extend(same.node.selection_set.node.items);
    }
    let at = only.pos;
    set.node.items = vec![Positioned::new(Selection::Field(only), at)];
    forget_unused(&mut document);
    request.set_parsed_query(document);
    Ok(())
}

fn operation<'a>(
    document: &'a mut ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a mut Positioned<OperationDefinition>> {
    match &mut document.operations {
        DocumentOperations::Single(operation) => Some(operation),
        DocumentOperations::Multiple(operations) => match name {
            Some(name) => operations.get_mut(name),
            None => operations.values_mut().next(),
        },
    }
}

/// The fields of a selection set and of its fragments on the root. What is wrong with fragments is left to the validation.
fn collect(
    set: &SelectionSet,
    fragments: &Fragments,
    seen: &mut HashSet<Name>,
    fields: &mut Vec<Positioned<Field>>,
) -> Result<(), ServerError> {
    for item in &set.items {
        let (directives, inner) = match &item.node {
            Selection::Field(field) => {
                fields.push(field.clone());
                continue;
            }
            Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref().map_or(ROOT, |on| on.node.on.node.as_str());
                (&inline.node.directives, Some(&inline.node.selection_set).filter(|_| on == ROOT))
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let fragment = fragments.get(name).filter(|fragment| fragment.node.type_condition.node.on.node == ROOT);
                let first = seen.insert(name.clone());
                (&spread.node.directives, fragment.filter(|_| first).map(|fragment| &fragment.node.selection_set))
            }
        };
        if let Some(directive) = directives.first() {
            return Err(refused("The root field of a subscription cannot have directives.", directive.pos));
        }
        if let Some(inner) = inner {
            collect(&inner.node, fragments, seen, fields)?;
        }
    }
    Ok(())
}

fn check(field: &Positioned<Field>) -> Result<(), ServerError> {
    if field.node.name.node.starts_with("__") {
        return Err(refused(
            "The root field of a subscription must be a field of `Subscription`, not introspection.",
            field.pos,
        ));
    }
    match field.node.directives.first() {
        Some(directive) => Err(refused("The root field of a subscription cannot have directives.", directive.pos)),
        None => Ok(()),
    }
}

fn refused(message: &str, place: Pos) -> ServerError {
    ServerError::new(message, Some(place))
}

/// Fragments that only the root field came by are used no more.
fn forget_unused(document: &mut ExecutableDocument) {
    let mut used = HashSet::new();
    let mut sets: Vec<&SelectionSet> =
        document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node).collect();
    while let Some(set) = sets.pop() {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => sets.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = document.fragments.get(name).filter(|_| used.insert(name.clone())) {
                        sets.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    document.fragments.retain(|name, _| used.contains(name));
}
