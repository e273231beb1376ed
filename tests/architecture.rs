//! The structure that ARCHITECTURE.md promises, held against the files.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The crates of this workspace that a crate depends on.
fn dependencies(name: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(crates().join(name).join("Cargo.toml")).unwrap();
    let own = [
        "kernel",
        "language",
        "migrations",
        "sources",
        "careers",
        "training",
        "certifications",
        "ai-impact",
        "faq",
        "server",
    ];
    let (_, listed) = manifest.split_once("[dependencies]").unwrap();
    let listed = listed.split("\n[").next().unwrap();
    let named = listed.lines().filter_map(|line| line.split(['.', ' ']).next());
    named.filter(|name| own.contains(name)).map(str::to_owned).collect()
}

#[test]
fn dependencies_run_one_way() {
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();

    assert_eq!(dependencies("language"), of(&[]));
    assert_eq!(dependencies("kernel"), of(&["language", "migrations"]));
    assert_eq!(dependencies("sources"), of(&["kernel", "migrations"]));
    assert_eq!(dependencies("careers"), of(&["kernel", "migrations", "sources"]));
    for module in ["training", "certifications", "ai-impact", "faq"] {
        let allowed = of(&["kernel", "migrations", "sources", "careers"]);
        assert!(dependencies(module).is_subset(&allowed), "{module}: {:?}", dependencies(module));
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
fn the_kernel_names_no_type_of_a_module() {
    let mut files = Vec::new();
    sources(&crates().join("kernel/src"), &mut files);
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
fn modules_have_the_same_files() {
    let files = |name: &str| {
        let folder = crates().join(name).join("src");
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.map(|name| name.trim_end_matches(".rs").to_owned()).collect::<BTreeSet<_>>()
    };
    for module in ["sources", "careers", "training", "certifications", "ai-impact", "faq"] {
        for expected in ["lib", "document", "entity", "filter", "order", "project"] {
            assert!(files(module).contains(expected), "{module} has no {expected}");
        }
    }
}

#[test]
fn a_module_fits_one_screen() {
    for module in ["sources", "careers", "training", "certifications", "ai-impact", "faq"] {
        let lib = fs::read_to_string(crates().join(module).join("src/lib.rs")).unwrap();
        assert!(lib.lines().count() <= 70, "{module}: {} lines", lib.lines().count());
    }
}
