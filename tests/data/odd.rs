//! Tables and paths that are odd: what is no plain table of text is refused, with its line.
use std::{fs, os::unix::fs::symlink, path::PathBuf, process::Command, time::Duration};

use super::sample::{CALIFORNIA, NATION, options, refused, sync, synced, table, wage};
use crate::harness::{Folder, TestServer};

const NAME: &str = "oews_2025_national.csv";

fn text() -> String {
    table(&[wage(NATION, "29-2072", 51_140), wage(CALIFORNIA, "29-2072", 61_810)])
}

#[tokio::test]
async fn fields_that_are_odd_are_refused_with_their_line() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let title = "Title of 29-2072";
    let later = text().replacen(title, "X", 1);
    let wide: Vec<u8> = [0xfeff].into_iter().chain(text().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let cases = [
        (later.replace(title, "Tit\0le"), "3:6: error[malformed-row] the field has the control character U+0000"),
        (
            later.replace(title, "Tit\u{1b}[2Jle"),
            "3:6: error[malformed-row] the field has the control character U+001B",
        ),
        (later.replace(title, "Ti\"t\"le"), "3:6: error[malformed-row] a quote stands inside of a field"),
        (
            later.replace(title, "\"Ti\"tle"),
            "3:6: error[malformed-row] text follows the quote that closes the field in line 3",
        ),
        (later.replace(title, "\"Ti \"tle\"s\""), "3:6: error[malformed-row] text follows the quote"),
        (later.replace(title, "\"Title"), "3:6: error[malformed-row] the quote that begins the field is not closed"),
        (
            text().replacen(title, "\"Title", 1).replacen(title, "\"Title\"", 1),
            "2:6: error[malformed-row] text follows the quote that closes the field in line 3",
        ),
        (text().replace('\n', "\r"), "1:1: error[malformed-row] a carriage return stands by itself"),
        (later.replace(title, "Tit\rle"), "3:1: error[malformed-row] a carriage return stands by itself"),
        (later.replace(title, &"x".repeat(2 << 20)), "3:1: error[unreadable-file] it has a line of more than 1 MiB"),
        (later.replace(title, &format!("\"{}", "x\n".repeat(1 << 20))), "3:6: error[malformed-row] the quote"),
        (
            text().replace("soc_title", "soc_code"),
            "1:1: error[unknown-layout] its first line names two columns `soc_code`",
        ),
        (String::new(), "1:1: error[unknown-layout] the file is empty"),
        ("\u{feff}\r\n\n".to_owned(), "1:1: error[unknown-layout] the file is empty"),
        (later.replace(",61810,", ",61810,9,"), "3:1: error[malformed-row] the line has 26 fields"),
    ];
    let bytes = [
        (wide, "1:1: error[unreadable-file] it is not UTF-8 text but UTF-16"),
        (later.replace(title, "Caf?").replace('?', "\u{1}").into_bytes(), "3:6: error[malformed-row]"),
        (
            later.into_bytes().iter().map(|byte| if *byte == b'T' { 0xe9 } else { *byte }).collect(),
            "3:1: error[unreadable-file] it is not UTF-8 text",
        ),
    ];
    let cases = cases.into_iter().map(|(text, expected)| (text.into_bytes(), expected)).chain(bytes);
    for (content, expected) in cases {
        let path = folder.path().join(NAME);
        fs::write(&path, content).unwrap();
        let faults = refused(&server, options(path)).await;
        assert!(faults.iter().any(|fault| fault.starts_with(&format!("{NAME}:{expected}"))), "{expected}: {faults:#?}");
    }
}

#[tokio::test]
async fn marks_of_other_systems_do_not_matter() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    synced(&server, options(folder.file(NAME, &text()))).await;

    let other =
        format!("\u{feff}\"area_code\"{}\r\n\r\n", &text().trim_end()["area_code".len()..].replace('\n', "\r\n"));
    let plan = synced(&server, options(folder.file(NAME, &other))).await;

    assert!(!plan.differs(), "{plan:?}");
}

#[tokio::test]
async fn only_plain_numbers_are_figures() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    for odd in
        ["-0.0", "-1", "1e5", "0x1", "inf", "NaN", "+5", "1_000", ".5", "5.", "\"51,140\"", "9007199254740993", "٣"]
    {
        let path = folder.file(NAME, &text().replace(",61810,", &format!(",{odd},")));
        let faults = refused(&server, options(path)).await;
        let expected = format!("{NAME}:3:20: error[malformed-value] column `a_median`: `{}`", odd.trim_matches('"'));
        assert!(faults[0].starts_with(&expected), "{odd}: {faults:#?}");
    }
}

#[tokio::test]
async fn a_row_that_is_twice_there_tells_where() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    folder.file("oews_2025_national.csv", &table(&[wage(NATION, "15-1252", 90_000), wage(NATION, "29-2072", 51_140)]));
    folder.file("oews_2025_state.csv", &table(&[wage(CALIFORNIA, "29-2072", 61_810), wage(NATION, "29-2072", 51_140)]));

    let faults = refused(&server, options(folder.path().to_owned())).await;

    let expected = "oews_2025_state.csv:3:1: error[duplicate-row] the row `US/29-2072` stands in line 3 of oews_2025_national.csv already";
    assert!(faults.iter().any(|fault| fault.starts_with(expected)), "{faults:#?}");
}

#[tokio::test]
async fn two_releases_at_once_are_told_by_their_files() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    folder.file("oews_2024_national.csv", &text());
    folder.file("oews_2025_national.csv", &text());

    let faults = refused(&server, options(folder.path().to_owned())).await;

    let expected = "oews_2025_national.csv:1:1: error[mixed-releases] tables of two releases are given: \
                    `oews_2024_national.csv` is of 2024, and `oews_2025_national.csv` of 2025; name those of one";
    assert_eq!(faults, [expected]);
}

#[tokio::test]
async fn what_is_no_regular_file_is_refused() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let at = |name: &str| folder.path().join(name);
    assert!(Command::new("mkfifo").arg(at("pipe.csv")).status().unwrap().success());
    symlink(at("loop.csv"), at("loop.csv")).unwrap();
    fs::create_dir(at("folder.csv")).unwrap();
    folder.file("oews.csv.zst", "");
    let cases = [
        (at("pipe.csv"), "it is a pipe or a device"),
        (PathBuf::from("/dev/zero"), "/dev/zero:1:1: error[unreadable-file] it is a pipe or a device"),
        (at("loop.csv"), "error[unreadable-file] it cannot be read: "),
        (at("folder.csv"), "error[no-files] there is no file here"),
        (at("nothing.csv"), "error[unreadable-file] there is no such file or folder"),
        (at("oews.csv.zst"), "oews.csv.zst:1:1: error[unreadable-file] it cannot be decompressed"),
        (folder.path().to_owned(), "loop.csv:1:1: error[unreadable-file] it cannot be read: "),
    ];
    for (path, expected) in cases {
        let answer = tokio::time::timeout(Duration::from_mins(1), refused(&server, options(path))).await;
        let faults = answer.expect("a sync of a pipe ends");
        assert!(faults[0].contains(expected) && !faults[0].contains("os error"), "{expected}: {faults:?}");
    }
}

#[tokio::test]
async fn quotes_that_are_right_are_read() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let quoted = text().replacen("Title of 29-2072", "\"Records, \"\"medical\"\"\nand others\"", 1);
    let plain = text().replacen("Title of 29-2072", "=\"29-2072\"", 1);
    let undoubled = text().replacen("Title of 29-2072", "\"The \"medical\" ones\"", 1);
    for text in [quoted, plain, undoubled] {
        let outcome = sync(&server, options(folder.file(NAME, &text))).await;
        assert!(matches!(outcome, datasets::Outcome::Synced(_)), "{outcome:?}");
    }
}
