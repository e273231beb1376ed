//! `careerql check`: broken files of all kinds, one clear line each, all problems in one run.
use crate::harness::{Binary, Folder, seed};

/// Checks a file; returns the lines without the folder's path, the last of them the summary.
async fn check(folder: &Folder) -> (i32, Vec<String>) {
    let output = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;
    assert_eq!(output.err, "");
    let prefix = format!("{}/", folder.path().display());
    (output.status, output.out.lines().map(|line| line.replace(&prefix, "")).collect())
}

/// Checks one career that has these fields beside kind, slug, title and summary (lines 1 to 4).
async fn career(more: &str) -> Vec<String> {
    let folder = Folder::new();
    folder.source("survey");
    folder.career("x", "X", more);
    let (_, mut lines) = check(&folder).await;
    lines.pop();
    lines
}

#[tokio::test]
async fn the_seed_has_no_errors() {
    let output = Binary::new(&["check", seed().to_str().unwrap()]).run().await;

    assert_eq!(output.status, 0, "{}", output.out);
    assert!(output.out.ends_with(" warnings.\n"), "{}", output.out);
    assert!(!output.out.contains("error["), "{}", output.out);
}

#[tokio::test]
async fn every_mistake_has_a_line_a_path_and_a_rule() {
    let range = "currency: USD, source: survey, asOf: 2025-05-01";
    let cases = [
        ("titel: Y\n", "5:1: error[unknown-field] titel: `career` has no field `titel`; did you mean `title`?"),
        ("title: Y\n", "3:1: error[duplicate-field] title: `title` appears twice, in lines 3 and 5; keep one of them"),
        ("tags: nurse\n", "5:1: error[wrong-type] tags: takes a list, not text"),
        ("tags: [Not A Slug]\n", "5:8: error[wrong-type] tags[0]: `Not A Slug` is not a valid `Slug`"),
        ("roles: [{title: A}]\n", "5:9: error[missing-field] roles[0].key: `Role` needs `key`"),
        (
            "roles: [{key: a, title: A, level: MIDDLE}]\n",
            "5:28: error[unknown-value] roles[0].level: takes `ENTRY`, `MID`, `SENIOR`, not `MIDDLE`",
        ),
        (
            "roles: [{key: a, title: A}, {key: a, title: B}]\n",
            "5:30: error[duplicate-key] roles[1].key: the key `a` is already used at roles[0]",
        ),
        (
            "roles: [{key: a, title: 5}]\n",
            "5:18: error[wrong-type] roles[0].title: `5` is not a valid `Text`; put it in quotes, `'5'`: expected one line of text",
        ),
        ("article: []\n", "5:1: error[wrong-type] article: takes a mapping of fields, not a list"),
        (
            &format!("pay: {{atAGlance: [{{title: A, range: {{low: 9, high: 5, {range}}}}}]}}\n"),
            "5:38: error[low-above-high] pay.atAGlance[0].range.low: `low` is 9, above `high`, which is 5",
        ),
        (
            &format!("pay: {{atAGlance: [{{title: A, range: {{{range}}}}}]}}\n"),
            "5:30: error[empty-range] pay.atAGlance[0].range: give `low`, `high` or both",
        ),
        (
            "pay: {median: {amount: 5, currency: USD, asOf: 2025-05-01}}\n",
            "5:7: error[missing-field] pay.median.source: `Money` needs `source`",
        ),
        (
            "pay: {median: {amount: 5, currency: USD, source: none, asOf: 2025-05-01}}\n",
            "5:42: error[broken-link] pay.median.source: there is no source `none`; add it to the folder sources",
        ),
        (
            "pay: {median: {amount: 5, currency: USD, source: survey, asOf: 1.5.2025}}\n",
            "5:58: error[wrong-type] pay.median.asOf: `1.5.2025` is not a valid `Date`",
        ),
        (
            &format!("pay: {{percentiles: [{{percentile: 100, pay: {{amount: 5, {range}}}}}]}}\n"),
            "5:22: error[percentile] pay.percentiles[0].percentile: a percentile must be between 1 and 99, not 100",
        ),
        (
            &format!("pay: {{bands: [{{role: boss, stage: ENTRY, range: {{low: 5, {range}}}}}]}}\n"),
            "5:16: error[unknown-role] pay.bands[0].role: there is no role `boss` in this guide",
        ),
        (
            "roles: [{key: a, title: A}]\nadvancement: [{key: m, from: a, title: B, to: b, description: Up.}]\n",
            "6:43: error[unknown-role] advancement[0].to: there is no role `b` in this guide; it has `a`",
        ),
        (
            "roles: [{key: a, title: A}]\nadvancement: [{key: m, from: a, title: B, description: Up.}]\n",
            "6:15: error[nowhere] advancement[0]: the move leads nowhere",
        ),
        (
            "roles: [{key: a, title: A}]\nadvancement: [{key: m, from: a, title: B, toCareer: b, description: Up.}]\n",
            "6:43: warning[broken-link] advancement[0].toCareer: there is no career `b` yet; the link is null until it is loaded",
        ),
        (
            "certifications: [{certification: none, why: A., when: B.}]\n",
            "5:19: error[broken-link] certifications[0].certification: there is no certification `none`",
        ),
        (
            "faq: [{key: a, question: A?, answer: ''}]\n",
            "5:30: error[wrong-type] faq[0].answer: empty text is not a valid `Markdown`",
        ),
        ("summary:\n", "4:1: error[duplicate-field] summary"),
    ];
    for (text, expected) in cases {
        let lines = career(text).await;
        let expected = format!("careers/x.yaml:{expected}");
        assert!(lines.iter().any(|line| line.starts_with(&expected)), "{text}{expected}\n{lines:#?}");
        assert_eq!(lines.len(), 1, "one mistake, one line: {text}{lines:#?}");
    }
}

#[tokio::test]
async fn all_problems_of_all_files_come_in_one_run() {
    let folder = Folder::new();
    folder.career("one", "One", "titel: a\nroles: [{key: a, title: A, level: NONE}, {key: a, title: B}]\ntags: 5\n");
    folder.file("careers/two.yaml", "kind: career\nslug: one\ntitle: Two\nsummary: Same slug.\n");
    folder.file("careers/three.yaml", "kind: carer\nslug: No Slug\n");
    folder.file("careers/four.yaml", "title: [unclosed\n");
    folder.file("careers/five.yaml", "- a list\n");
    folder.file("careers/six.yaml", "");
    folder.file("careers/seven.yml", "kind: career\nkind: career\nslug: seven\ntitle: Seven\nsummary: Two kinds.\n");
    folder.file("careers/readme.txt", "not a document");

    let (status, lines) = check(&folder).await;

    assert_eq!(status, 1);
    let rules: Vec<&str> =
        lines.iter().filter_map(|line| line.split_once(": ")?.1.split_once(' ').map(|(rule, _)| rule)).collect();
    assert_eq!(
        rules,
        [
            "error[wrong-type]",         // five: a list
            "error[yaml]",               // four
            "error[unknown-field]",      // one
            "error[unknown-value]",      // one
            "error[duplicate-key]",      // one
            "error[wrong-type]",         // one: tags
            "error[duplicate-field]",    // seven
            "error[wrong-type]",         // six: nothing
            "error[unknown-value]",      // three: kind
            "error[wrong-type]",         // three: slug
            "error[duplicate-document]"  // two
        ],
        "{lines:#?}"
    );
    assert_eq!(lines.last().unwrap(), "7 files, 11 errors, 0 warnings.");
}

#[tokio::test]
async fn files_that_cannot_be_read_are_reported() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("latin.yaml"), b"title: caf\xe9\n").unwrap();
    let empty = Folder::new();
    let missing = folder.path().join("missing.yaml");

    let output = Binary::new(&[
        "check",
        folder.path().to_str().unwrap(),
        empty.path().to_str().unwrap(),
        missing.to_str().unwrap(),
    ])
    .run()
    .await;

    assert_eq!(output.status, 1);
    for expected in [
        "latin.yaml:1:1: error[unreadable-file] it is not UTF-8",
        "error[no-documents]",
        "missing.yaml:1:1: error[unreadable-file] there is no such file",
    ] {
        assert!(output.out.contains(expected), "{expected}\n{}", output.out);
    }
}

#[tokio::test]
async fn a_single_file_may_link_to_files_beside_it() {
    let folder = Folder::new();
    folder.source("survey");
    let career = folder.career("x", "X", &Folder::median(5));

    let output = Binary::new(&["check", career.to_str().unwrap()]).run().await;

    assert_eq!(output.out, "1 file, 0 errors, 0 warnings.\n");
    assert_eq!(output.status, 0);
}

#[tokio::test]
async fn anchors_and_merge_keys_of_yaml_work() {
    let lines = career(
        "pay:\n  median: {amount: 5, currency: USD, source: &s survey, asOf: &d 2025-05-01}\n  \
         percentiles:\n    - {percentile: 90, pay: {amount: 9, currency: USD, source: *s, asOf: *d}}\n",
    )
    .await;
    assert_eq!(lines, Vec::<String>::new());
}

#[tokio::test]
async fn warnings_that_are_alike_are_told_together_and_after_the_errors() {
    let folder = Folder::new();
    let guides: Vec<_> = (0..20).map(|number| format!("  - {{title: T, career: guide-{number:02}}}\n")).collect();
    folder.career("a", "A", &format!("relatedGuides:\n{}tags: 5\n", guides.concat()));

    let (status, lines) = check(&folder).await;

    assert_eq!(status, 1);
    assert!(lines[0].starts_with("careers/a.yaml:26:1: error[wrong-type] tags: "), "{lines:#?}");
    let alike = "20 links lead to entries of the kind career that do not exist yet: `guide-00`, `guide-01`, `guide-02` and 17 more; ";
    assert!(lines[1].starts_with(&format!("warning[broken-link] {alike}")), "{lines:#?}");
    assert_eq!(lines[2..], ["1 file, 1 error, 20 warnings."]);
    let all = Binary::new(&["check", "--all", folder.path().to_str().unwrap()]).run().await;
    assert_eq!(all.out.lines().count(), 22, "{}", all.out);
    assert!(all.out.lines().next().is_some_and(|line| line.contains("error[wrong-type]")), "{}", all.out);
    // The same in an import.
    let database = crate::harness::TestDatabase::fresh().await;
    let import = Binary::new(&["import", folder.path().to_str().unwrap()]).database(&database.url).run().await;
    assert_eq!((import.status, import.out.lines().count()), (1, 2), "{}", import.out);
}
