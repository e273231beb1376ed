//! The imports of a crate: which of its rooms (the folders and files beside `lib.rs`) uses which, through re-exports.
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::Path,
};

use syn::{
    Attribute, Item, UseTree, Visibility,
    visit::{self, Visit},
};

/// A module by its path, such as `["database", "read"]`; the root is empty.
type Module = Vec<String>;

/// Contents of a file: paths that lead elsewhere, and names that lead on from here.
#[derive(Default)]
struct Source {
    used: Vec<Module>,
    renamed: BTreeMap<String, Module>,
    globs: Vec<Module>,
    declared: BTreeSet<String>,
}

/// The arrows between the rooms of a crate.
pub(super) struct Imports {
    /// Examples of uses, by the two rooms.
    arrows: BTreeMap<(String, String), String>,
}

impl Imports {
    /// Those of the crate in this folder.
    pub(super) fn of(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(folder, &Module::new(), &mut files);
        let modules: BTreeSet<Module> = files.keys().cloned().collect();
        let sources: BTreeMap<&Module, Source> =
            files.iter().map(|(module, file)| (module, Reader::read(module, file, &modules))).collect();
        let mut arrows = BTreeMap::new();
        for (module, source) in &sources {
            let Some(from) = module.first() else { continue };
            for used in &source.used {
                let reached = resolve(used, &sources, 0);
                if let Some(to) = reached.as_ref().and_then(|reached| reached.first()).filter(|to| *to != from) {
                    let place = || format!("{} uses {}", module.join("::"), used.join("::"));
                    arrows.entry((from.clone(), to.clone())).or_insert_with(place);
                }
            }
        }
        Self { arrows }
    }

    /// All of them: from, to, and an example.
    pub(super) fn arrows(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.arrows.iter().map(|((from, to), place)| (from.as_str(), to.as_str(), place.as_str()))
    }

    /// The shortest circle, with an example for each step.
    pub(super) fn circle(&self) -> Option<String> {
        let rooms: BTreeSet<&str> = self.arrows().map(|(from, ..)| from).collect();
        let circles = rooms.into_iter().filter_map(|room| self.way_back(room));
        let shortest = circles.min_by_key(Vec::len)?;
        let steps = shortest.windows(2).filter_map(|step| self.arrows.get(&(step[0].to_owned(), step[1].to_owned())));
        Some(format!("{}: {}", shortest.join(" -> "), steps.cloned().collect::<Vec<_>>().join("; ")))
    }

    /// The shortest way from a room to itself.
    fn way_back<'a>(&'a self, room: &'a str) -> Option<Vec<&'a str>> {
        let (mut ways, mut seen) = (VecDeque::from([vec![room]]), BTreeSet::new());
        while let Some(way) = ways.pop_front() {
            let last = way[way.len() - 1];
            for (_, to, _) in self.arrows().filter(|(from, ..)| *from == last) {
                let way: Vec<_> = way.iter().copied().chain([to]).collect();
                if to == room {
                    return Some(way);
                }
                if seen.insert(to) {
                    ways.push_back(way);
                }
            }
        }
        None
    }
}

/// The files of a folder by their modules.
fn collect(folder: &Path, module: &Module, files: &mut BTreeMap<Module, syn::File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let child: Module = module.iter().cloned().chain([stem.clone()]).collect();
        if path.is_dir() {
            collect(&path, &child, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = if stem == "mod" || stem == "lib" { module.clone() } else { child };
            files.insert(module, syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
        }
    }
}

/// The module in which the thing of this path is declared; none where a glob leads in a circle.
fn resolve(path: &[String], sources: &BTreeMap<&Module, Source>, depth: usize) -> Option<Module> {
    let mut at = Module::new();
    for (index, name) in path.iter().enumerate() {
        let child: Module = at.iter().cloned().chain([name.clone()]).collect();
        if sources.contains_key(&child) {
            at = child;
            continue;
        }
        let source = sources.get(&at).filter(|_| depth < 20)?;
        let rest = &path[index + 1..];
        if let Some(to) = source.renamed.get(name) {
            let onwards: Vec<_> = to.iter().chain(rest).cloned().collect();
            return resolve(&onwards, sources, depth + 1);
        }
        if source.declared.contains(name) {
            return Some(at);
        }
        let through = |to: &Module| {
            let path: Vec<_> = to.iter().cloned().chain([name.clone()]).chain(rest.iter().cloned()).collect();
            let reached = resolve(&path, sources, depth + 1)?;
            sources.get(&reached).filter(|found| found.declared.contains(name)).map(|_| reached)
        };
        return source.globs.iter().find_map(through).or(Some(at));
    }
    Some(at)
}

/// Reads the paths of a file.
struct Reader<'a> {
    module: &'a Module,
    modules: &'a BTreeSet<Module>,
    source: Source,
}

impl<'a> Reader<'a> {
    fn read(module: &'a Module, file: &syn::File, modules: &'a BTreeSet<Module>) -> Source {
        let declared = file.items.iter().filter_map(declared).collect();
        let mut reader = Self { module, modules, source: Source { declared, ..Source::default() } };
        reader.visit_file(file);
        reader.source
    }

    /// A path from the root of the crate; none where it leads outside.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let mut at = self.module.clone();
        match path.first()?.as_str() {
            "crate" => return Some(path[1..].to_vec()),
            "self" => return Some(at.into_iter().chain(path[1..].iter().cloned()).collect()),
            "super" => {}
            first => {
                at.push(first.to_owned());
                // A child module.
                return self.modules.contains(&at).then(|| self.module.iter().chain(path).cloned().collect());
            }
        }
        let ups = path.iter().take_while(|step| *step == "super").count();
        at.truncate(at.len().checked_sub(ups)?);
        Some(at.into_iter().chain(path[ups..].iter().cloned()).collect())
    }

    fn tree(&mut self, tree: &UseTree, before: &[String], is_passed_on: bool) {
        let with = |name: &syn::Ident| before.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>();
        let (path, name) = match tree {
            UseTree::Path(path) => return self.tree(&path.tree, &with(&path.ident), is_passed_on),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.tree(tree, before, is_passed_on));
            }
            UseTree::Glob(_) => {
                let Some(path) = self.absolute(before) else { return };
                if is_passed_on {
                    self.source.globs.push(path.clone());
                }
                return self.uses(path);
            }
            UseTree::Name(name) if name.ident == "self" => {
                (before.to_vec(), before.last().cloned().unwrap_or_default())
            }
            UseTree::Name(name) => (with(&name.ident), name.ident.to_string()),
            UseTree::Rename(rename) => (with(&rename.ident), rename.rename.to_string()),
        };
        let Some(path) = self.absolute(&path) else { return };
        self.source.renamed.insert(name, path.clone());
        self.uses(path);
    }

    /// Notes a use, except that a module names what lies within it.
    fn uses(&mut self, path: Module) {
        if !path.starts_with(self.module) || self.module.is_empty() {
            self.source.used.push(path);
        }
    }
}

/// The name that an item declares.
fn declared(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let mut is_test = attribute.path().is_ident("test");
        if attribute.path().is_ident("cfg") {
            let _other = attribute.parse_nested_meta(|meta| {
                is_test |= meta.path.is_ident("test");
                Ok(())
            });
        }
        is_test
    })
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if is_for_tests(&module.attrs) => {}
            Item::Use(used) if is_for_tests(&used.attrs) => {}
            Item::Use(used) => {
                let is_passed_on = !matches!(used.vis, Visibility::Inherited);
                self.tree(&used.tree, &[], is_passed_on);
            }
            item => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let path_of: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path_of.len() > 1
            && let Some(path) = self.absolute(&path_of)
        {
            self.uses(path);
        }
        visit::visit_path(self, path);
    }
}
