//! `KnownDirectives`, `UniqueDirectivesPerLocation`, and the arguments of directives.
use async_graphql::{
    Positioned,
    parser::types::{Directive, DirectiveLocation},
};

use super::Rules;

impl<'a> Rules<'a> {
    pub(super) fn directives(&mut self, directives: &'a [Positioned<Directive>], location: DirectiveLocation) {
        for (index, directive) in directives.iter().enumerate() {
            let (at, directive) = (directive.pos, &directive.node);
            let name = &directive.name.node;
            let Some(known) = self.schema.directives.get(name.as_str()) else {
                let suggestion = self.suggestion(name, self.schema.directives.keys());
                self.report(at, format!("Unknown directive \"{name}\".{suggestion}"));
                self.arguments(&directive.arguments, None, "");
                continue;
            };
            if !known.locations.contains(&location) {
                self.report(at, format!("The directive `@{name}` cannot stand here."));
            }
            if let Some(first) = directives[..index].iter().find(|other| other.node.name.node == *name) {
                self.report_all(vec![first.pos, at], format!("The directive `@{name}` can stand here only once."));
            }
            self.arguments(&directive.arguments, Some(&known.arguments), &format!("@{name}"));
            self.required(&directive.arguments, &known.arguments, &format!("The directive `@{name}`"), at);
        }
    }
}
