//! Hierarchies of entries: what leads round in a circle instead of up.
use std::collections::{HashMap, HashSet};

use document::{CheckedDocument, Finding, Severity, path};
use sea_orm::{
    ConnectionTrait, JoinType,
    sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _, Query},
};

use crate::{HierarchySpec, Perspective, Result, tables::entry};

/// Maximum number of entries of a loop that a message names.
const NAMED: usize = 10;

/// The ways up from the entries of a kind.
#[derive(Clone, Debug, Default)]
pub struct WaysUp(HashMap<String, Vec<String>>);

impl WaysUp {
    /// Those of all entries that a perspective shows.
    pub async fn read(
        db: &impl ConnectionTrait,
        kind: &str,
        spec: &HierarchySpec,
        perspective: Perspective,
    ) -> Result<Self> {
        let (entry, links) = (Alias::new("e").into_iden(), Alias::new("links").into_iden());
        let of = |column: entry::Column| Expr::col((entry.clone(), column));
        let is_visible = Expr::col((links.clone(), Alias::new("revision_id"))).eq(perspective.revision_of(&entry));
        let select = Query::select()
            .expr_as(of(entry::Column::Slug), Alias::new("slug"))
            .expr_as(Expr::col((links.clone(), spec.column.clone())), Alias::new("broader"))
            .from_as(entry::Entity, entry.clone())
            .join_as(JoinType::InnerJoin, spec.table.clone(), links.clone(), is_visible)
            .and_where(of(entry::Column::Kind).eq(kind))
            .take();
        let mut ways = Self::default();
        for row in db.query_all(&select).await? {
            ways.0.entry(row.try_get("", "slug")?).or_default().push(row.try_get("", "broader")?);
        }
        Ok(ways)
    }

    /// Notes those of a document, in the place of what was known of its entry.
    pub fn note(&mut self, spec: &HierarchySpec, guide: &CheckedDocument) {
        let broader = (spec.broader)(guide).into_iter().map(str::to_owned).collect();
        self.0.insert(guide.document.slug.clone(), broader);
    }

    /// The loops that lead through one of these entries: that entry, and the finding about its document.
    pub fn loops(&self, spec: &HierarchySpec, of: &HashSet<&str>) -> Vec<(String, Finding)> {
        let mut sorted: Vec<_> = of.iter().copied().collect();
        sorted.sort_unstable();
        let (mut found, mut done) = (Vec::new(), HashSet::new());
        for start in sorted {
            self.walk(start, &mut done, |way| {
                // A loop among others was there before.
                let Some(at) = way.iter().position(|slug| of.contains(slug)) else { return };
                let way: Vec<_> = way[at..].iter().chain(&way[..at]).copied().collect();
                found.push((way[0].to_owned(), self.finding(spec, &way)));
            });
        }
        found
    }

    /// Walks all ways up from an entry, each entry once, and tells of those that lead back.
    fn walk<'a>(&'a self, start: &'a str, done: &mut HashSet<&'a str>, mut tell: impl FnMut(&[&'a str])) {
        if !done.insert(start) {
            return;
        }
        // A chain of any length takes no stack.
        let (mut way, mut open) = (vec![start], vec![self.above(start).iter()]);
        while let Some(above) = open.last_mut() {
            let Some(next) = above.next() else {
                way.pop();
                open.pop();
                continue;
            };
            if done.insert(next) {
                way.push(next);
                open.push(self.above(next).iter());
            } else if let Some(at) = way.iter().position(|slug| slug == next) {
                tell(&way[at..]);
            }
        }
    }

    /// A rough figure of the bytes that they take.
    pub fn bytes(&self) -> usize {
        let bytes = |(slug, broader): (&String, &Vec<String>)| {
            100 + slug.len() + broader.iter().map(|slug| 24 + slug.len()).sum::<usize>()
        };
        self.0.iter().map(bytes).sum()
    }

    fn above(&self, slug: &str) -> &[String] {
        self.0.get(slug).map_or(&[], Vec::as_slice)
    }

    fn finding(&self, spec: &HierarchySpec, way: &[&str]) -> Finding {
        let next = way.get(1).unwrap_or(&way[0]);
        let index = self.above(way[0]).iter().position(|slug| slug == next).unwrap_or_default();
        let mut named: Vec<_> = way.iter().take(NAMED).map(|slug| format!("`{slug}`")).collect();
        if way.len() > NAMED {
            named.push("…".to_owned());
        }
        named.push(format!("`{}`", way[0]));
        let message = format!(
            "this link leads back to where it began: {}; take one of these links out of `{}`",
            named.join(" → "),
            spec.field
        );
        Finding { severity: Severity::Error, rule: "hierarchy-loop", path: path![spec.field, index], message }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use sea_orm::sea_query::{Alias, IntoIden as _};

    use super::WaysUp;
    use crate::HierarchySpec;

    fn loops(ways: &[(&str, &[&str])], of: &[&str]) -> Vec<String> {
        let name = |name: &str| Alias::new(name).into_iden();
        let spec =
            HierarchySpec { field: "parents", broader: |_| Vec::new(), table: name("links"), column: name("broader") };
        let owned = |slugs: &[&str]| slugs.iter().map(|slug| (*slug).to_owned()).collect();
        let ways =
            WaysUp(ways.iter().map(|(slug, broader)| ((*slug).to_owned(), owned(broader))).collect::<HashMap<_, _>>());
        let found = ways.loops(&spec, &of.iter().copied().collect::<HashSet<_>>());
        found.into_iter().map(|(slug, finding)| format!("{slug} {}: {}", finding.path, finding.message)).collect()
    }

    #[test]
    fn a_hierarchy_without_loops_has_none() {
        let diamond: &[(&str, &[&str])] = &[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"]), ("d", &["missing"])];

        assert!(loops(diamond, &["a", "b", "c", "d"]).is_empty());
    }

    #[test]
    fn each_loop_is_told_once_at_a_link_of_what_was_written() {
        let ways: &[(&str, &[&str])] = &[("a", &["b"]), ("b", &["x", "c"]), ("c", &["a"]), ("own", &["own"])];

        let found = loops(ways, &["b", "own"]);

        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("b parents[1]: this link leads back to where it began: `b` → `c` → `a` → `b`;"),
            "{found:?}"
        );
        assert!(
            found[1].starts_with("own parents[0]: this link leads back to where it began: `own` → `own`;"),
            "{found:?}"
        );
        assert!(loops(ways, &["x"]).is_empty(), "a loop that was there before is nobody's fault");
    }

    #[test]
    fn a_long_chain_takes_no_stack() {
        let slugs: Vec<_> = (0..200_000).map(|number| format!("s{number}")).collect();
        let ways = WaysUp(slugs.windows(2).map(|pair| (pair[0].clone(), vec![pair[1].clone()])).collect());

        assert!(
            ways.0.len() == 199_999 && {
                let mut told = 0;
                ways.walk("s0", &mut HashSet::new(), |_| told += 1);
                told == 0
            }
        );
    }
}
