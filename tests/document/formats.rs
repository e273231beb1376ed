//! Files as people write them: what was read, where, and what to write instead.
use std::fmt::Write as _;

use crate::harness::{Binary, Folder};

/// Checks one path; the lines without the folder.
async fn check(folder: &Folder, name: &str) -> Vec<String> {
    let path = folder.path().join(name);
    let output = Binary::new(&["check", path.to_str().unwrap()]).run().await;
    let prefix = format!("{}/", folder.path().display());
    output.out.lines().map(|line| line.replace(&prefix, "")).collect()
}

/// Words that only a programmer knows.
fn assert_plain(lines: &[String]) {
    for word in ["from_", "serde", "Deserialize", "::", "struct", "lines 0"] {
        assert!(lines.iter().all(|line| !line.contains(word)), "{word}: {lines:#?}");
    }
}

const HEAD: &str = "kind: career\nslug: a\ntitle: A\nsummary: S.\n";
const FIGURE: &str = "currency: USD, period: YEAR, source: survey, asOf: 2025-05-01";

#[tokio::test]
async fn each_slip_says_what_was_read_and_what_to_write() {
    let with = |more: &str| format!("{HEAD}{more}");
    let cases = [
        (
            "a.yaml",
            with("---\n").into_bytes(),
            "a.yaml:5:4: error[yaml] a second document begins here, and a file may hold only one: delete a `---`",
        ),
        (
            "a.yaml",
            with("---\nkind: career\nslug: b\n").into_bytes(),
            "a.yaml:6:1: error[yaml] a second document begins here",
        ),
        ("a.yaml", with("roles:\n\t- key: a\n").into_bytes(), "a.yaml:6:"),
        ("a.yaml", with("tags: *x\n").into_bytes(), "a.yaml:5:7: error[yaml] an alias (`*name`) has no anchor"),
        ("a.yaml", with("title: [\n").into_bytes(), "a.yaml:"),
        (
            "a.yaml",
            with(&format!("pay: {{median: {{amount: \"48000\", {FIGURE}}}}}\n")).into_bytes(),
            "a.yaml:5:16: error[wrong-type] pay.median.amount: takes a number, not the text `48000`; write 48000 without quotes",
        ),
        ("a.yaml", with(&format!("pay: {{median: {{amount: 48,000, {FIGURE}}}}}\n")).into_bytes(), "a.yaml:5:"),
        (
            "a.yaml",
            with(&format!("pay: {{median: {{low: 5, {FIGURE}}}}}\n")).into_bytes(),
            "a.yaml:5:16: error[unknown-field] pay.median.low: `Money` has no field `low`: it is one figure, not a range. Ranges with `low` and \
             `high` belong in ",
        ),
        (
            "a.yaml",
            with("roles: [{key: a, title: A, level: entry}]\n").into_bytes(),
            "a.yaml:5:28: error[unknown-value] roles[0].level: takes `ENTRY`, `MID`, `SENIOR`, not `entry`; did you mean `ENTRY`?",
        ),
        (
            "a.yaml",
            with("tags: [C++]\n").into_bytes(),
            "a.yaml:5:8: error[wrong-type] tags[0]: `C++` is not a valid `Slug`; write `c-plus-plus`",
        ),
        (
            "a.yaml",
            b"kind: career\nslug: 5\ntitle: A\nsummary: S.\n".to_vec(),
            "a.yaml:2:1: error[wrong-type] slug: `slug` takes text, not `5`; put it in quotes",
        ),
        (
            "a.yaml",
            Vec::new(),
            "a.yaml:1:1: error[wrong-type] a document is a mapping with `kind`, `slug` and its content; this one is empty",
        ),
        (
            "a.yaml",
            b"\xff\xfek\0i\0n\0d\0".to_vec(),
            "a.yaml:1:1: error[unreadable-file] it is UTF-16 text; save it as UTF-8",
        ),
        (
            "a.jsonl",
            b"\xff\xfe{\0\"\0".to_vec(),
            "a.jsonl:1:1: error[unreadable-file] it is UTF-16 text; save it as UTF-8",
        ),
        (
            "a.jsonl",
            br#"{"kind": "career", "slug": "a", "title": "A", "title": "B", "summary": "S."}"#.to_vec(),
            "a.jsonl:1:33: error[duplicate-field] title: `title` appears twice, in columns 33 and 47; keep one of them",
        ),
        (
            "a.jsonl",
            b"\n[\n{\"kind\": \"career\"},\n{}]\n".to_vec(),
            "a.jsonl:2:1: error[json] this begins an array, and a JSON Lines file has a document in each line",
        ),
        (
            "a.jsonl",
            b"{\n  \"kind\": \"career\"\n}\n".to_vec(),
            "a.jsonl:1:1: error[json] this begins a document of several lines",
        ),
        (
            "a.json",
            b"[{\"kind\": \"career\"}]".to_vec(),
            "a.json:1:1: error[wrong-type] a document is a mapping with `kind`, `slug` and its content; this is a list",
        ),
        (
            "a.tsv",
            b"kind\tslug\n".to_vec(),
            "a.tsv:1:1: error[unreadable-file] a .tsv file is not read: a .yaml, .yml or .json file holds one document",
        ),
        ("a.csv", b"kind,slug\n".to_vec(), "a.csv:1:1: error[unreadable-file] a .csv file is not read"),
    ];
    for (name, bytes, expected) in cases {
        let folder = Folder::new();
        folder.source("survey");
        std::fs::write(folder.path().join(name), &bytes).unwrap();
        let lines = check(&folder, name).await;
        assert!(lines.iter().any(|line| line.starts_with(expected)), "{expected}\n{lines:#?}");
        assert!(lines.len() <= 4, "{lines:#?}");
        assert_plain(&lines);
    }
}

#[tokio::test]
async fn words_are_text_and_codes_keep_their_zeros() {
    let folder = Folder::new();
    folder.file(
        "y.yaml",
        "kind: career\nslug: y\ntitle: no\nsummary: yes\nalternateTitles: [on, Off, n, 1_000, 007]\n\
         codes: [{scheme: ISCO, version: 08, code: 0110, match: EXACT}]\n",
    );
    assert_eq!(check(&folder, "y.yaml").await, ["1 file, 0 errors, 0 warnings."]);
}

#[tokio::test]
async fn json_windows_lines_and_marks_are_read() {
    let folder = Folder::new();
    folder.file(
        "a.json",
        "{\n  \"kind\": \"career\",\n  \"slug\": \"a\",\n  \"title\": \"A\",\n  \"summary\": \"S.\"\n}\n",
    );
    folder.file("b.yaml", "\u{feff}kind: career\r\nslug: b\r\ntitle: B\r\nsummary: S.\r\n");
    folder.file(
        "c.jsonl",
        "\u{feff}{\"kind\": \"career\", \"slug\": \"c\", \"title\": \"C\", \"summary\": \"S.\"}\r\n\r\n",
    );
    assert_eq!(check(&folder, "").await, ["3 files, 0 errors, 0 warnings."]);
}

#[tokio::test]
async fn a_folder_of_other_files_says_which_types_there_are() {
    let folder = Folder::new();
    folder.file("table.tsv", "kind\tslug\n");
    let lines = check(&folder, "").await;
    assert!(
        lines[0].contains("error[no-documents] there is no document in this folder: a .yaml, .yml or .json file holds"),
        "{lines:#?}"
    );
}

#[tokio::test]
async fn aliases_that_multiply_are_refused_at_once() {
    let folder = Folder::new();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    folder.file("a.yaml", &format!("{HEAD}{bomb}"));
    let lines = check(&folder, "a.yaml").await;
    assert!(lines[0].contains("error[yaml]") && lines[0].contains("too large"), "{lines:#?}");
    assert_plain(&lines);
}
