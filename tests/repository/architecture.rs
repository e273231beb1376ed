//! The structure that ARCHITECTURE.md promises, held against the files.
mod imports;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The crates of this workspace, by their folders.
fn own() -> BTreeSet<String> {
    let folders = fs::read_dir(crates()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    folders.chain(["migrations".to_owned()]).collect()
}

/// The crates of this workspace that a crate depends on.
fn dependencies(name: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(crates().join(name).join("Cargo.toml")).unwrap();
    let (_, listed) = manifest.split_once("[dependencies]").unwrap();
    let listed = listed.split("\n[").next().unwrap();
    let named = listed.lines().filter_map(|line| line.split(['.', ' ']).next());
    named.filter(|name| own().contains(*name)).map(str::to_owned).collect()
}

/// The crates that own a part of the schema: those that depend on the kernel and are not the server or its benchmark.
fn modules() -> Vec<String> {
    let is_module = |name: &String| name != "server" && name != "bench" && dependencies(name).contains("kernel");
    own().into_iter().filter(|name| name != "migrations").filter(is_module).collect()
}

#[test]
fn dependencies_run_one_way() {
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();

    assert_eq!(dependencies("language"), of(&[]));
    assert_eq!(dependencies("document"), of(&[]));
    assert_eq!(dependencies("store"), of(&["document"]));
    assert_eq!(dependencies("macros"), of(&[]));
    assert_eq!(dependencies("kernel"), of(&["document", "language", "macros", "migrations", "store"]));
    assert_eq!(dependencies("sources"), of(&["kernel", "migrations"]));
    assert_eq!(dependencies("pages"), of(&["kernel"]));
    assert_eq!(dependencies("categories"), of(&["kernel", "migrations", "pages"]));
    assert_eq!(dependencies("careers"), of(&["categories", "kernel", "migrations", "pages", "sources"]));
    assert_eq!(dependencies("datasets"), of(&["kernel", "migrations"]));
    assert_eq!(dependencies("places"), of(&["datasets", "kernel", "migrations"]));
    assert_eq!(dependencies("occupations"), of(&["careers", "datasets", "kernel", "migrations"]));
    for module in modules().into_iter().filter(|module| module != "careers") {
        let allowed = of(&["kernel", "migrations", "pages", "sources", "datasets", "careers", "occupations", "places"]);
        assert!(dependencies(&module).is_subset(&allowed), "{module}: {:?}", dependencies(&module));
    }
}

/// The rooms of crates in ARCHITECTURE.md, each line of the drawing a crate: `store: error ◀ database ◀ …`.
fn drawn() -> Vec<(String, Vec<Vec<String>>)> {
    let text = fs::read_to_string(crates().join("../ARCHITECTURE.md")).unwrap();
    let drawing = text.split("```").find(|block| block.contains("\nstore: ")).unwrap();
    let lines = drawing.lines().filter_map(|line| line.split_once(": "));
    let rooms = |all: &str| all.split('◀').map(|step| step.split_whitespace().map(str::to_owned).collect()).collect();
    lines.map(|(name, all)| (name.to_owned(), rooms(all))).collect()
}

#[test]
fn imports_run_in_the_direction_of_the_drawing() {
    let drawn = drawn();
    let names: Vec<_> = drawn.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["document", "store", "kernel", "datasets", "server", "server/http"]);
    for (name, steps) in drawn {
        let (name, folder) = name.split_once('/').unwrap_or((&name, ""));
        let graph = imports::Imports::of(&crates().join(name).join("src").join(folder));
        assert_eq!(graph.circle(), None, "{name} has a circle of imports");
        let place = |room: &str| steps.iter().position(|step| step.iter().any(|known| known == room));
        for (from, to, where_it_stands) in graph.arrows() {
            let (from_step, to_step) = (place(from), place(to));
            assert!(from_step.is_some(), "the drawing lacks `{from}` of {name}");
            assert!(to_step < from_step, "{name}: `{from}` imports `{to}`, against the drawing: {where_it_stands}");
        }
    }
}

/// Crates of a few lines show that a circle is found.
#[test]
fn circles_are_found_through_re_exports() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod a; mod b; mod c; pub use c::deep::Thing; pub use b::*;");
    write("a.rs", "use crate::Other; pub struct First(Other);");
    write("b.rs", "use crate::Thing; pub struct Other(Thing);");
    write("c/mod.rs", "pub mod deep;");
    write("c/deep.rs", "pub struct Thing; #[cfg(test)] mod tests { use crate::a::First; }");
    let graph = imports::Imports::of(folder.path());
    let arrows: Vec<_> = graph.arrows().map(|(from, to, _)| format!("{from} -> {to}")).collect();
    assert_eq!(arrows, ["a -> b", "b -> c"]);
    assert_eq!(graph.circle(), None);

    write("c/deep.rs", "pub struct Thing; fn back() -> crate::a::First { super::super::a::make() }");
    let circle = imports::Imports::of(folder.path()).circle().unwrap();
    assert!(circle.starts_with("a -> b -> c -> a"), "{circle}");
}

#[test]
fn sql_over_entries_revisions_and_sections_stands_in_the_store() {
    for name in own().into_iter().filter(|name| !["store", "migrations", "bench"].contains(&name.as_str())) {
        let mut files = Vec::new();
        sources(&crates().join(&name).join("src"), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for table in ["entry", "revision", "section", "publication"] {
                for word in [format!("{table}::Entity"), format!("{table}::Column"), format!("FROM {table}")] {
                    assert!(!text.contains(&word), "{}: {word}", file.display());
                }
            }
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn what_lies_below_the_modules_names_no_type_of_a_module() {
    let mut files = Vec::new();
    for name in ["document", "store", "kernel"] {
        sources(&crates().join(name).join("src"), &mut files);
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for word in ["Career,", "Career>", "Certification>", "Training", "faq::", "careers::"] {
                assert!(!line.contains(word), "{}: {line}", file.display());
            }
        }
    }
}

#[test]
fn documents_know_no_database_and_the_store_no_execution() {
    for (name, words) in [
        ("document", &["sea_orm", "tokio::", "sqlx", "rusqlite"][..]),
        ("store", &["async_graphql::Schema", "async_graphql::Context", "async_graphql::Object", "poem"][..]),
    ] {
        let mut files = Vec::new();
        sources(&crates().join(name).join("src"), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for word in words {
                assert!(!text.contains(word), "{}: {word}", file.display());
            }
        }
    }
}

/// Asserts that no file of these folders names one of the words in its code.
fn never(folders: &[String], words: &[&str]) {
    let mut files = Vec::new();
    for folder in folders {
        sources(&crates().join(folder), &mut files);
    }
    assert!(!files.is_empty(), "{folders:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for word in words {
                assert!(!line.contains(word), "{}: {word} in {line}", file.display());
            }
        }
    }
}

fn source_folders(names: impl IntoIterator<Item = String>) -> Vec<String> {
    names.into_iter().map(|name| format!("{name}/src")).collect()
}

#[test]
fn only_the_store_reads_pointers_and_writes() {
    let others = own().into_iter().filter(|name| !["store", "migrations", "bench"].contains(&name.as_str()));
    never(
        &source_folders(others),
        &[
            "published_revision_id",
            "PublishedRevisionId",
            "draft_revision_id",
            "DraftRevisionId",
            ".exec(",
            "transaction::begin",
        ],
    );
}

#[test]
fn resolvers_of_modules_run_no_statement_of_their_own() {
    let words = ["::find(", "find_by_id", "query_all", "query_one", ".database()", ".db()", "Statement::"];
    never(&source_folders(modules()), &words);
}

#[test]
fn migrations_use_no_entity() {
    let mut folders: Vec<_> = modules().iter().map(|name| format!("{name}/migrations")).collect();
    folders.retain(|folder| crates().join(folder).exists());
    folders.push("../migrations/src".to_owned());
    never(&folders, &["Entity", "ActiveModel", "_table::"]);
}

#[test]
fn the_language_knows_no_schema_and_the_server_no_field() {
    never(&["language/src".to_owned()], &["sea_orm", "sqlx", "Career", "kernel::"]);
    // A data set is as little of a domain as an entry: its modules say what it is about.
    let modules = modules().into_iter().filter(|name| name != "datasets");
    let fields: Vec<_> = modules.map(|name| format!("{}::", name.replace('-', "_"))).collect();
    let fields: Vec<_> = fields.iter().map(String::as_str).chain(["FaqQuestion", "Certification"]).collect();
    let folders = ["cli", "command", "database", "http", "limits", "observe", "webhooks"];
    never(&folders.map(|folder| format!("server/src/{folder}")), &fields);
}

#[test]
fn modules_have_the_same_files() {
    let files = |name: &str| {
        let folder = crates().join(name).join("src");
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.map(|name| name.trim_end_matches(".rs").to_owned()).collect::<BTreeSet<_>>()
    };
    assert!(modules().len() > 5, "{:?}", modules());
    for module in modules() {
        assert!(files(&module).contains("lib"), "{module} has no lib");
        let lib = fs::read_to_string(crates().join(&module).join("src/lib.rs")).unwrap();
        let owns_content = ["app.kind::", "app.section::", "app.part::"].iter().any(|owned| lib.contains(owned));
        assert!(files(&module).contains("document") || !owns_content, "{module} has no document");
        let owns_tables = owns_content || lib.contains("app.table::");
        let has_migrations = crates().join(&module).join("migrations/mod.rs").exists();
        assert_eq!(has_migrations, owns_tables, "{module}: a module has migrations where it owns content or tables");
    }
}

#[test]
fn no_unit_test_is_left_out() {
    for name in own() {
        let folder = crates().join(&name);
        let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) else { continue };
        let has_none = manifest.split("\n[").any(|table| table.starts_with("lib]") && table.contains("\ntest = false"));
        let mut files = Vec::new();
        sources(&folder.join("src"), &mut files);
        for file in files.iter().filter(|_| has_none) {
            let text = fs::read_to_string(file).unwrap();
            assert!(!text.contains("#[cfg(test)]"), "{}: the manifest of {name} says `test = false`", file.display());
        }
    }
}

#[test]
fn a_module_fits_one_screen() {
    for module in modules() {
        let lib = fs::read_to_string(crates().join(&module).join("src/lib.rs")).unwrap();
        assert!(lib.lines().count() <= 70, "{module}: {} lines", lib.lines().count());
    }
}

#[test]
fn the_files_that_the_documents_name_are_there() {
    let root = crates().join("..");
    let mut files = Vec::new();
    for folder in ["crates", "migrations", "tests"] {
        sources(&root.join(folder), &mut files);
    }
    let decisions = fs::read_dir(root.join("docs/decisions")).unwrap().map(|entry| entry.unwrap().path());
    for page in decisions.chain(["ARCHITECTURE.md", "CONTRIBUTING.md"].map(|page| root.join(page))) {
        let text = fs::read_to_string(&page).unwrap();
        let named: Vec<_> =
            text.split('`').filter(|word| word.strip_suffix(".rs").is_some_and(|name| !name.contains(' '))).collect();
        for name in named {
            assert!(files.iter().any(|file| file.ends_with(name)), "{} names {name}", page.display());
        }
    }
}

#[test]
fn no_type_name_has_two_meanings_in_a_crate() {
    /// Names that `sea-orm` asks for in the module of each table.
    const OF_TABLES: [&str; 5] = ["Model", "Entity", "Column", "Relation", "ActiveModel"];
    for name in own().into_iter().filter(|name| name != "migrations" && name != "bench") {
        let mut files = Vec::new();
        sources(&crates().join(&name).join("src"), &mut files);
        let mut seen: std::collections::BTreeMap<String, PathBuf> = std::collections::BTreeMap::new();
        for file in files {
            let parsed = syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
            for item in parsed.items {
                let declared = match item {
                    syn::Item::Struct(item) => item.ident,
                    syn::Item::Enum(item) => item.ident,
                    syn::Item::Trait(item) => item.ident,
                    syn::Item::Type(item) => item.ident,
                    _ => continue,
                };
                let declared = declared.to_string();
                if OF_TABLES.contains(&declared.as_str()) {
                    continue;
                }
                if let Some(first) = seen.insert(declared.clone(), file.clone()) {
                    panic!("{name} has two types `{declared}`: {} and {}", first.display(), file.display());
                }
            }
        }
    }
}

#[test]
fn doc_comments_begin_with_a_noun_or_a_verb() {
    let mut files = Vec::new();
    for folder in ["crates", "migrations", "tests"] {
        sources(&crates().join("..").join(folder), &mut files);
    }
    for file in files.into_iter().filter(|file| !file.components().any(|part| part.as_os_str() == "target")) {
        let text = fs::read_to_string(&file).unwrap();
        let mut before = "";
        for line in text.lines().map(str::trim) {
            let comment = line.strip_prefix("/// ").or_else(|| line.strip_prefix("//! "));
            if let Some(comment) = comment.filter(|_| !before.starts_with("///") && !before.starts_with("//!")) {
                let word = comment.split(' ').next().unwrap();
                let asks = ["What", "Whether", "How", "Where", "Who", "When"].contains(&word);
                assert!(!asks, "{}: {comment}", file.display());
            }
            before = line;
        }
    }
}
