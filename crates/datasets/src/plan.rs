//! The plan of a sync: what it changes, on one page.
use std::{collections::BTreeSet, fmt};

/// Number of codes that a line names.
const NAMED: usize = 12;
/// Number of the largest changes that a plan tells of each table.
const MOVES: usize = 5;

/// Changes that a sync makes, or would make.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The slug of the data set.
    pub dataset: String,
    /// The release before; none where the data set is new.
    pub before: Option<String>,
    /// The release of the files.
    pub release: String,
    /// The tables, in the order of their registration.
    pub tables: Vec<TablePlan>,
    /// Occupations that the release before did not have.
    pub new: Vec<String>,
    /// Occupations that only the release before had.
    pub gone: Vec<String>,
    /// Occupations that only the release before had, with those of the same SOC code that are new.
    pub split: Vec<(String, Vec<String>)>,
    /// Occupations that are not among those of the data set `onet`; none where that was not synced.
    pub unjoined: Option<Vec<String>>,
    /// Tables that the publisher dropped, and the number of their rows that are gone.
    pub ended: Vec<(String, usize)>,
    /// Names of files that the release has and that are not given.
    pub absent: Vec<String>,
    /// Names of files whose last line is not ended.
    pub unended: Vec<String>,
    /// Number of faults that were waived, by rule.
    pub waived: Vec<(&'static str, usize)>,
    /// Number of versions of tables that are dropped, as newer releases take their place.
    pub dropped: usize,
}

/// Changes that a sync makes in a table.
#[derive(Clone, Debug, Default)]
pub struct TablePlan {
    /// The name of the table.
    pub name: String,
    /// Number of rows of the release.
    pub rows: usize,
    /// Number of rows that are new.
    pub added: usize,
    /// Number of rows that are gone.
    pub removed: usize,
    /// Number of rows that say something else.
    pub changed: usize,
    /// The name of its figure.
    pub figure: &'static str,
    /// The largest changes of its figure.
    pub moves: Vec<Move>,
}

/// A change of a figure.
#[derive(Clone, Debug)]
pub struct Move {
    /// The key of the row.
    pub key: String,
    /// The figure before.
    pub before: f32,
    /// The figure of the release.
    pub after: f32,
}

impl Plan {
    /// Tells whether anything differs.
    pub fn differs(&self) -> bool {
        self.before.as_ref() != Some(&self.release)
            || self.tables.iter().any(|table| table.added + table.removed + table.changed > 0)
    }

    /// Sorts the occupations by what became of them.
    pub(super) fn compare(&mut self, before: &BTreeSet<String>, after: &BTreeSet<String>) {
        self.new = after.difference(before).cloned().collect();
        let soc = |code: &str| code.get(..7).unwrap_or(code).to_owned();
        for gone in before.difference(after) {
            let parts: Vec<_> = self.new.iter().filter(|new| soc(new) == soc(gone)).cloned().collect();
            if parts.is_empty() {
                self.gone.push(gone.clone());
            } else {
                self.split.push((gone.clone(), parts));
            }
        }
    }
}

/// The largest changes.
#[derive(Default)]
pub(crate) struct Moves(Vec<Move>);

impl Moves {
    pub(crate) fn note(&mut self, key: &str, before: f32, after: f32) {
        #[expect(clippy::float_cmp, reason = "a figure that is the same did not move")]
        if !before.is_finite() || !after.is_finite() || before == after {
            return;
        }
        // From nothing, no change is larger than another: those come last.
        let size = |(before, after): (f32, f32)| if before == 0.0 { 0.0 } else { ((after - before) / before).abs() };
        let of = |known: &Move| size((known.before, known.after));
        if self.0.len() == MOVES && self.0.last().is_some_and(|least| of(least) >= size((before, after))) {
            return;
        }
        self.0.push(Move { key: key.to_owned(), before, after });
        self.0.sort_by(|one, other| of(other).total_cmp(&of(one)));
        self.0.truncate(MOVES);
    }

    /// The changes, from the largest.
    pub(crate) fn largest(self) -> Vec<Move> {
        self.0
    }
}

/// The first of some codes, and how many follow.
fn named(codes: &[String]) -> String {
    let first = codes.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if codes.len() > NAMED { format!("{first} and {} more", codes.len() - NAMED) } else { first }
}

/// Writes a line about some codes or files, where there are any.
fn list(f: &mut fmt::Formatter<'_>, about: &str, names: &[String]) -> fmt::Result {
    if names.is_empty() { Ok(()) } else { writeln!(f, "  {about}: {} ({})", names.len(), named(names)) }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.before.as_ref().map_or("not synced before".to_owned(), |before| format!("{before} before"));
        writeln!(f, "{} {} ({before})", self.dataset, self.release)?;
        let width = self.tables.iter().map(|table| table.name.len()).max().unwrap_or_default().max(5);
        writeln!(f, "  {:width$}  {:>8}  {:>8}  {:>8}  {:>8}", "table", "rows", "added", "removed", "changed")?;
        for TablePlan { name, rows, added, removed, changed, .. } in &self.tables {
            writeln!(f, "  {name:width$}  {rows:>8}  {added:>8}  {removed:>8}  {changed:>8}")?;
        }
        for table in self.tables.iter().filter(|table| !table.moves.is_empty()) {
            writeln!(f, "  largest changes of {}, by {}:", table.name, table.figure)?;
            for Move { key, before, after } in &table.moves {
                write!(f, "    {key}: {before} to {after}")?;
                if *before != 0.0 {
                    write!(f, " ({:+.1} %)", (after - before) / before.abs() * 100.0)?;
                }
                writeln!(f)?;
            }
        }
        if self.before.is_some() {
            list(f, "new occupations", &self.new)?;
        }
        list(f, "occupations that are gone", &self.gone)?;
        for (code, parts) in &self.split {
            writeln!(f, "  {code} is split into {}", parts.join(", "))?;
        }
        let unjoined = "codes that are neither those of occupations of `onet` nor those that `soc-crosswalks` leads to, and are found by the \
                        code alone";
        list(f, unjoined, self.unjoined.as_deref().unwrap_or_default())?;
        for (table, rows) in &self.ended {
            writeln!(f, "  `{table}` is no longer published: its {rows} rows are gone")?;
        }
        let absent = "files of such a release that are not given, and nothing is known of what they hold";
        list(f, absent, &self.absent)?;
        list(f, "files whose last line does not end with a line feed, as if they were cut off", &self.unended)?;
        for (rule, number) in &self.waived {
            writeln!(f, "  accepted by `{rule}`: {number}")?;
        }
        if self.dropped > 0 {
            writeln!(f, "  tables dropped, of releases that are no longer kept: {}", self.dropped)?;
        }
        Ok(())
    }
}
