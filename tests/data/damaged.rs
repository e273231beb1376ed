//! Compressed files and archives that are damaged, or made to harm: none of them is published, and none takes memory without end.
use std::{
    fs,
    io::{Cursor, Write as _},
};

use datasets::{Outcome, SyncOptions};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    sample::{CALIFORNIA, NATION, options, refused, sync, synced, table, wage},
    workbook::{archive, of_rows},
};
use crate::harness::{Folder, TestServer};

const NAME: &str = "oews_2025_national.csv";

fn text() -> String {
    table(&[wage(NATION, "29-2072", 51_140), wage(CALIFORNIA, "29-2072", 61_810)])
}

fn compressed(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
}

/// An archive of one file, which is compressed.
fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, SimpleFileOptions::default()).unwrap();
    archive.write_all(content).unwrap();
    archive.finish().unwrap().into_inner()
}

/// Changes numbers of two bytes in both headers of the only file of an archive, by where they stand in the first.
fn patched(archive: &[u8], patches: &[(usize, u16)]) -> Vec<u8> {
    let mut archive = archive.to_vec();
    let directory = archive.windows(4).position(|part| part == b"PK\x01\x02").unwrap();
    for (at, number) in patches {
        for at in [*at, directory + at + 2] {
            archive[at..at + 2].copy_from_slice(&number.to_le_bytes());
        }
    }
    archive
}

/// Writes a file, and tells the first fault that its sync ends with.
async fn fault(server: &TestServer, folder: &Folder, name: &str, content: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    refused(server, options(path)).await.swap_remove(0)
}

#[tokio::test]
async fn no_flipped_bit_of_a_compressed_file_is_published() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    for (name, content) in
        [(format!("{NAME}.zst"), compressed(&text())), ("oews.zip".to_owned(), zipped(NAME, text().as_bytes()))]
    {
        let path = folder.path().join(&name);
        fs::write(&path, &content).unwrap();
        sync(&server, options(path.clone())).await;
        for index in 0..content.len() {
            let mut flipped = content.clone();
            flipped[index] ^= 1 << (index % 8);
            fs::write(&path, flipped).unwrap();
            match sync(&server, options(path.clone())).await {
                Outcome::Refused(faults) => assert!(!faults[0].message.contains("checksum"), "{faults:?}"),
                // A bit that says nothing of the content.
                Outcome::Unchanged { .. } => {}
                other => panic!("byte {index} of {name}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_compressed_file_is_cut_nowhere() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let content = compressed(&text());
    for length in 0..content.len() {
        let fault = fault(&server, &folder, &format!("{NAME}.zst"), &content[..length]).await;
        let expected = format!("{NAME}.zst:1:1: error[unreadable-file] it cannot be decompressed");
        assert!(fault.starts_with(&expected), "{length}: {fault}");
    }
    let content = zipped(NAME, text().as_bytes());
    for length in 0..content.len() {
        let fault = fault(&server, &folder, "oews.zip", &content[..length]).await;
        assert!(
            fault.starts_with("oews.zip:1:1: error[unreadable-file] it cannot be read as a zip archive"),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn all_frames_of_a_compressed_file_are_read() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let text = text();
    let (first, second) = text.split_at(text.len() - 40);
    let skipped = b"\x5a\x2a\x4d\x18\x03\x00\x00\x00abc";
    let frames = [&skipped[..], &compressed(first), &compressed(""), skipped, &compressed(second)].concat();
    let path = folder.path().join(format!("{NAME}.zst"));
    fs::write(&path, &frames).unwrap();

    let plan = synced(&server, options(path.clone())).await;

    assert_eq!(plan.tables.iter().find(|table| table.name == "wages").map(|table| table.rows), Some(2));
    let name = format!("{NAME}.zst");
    for rest in [&b"garbage"[..], &[0], &skipped[..9], &compressed(second)[..9]] {
        let fault = fault(&server, &folder, &name, &[&frames[..], rest].concat()).await;
        assert!(fault.starts_with(&format!("{name}:1:1: error[unreadable-file] it cannot be decompressed")), "{fault}");
    }
}

#[tokio::test]
async fn a_frame_gets_no_window_without_end() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    for (header, asked) in [
        (&[0x00, 0xa8][..], "it asks for a window of 2048 MiB, and at most 64 MiB are given"),
        (&[0xe0, 0, 0, 0, 0, 1, 0, 0, 0], "it asks for a window of 4096 MiB"),
        (&[0x01, 0x58, 7], "it was compressed with a dictionary"),
    ] {
        let content = [&[0x28, 0xb5, 0x2f, 0xfd], header, &[0x01, 0, 0]].concat();
        let fault = fault(&server, &folder, &format!("{NAME}.zst"), &content).await;
        assert!(fault.contains(asked), "{fault}");
    }
}

#[tokio::test]
async fn archives_that_cannot_be_read_are_refused_in_words() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let good = zipped(NAME, text().as_bytes());
    let mut linked = ZipWriter::new(Cursor::new(Vec::new()));
    linked.add_symlink(NAME, "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let linked = linked.finish().unwrap().into_inner();
    let cases = [
        (patched(&good, &[(6, 1)]), NAME, "it is encrypted"),
        (patched(&good, &[(8, 12)]), NAME, "it is compressed by a method that is not known here"),
        (patched(&good, &[(24, 0x2000)]), NAME, "it is larger than 256 MiB"),
        (patched(&good, &[(22, 7)]), NAME, "the archive is cut off or damaged"),
        (patched(&good, &[(14, 7)]), NAME, "the archive is cut off or damaged"),
        (linked, NAME, "it is a symbolic link"),
        (archive(&[("../oews.csv", "a")]), "../oews.csv", "its name leads out of the archive"),
        (archive(&[("/oews.csv", "a")]), "/oews.csv", "its name leads out of the archive"),
        (archive(&[("oe25/oews.ZIP", "a")]), "oe25/oews.ZIP", "it is an archive inside of an archive"),
    ];
    for (content, name, expected) in cases {
        let fault = fault(&server, &folder, "oews.zip", &content).await;
        assert!(fault.starts_with(&format!("oews.zip/{name}:1:1: error[unreadable-file] ")), "{expected}: {fault}");
        assert!(fault.contains(expected), "{expected}: {fault}");
    }
}

#[tokio::test]
async fn faults_name_the_file_as_it_was_given() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let broken = text().replace(",51140,", ",51k,");
    for (name, content, shown) in [
        (NAME, broken.clone().into_bytes(), NAME.to_owned()),
        ("oews_2025_national.csv.zst", compressed(&broken), format!("{NAME}.zst")),
        ("oews.zip", zipped(&format!("oe25/{NAME}"), broken.as_bytes()), format!("oews.zip/oe25/{NAME}")),
        ("oews.zip", zipped(&format!("{NAME}.zst"), &compressed(&broken)), format!("oews.zip/{NAME}.zst")),
    ] {
        let fault = fault(&server, &folder, name, &content).await;
        assert!(fault.starts_with(&format!("{shown}:2:20: error[malformed-value] column `a_median`")), "{fault}");
    }
}

#[tokio::test]
async fn workbooks_that_harm_are_refused() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let name = "soc_2010_to_2018_crosswalk.xlsx";
    let cell = |place: &str| format!("<row><c r=\"{place}\" t=\"inlineStr\"><is><t>x</t></is></c></row>");
    let large = format!("<row><c r=\"A1\"><v>{}</v></c></row>", "1".repeat(17 << 20));
    let many = archive(&[("xl/sharedStrings.xml", "<sst uniqueCount=\"99999999999999\"></sst>")]);
    let mut damaged = of_rows(&cell("A1"));
    let at = damaged.windows(7).position(|part| part == b"<t>x</t").unwrap();
    damaged[at + 3] = b'y';
    let no_workbook =
        "soc_2010_to_2018_crosswalk.xlsx:1:1: error[unreadable-file] it cannot be read as an .xlsx workbook: ";
    for (content, expected) in [
        (
            of_rows(&cell("XFD1048576")),
            "soc_2010_to_2018_crosswalk.xlsx:1048576:16384: error[unreadable-file] its sheet is larger",
        ),
        (of_rows(&large), "soc_2010_to_2018_crosswalk.xlsx:1:1: error[unreadable-file] it is larger than 16 MiB"),
        (many, no_workbook),
        (damaged, "soc_2010_to_2018_crosswalk.xlsx:1:1: error[unreadable-file] it cannot be unpacked"),
        (of_rows("<row><c r=\"A1\">"), no_workbook),
        (b"PK\x03\x04".to_vec(), no_workbook),
        (Vec::new(), no_workbook),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
        let asked = SyncOptions {
            dataset: "soc-crosswalks".to_owned(),
            edition: Some("2018".to_owned()),
            ..options(folder.path().join(name))
        };
        let faults = refused(&server, asked).await;
        assert!(faults[0].starts_with(expected), "{expected}: {faults:?}");
    }
}
