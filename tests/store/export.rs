//! Export: what was imported comes out again, the same bytes from every database.
use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::harness::{Binary, Folder, TestDatabase, seed};

/// All documents below a folder, by relative path. Those of its folder `data` are files of data sets.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for kind in fs::read_dir(folder).unwrap() {
        let kind = kind.unwrap().path();
        if kind.ends_with("data") {
            continue;
        }
        for file in fs::read_dir(&kind).unwrap() {
            let file = file.unwrap().path();
            let name = file.strip_prefix(folder).unwrap().display().to_string();
            found.insert(name, fs::read_to_string(&file).unwrap());
        }
    }
    found
}

async fn run(arguments: &[&str], database: &TestDatabase) -> String {
    let output = Binary::new(arguments).database(&database.url).run().await;
    assert_eq!(output.status, 0, "{}{}", output.out, output.err);
    output.out
}

#[tokio::test]
async fn the_export_of_the_seed_is_the_seed_as_data() {
    let database = TestDatabase::fresh().await;
    let target = Folder::new();
    run(&["import", "--publish", seed().to_str().unwrap()], &database).await;

    run(&["export", target.path().to_str().unwrap()], &database).await;

    let data = |text: &String| serde_saphyr::from_str::<Value>(text).unwrap();
    let (exported, expected) = (files(target.path()), files(&seed()));
    assert_eq!(exported.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, text) in &expected {
        assert_eq!(data(&exported[name]), data(text), "{name}");
    }
}

#[tokio::test]
async fn importing_an_export_changes_nothing() {
    let database = TestDatabase::fresh().await;
    let target = Folder::new();
    run(&["import", "--publish", seed().to_str().unwrap()], &database).await;
    run(&["export", target.path().to_str().unwrap()], &database).await;

    let summary = run(&["import", "--publish", target.path().to_str().unwrap()], &database).await;

    assert!(summary.contains("0 created, 0 updated"), "{summary}");
}

#[tokio::test]
async fn an_export_is_the_same_bytes_from_another_database() {
    let (embedded, other) = (TestDatabase::sqlite(), TestDatabase::fresh().await);
    let (first, second) = (Folder::new(), Folder::new());
    run(&["import", "--publish", seed().to_str().unwrap()], &embedded).await;
    run(&["export", first.path().to_str().unwrap()], &embedded).await;
    run(&["import", "--publish", first.path().to_str().unwrap()], &other).await;

    run(&["export", second.path().to_str().unwrap()], &other).await;

    assert_eq!(files(first.path()), files(second.path()));
}

#[tokio::test]
async fn drafts_are_exported_only_when_asked_for() {
    let database = TestDatabase::fresh().await;
    let (folder, target) = (Folder::new(), Folder::new());
    folder.career("draft", "Draft", "");
    run(&["import", folder.path().to_str().unwrap()], &database).await;

    assert!(run(&["export", target.path().to_str().unwrap()], &database).await.starts_with("Wrote 0 documents"));
    let drafts = run(&["export", target.path().to_str().unwrap(), "--perspective", "draft"], &database).await;
    assert!(drafts.starts_with("Wrote 1 document "), "{drafts}");
}

#[tokio::test]
async fn awkward_text_survives() {
    let database = TestDatabase::fresh().await;
    let (folder, target) = (Folder::new(), Folder::new());
    let awkward = [
        "  leading",
        "trailing  ",
        "trailing newline\n",
        "two\n\n\nblank",
        "# no comment",
        "- no list",
        "a: b",
        "yes",
        "null",
        "1.0",
        "0x1F",
        "'quoted'",
        "\"double\"",
        "tab\tin it",
        "emoji 🩺",
        "back\\slash",
        "%percent",
        "&anchor",
        "*alias",
        "  - indented\n    - more",
        "long ".repeat(60).trim_end().to_owned().leak(),
        "| pipe",
        "> fold",
        "line\u{2028}separator",
        "é\u{301}",
    ];
    let faq: Vec<String> = awkward
        .iter()
        .enumerate()
        .map(|(number, text)| format!("  - {{key: q{number}, question: Q?, answer: {}}}\n", Value::from(*text)))
        .collect();
    folder.career("awkward", "Awkward", &format!("faq:\n{}", faq.concat()));
    run(&["import", "--publish", folder.path().to_str().unwrap()], &database).await;

    run(&["export", target.path().to_str().unwrap()], &database).await;

    let exported: Value = serde_saphyr::from_str(&files(target.path())["careers/awkward.yaml"]).unwrap();
    let answers: Vec<&str> =
        exported["faq"].as_array().unwrap().iter().map(|question| question["answer"].as_str().unwrap()).collect();
    assert_eq!(answers, awkward);
    let summary = run(&["import", "--publish", target.path().to_str().unwrap()], &database).await;
    assert!(summary.contains("0 created, 0 updated, 1 unchanged"), "{summary}");
}

#[tokio::test]
async fn what_an_older_export_left_is_named_and_removed_when_asked() {
    let database = TestDatabase::fresh().await;
    let (folder, target) = (Folder::new(), Folder::new());
    folder.career("stays", "Stays", "");
    folder.career("goes", "Goes", "");
    let path = target.path().to_str().unwrap();
    run(&["import", "--publish", folder.path().to_str().unwrap()], &database).await;
    run(&["export", path], &database).await;
    run(&["unpublish", "career", "goes"], &database).await;
    // What people put there is not of an export, whatever it looks like.
    let mine = [
        target.file("notes.yaml", "kind: career\nslug: goes\ntitle: Mine\nsummary: S.\n"),
        target.file("careers/other.yaml", "kind: career\nslug: goes\ntitle: Mine\nsummary: S.\n"),
        target.file("careers/broken.yaml", "kind: [\n"),
        target.file("careers/readme.md", "# Mine\n"),
        target.file("careers/goes.yaml.bak", "kind: career\nslug: goes\n"),
    ];

    let told = Binary::new(&["export", path]).database(&database.url).run().await;

    assert_eq!(told.status, 0);
    assert!(
        told.err.contains("1 file of an earlier export belongs to no entry that is exported now: careers/goes.yaml."),
        "{}",
        told.err
    );
    assert!(told.err.contains(&format!("`careerql export {path} --prune`")), "{}", told.err);
    let others = "would read 3 files that no export wrote: careers/broken.yaml, careers/other.yaml, notes.yaml.";
    assert!(told.err.contains(others), "{}", told.err);
    assert!(target.path().join("careers/goes.yaml").exists());

    let pruned = Binary::new(&["export", path, "--prune"]).database(&database.url).run().await;

    assert!(pruned.out.starts_with("removed careers/goes.yaml\n"), "{}", pruned.out);
    assert!(!target.path().join("careers/goes.yaml").exists());
    assert!(target.path().join("careers/stays.yaml").exists());
    for file in mine {
        assert!(file.exists(), "{}", file.display());
    }
    // Where nothing is exported, such as from a database that was named by mistake, nothing is removed.
    let empty = TestDatabase::fresh().await;
    let kept = Binary::new(&["export", path, "--prune"]).database(&empty.url).run().await;
    assert!(kept.err.contains("careers/stays.yaml"), "{}", kept.err);
    assert!(target.path().join("careers/stays.yaml").exists());
}
