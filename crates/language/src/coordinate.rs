//! Schema coordinates: the names by which the specification refers to the elements of a schema, such as `Career.pay`.
use crate::schema::{Definition, Schema};

impl Schema {
    /// The coordinate of the field to which names lead from an object, each a field of what the one before returns: `Money.amount` for
    /// `Career`, `pay`, `median`, `amount`. None where one of them is no such field.
    pub fn coordinate_of<'a>(&self, object: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
        let (mut at, mut last) = (object, None);
        for name in names {
            let field = self.fields(at)?.get(name)?;
            last = Some((at, name));
            at = field.returns();
        }
        last.map(|(of, name)| format!("{of}.{name}"))
    }

    /// Tells whether the coordinate leads to an element of this schema: `Type`, `Type.member`, `Type.field(argument:)`, `@directive`,
    /// `@directive(argument:)`.
    pub fn has_coordinate(&self, coordinate: &str) -> bool {
        let (element, argument) = match coordinate.split_once('(') {
            Some((element, rest)) => match rest.strip_suffix(":)") {
                Some(argument) => (element, Some(argument)),
                None => return false,
            },
            None => (coordinate, None),
        };
        if let Some(directive) = element.strip_prefix('@') {
            let directive = self.directives.get(directive);
            return directive.is_some_and(|of| argument.is_none_or(|name| of.arguments.contains_key(name)));
        }
        let Some((of, member)) = element.split_once('.') else {
            return argument.is_none() && self.get(element).is_some();
        };
        match (self.get(of), argument) {
            (Some(Definition::Object(fields) | Definition::Interface { fields, .. }), argument) => {
                let field = fields.get(member);
                field.is_some_and(|field| argument.is_none_or(|name| field.arguments.contains_key(name)))
            }
            (Some(Definition::Input { fields, .. }), None) => fields.contains_key(member),
            (Some(Definition::Enum(values)), None) => values.iter().any(|value| value == member),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDL: &str =
        "type Query { career(slug: ID!): Career } type Career { roles: [Role!]! } type Role { title: String }
        input Filter { title: String } enum Level { ENTRY } directive @tag(name: String) on FIELD";

    #[test]
    fn names_lead_along_the_types() {
        let schema = Schema::of(SDL);
        let of = |names: &[&str]| schema.coordinate_of("Career", names.iter().copied());
        assert_eq!(of(&["roles", "title"]).as_deref(), Some("Role.title"));
        assert_eq!(of(&["roles"]).as_deref(), Some("Career.roles"));
        for names in [&["titel"][..], &["roles", "title", "text"], &[]] {
            assert_eq!(of(names), None, "{names:?}");
        }
    }

    #[test]
    fn coordinates_lead_to_all_that_a_schema_has() {
        let schema = Schema::of(SDL);
        for known in
            ["Career", "Query.career", "Query.career(slug:)", "Filter.title", "Level.ENTRY", "@tag", "@tag(name:)"]
        {
            assert!(schema.has_coordinate(known), "{known}");
        }
        for unknown in ["Carer", "Query.carer", "Query.career(id:)", "Query.career(slug)", "Level.HIGH", "@tag(x:)", ""]
        {
            assert!(!schema.has_coordinate(unknown), "{unknown}");
        }
    }
}
