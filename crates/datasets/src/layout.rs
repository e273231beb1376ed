//! Layouts: the files that the rows of a table come from, as publishers rename, divide and drop them.
use std::cmp::Ordering;

use crate::{
    Fault,
    files::{InputFile, InputFiles},
};

/// The names of a file in the formats that its publisher offers. `*` stands for any text.
pub type FileNames = &'static [&'static str];

/// Files of a table, from a release on until the next layout takes their place.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The first release that has the layout; none for the first layout.
    since: Option<&'static str>,
    /// The files; none where the publisher dropped the table.
    files: &'static [FileNames],
    /// True where the publisher has fewer rows in this layout than in the one before.
    has_fewer_rows: bool,
}

impl Layout {
    /// The first layout.
    pub const fn first(files: &'static [FileNames]) -> Self {
        Self { since: None, files, has_fewer_rows: false }
    }

    /// A layout from a release on.
    pub const fn since(release: &'static str, files: &'static [FileNames]) -> Self {
        Self { since: Some(release), files, has_fewer_rows: false }
    }

    /// A layout from a release on, in which the publisher has fewer rows than before.
    pub const fn smaller_since(release: &'static str, files: &'static [FileNames]) -> Self {
        Self { since: Some(release), files, has_fewer_rows: true }
    }

    /// No files: the publisher dropped the table with a release.
    pub const fn dropped_with(release: &'static str) -> Self {
        Self { since: Some(release), files: &[], has_fewer_rows: true }
    }

    /// The files of layouts that are given, in the order of the layouts.
    pub fn given<'f>(layouts: &[Self], files: &'f InputFiles) -> Vec<&'f InputFile> {
        let mut given: Vec<&InputFile> = Vec::new();
        for names in layouts.iter().flat_map(|layout| layout.files) {
            let new = files.find(names).filter(|file| given.iter().all(|known| known.name != file.name));
            given.extend(new);
        }
        given
    }

    /// Rule `mixed-releases`: the fault of a file in two formats, or of files of which some took the place of the others.
    pub(crate) fn mixed(tables: &[&[Self]], files: &InputFiles) -> Option<Fault> {
        let fault = |file: &InputFile, other: &InputFile| {
            let message = format!(
                "`{}` is given as well, which has the same rows or those of another release; name the files of one release, in one format",
                other.shown
            );
            file.fault("mixed-releases", message)
        };
        let layouts = || tables.iter().copied().flatten();
        for names in layouts().flat_map(|layout| layout.files) {
            let mut given = names.iter().filter_map(|name| files.find(&[name]));
            if let Some((file, other)) = given.next().zip(given.next()) {
                return Some(fault(file, other));
            }
        }
        layouts().filter_map(|layout| layout.since).find_map(|since| {
            let last_of = |most: Ordering| {
                let is_of = |layout: &&Self| layout.since.is_none_or(|of| number(of).cmp(&number(since)) <= most);
                let last = tables.iter().filter_map(|layouts| layouts.iter().rfind(is_of));
                last.flat_map(|layout| layout.files).filter_map(|names| files.find(names)).collect::<Vec<_>>()
            };
            let (before, from) = (last_of(Ordering::Less), last_of(Ordering::Equal));
            let only = |some: &[&InputFile], others: &[&InputFile]| {
                let is_other = |file: &&String| others.iter().any(|other| other.name == **file);
                some.iter().map(|file| &file.name).find(|name| !is_other(name)).and_then(|name| files.find(&[name]))
            };
            Some(fault(only(&before, &from)?, only(&from, &before)?))
        })
    }

    /// The layout of a release: the one of which most files are given; where that does not tell, the one that the release should have.
    fn of<'l>(layouts: &'l [Self], release: &str, files: &InputFiles) -> Option<&'l Self> {
        layouts.iter().max_by_key(|layout| {
            let given = layout.files.iter().filter(|names| is_given(files, names)).count();
            (given, layout.since.is_none_or(|since| is_from(release, since)))
        })
    }

    /// The files of a release that are not given.
    fn missing<'l>(layouts: &'l [Self], release: &str, files: &InputFiles) -> impl Iterator<Item = &'l FileNames> {
        let layout = Self::of(layouts, release, files).into_iter();
        layout.flat_map(|layout| layout.files).filter(|names| !is_given(files, names))
    }

    /// Names of the files of a release that are not given, each in the format of the most files that are.
    pub(crate) fn absent(layouts: &[Self], release: &str, files: &InputFiles) -> Vec<String> {
        Self::missing(layouts, release, files).map(|names| shown(names, files)).collect()
    }

    /// The same of files that the release before had; where it had other files, all.
    pub(crate) fn missed(layouts: &[Self], release: &str, files: &InputFiles, before: &[&str]) -> Vec<String> {
        let had = |names: &&FileNames| before.iter().any(|file| names.iter().any(|pattern| fits(pattern, file)));
        let missed: Vec<_> =
            Self::missing(layouts, release, files).filter(had).map(|names| shown(names, files)).collect();
        if missed.is_empty() { Self::absent(layouts, release, files) } else { missed }
    }

    /// Tells whether a release has no such table any more.
    pub(crate) fn is_dropped(layouts: &[Self], release: &str, files: &InputFiles) -> bool {
        Self::of(layouts, release, files).is_some_and(|layout| layout.files.is_empty())
    }

    /// Tells whether the publisher has fewer rows in a release than in one before, as a layout between the two says.
    pub(crate) fn lets_shrink(layouts: &[Self], before: &str, release: &str) -> bool {
        let between = |since: &str| number(before) < number(since) && is_from(release, since);
        let smaller = layouts.iter().filter(|layout| layout.has_fewer_rows).filter_map(|layout| layout.since);
        number(before).is_some() && smaller.into_iter().any(between)
    }
}

/// The number of a release, such as 30 and 3 of `30.3`; none where its name is not like that.
fn number(release: &str) -> Option<(u32, u32)> {
    let (major, minor) = release.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Tells whether a release is a certain one, or a later one.
fn is_from(release: &str, first: &str) -> bool {
    number(release).is_some_and(|release| Some(release) >= number(first))
}

/// The name of a file in the format of the most files that are given.
fn shown(names: &[&str], files: &InputFiles) -> String {
    let alike = |name: &&&str| {
        let ending = name.rsplit('.').next().unwrap_or_default();
        // `Read Me.txt` comes with whatever format.
        (files.all().filter(|file| file.has_ending(ending)).count(), ending != "txt")
    };
    names.iter().rev().max_by_key(alike).map_or_else(String::new, |name| (*name).to_owned())
}

/// Tells whether a file is given by one of its names.
fn is_given(files: &InputFiles, names: &[&str]) -> bool {
    files.all().any(|file| names.iter().any(|pattern| fits(pattern, &file.name)))
}

/// Tells whether a name fits a pattern, in which `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(begin) else { return false };
    let ends = name.char_indices().map(|(index, _)| index).chain([name.len()]);
    ends.into_iter().any(|index| fits(rest, &name[index..]))
}

#[cfg(test)]
mod tests {
    use super::{Layout, fits};

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(fits("*state*.csv", "oews_2025_state.csv") && fits("*state*.csv", "state.csv"));
        assert!(!fits("*state*.csv", "oews_2025_national.csv") && !fits("state.csv", "a state.csv"));
    }

    #[test]
    fn rows_may_go_only_where_the_layout_changes_between_two_releases() {
        let layouts = [Layout::first(&[&["Tools.txt"]]), Layout::dropped_with("30.3")];
        let lets = |before, release| Layout::lets_shrink(&layouts, before, release);
        assert!(lets("30.1", "30.3") && lets("9.9", "31.0"));
        assert!(!lets("30.1", "30.2") && !lets("30.3", "31.0") && !lets("30.3", "30.1"));
        assert!(!lets("spring", "30.3") && !lets("30.1", "autumn"));
    }
}
