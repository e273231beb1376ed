//! Page fields: metadata for search engines, an image by its address, and titles that only searches know.
use kernel::store::Mode;
use serde_json::json;

use crate::harness::{Binary, Folder, TestServer};

const PAGE: &str = "
seo:
  title: Become a nurse
  description: How people become nurses.
  noIndex: true
  canonical: https://www.example.org/careers/nurse
image:
  url: https://images.example.org/nurse.jpg
  width: 1200
  height: 800
  alt: A nurse at a bedside
  credit: Jo Doe, Example Agency
hiddenTitles: [Nuse, Sister]
";

/// Findings about a career with these fields, without the name of its file.
async fn findings(more: &str) -> Vec<String> {
    let folder = Folder::new();
    let file = folder.career("nurse", "Nurse", more);
    let output = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;
    let mut lines: Vec<_> = output.out.lines().map(|line| line.replace(&format!("{}:", file.display()), "")).collect();
    lines.pop();
    lines
}

#[tokio::test]
async fn a_page_is_answered_as_it_was_written() {
    let server = TestServer::empty().await;
    let folder = Folder::new();
    let certification = folder.certification("rn", "Council");
    let image =
        "image: {url: 'https://images.example.org/rn.svg', alt: ''}\nseo: {canonical: 'https://www.example.org/rn'}\n";
    std::fs::write(&certification, std::fs::read_to_string(&certification).unwrap() + image).unwrap();
    let files = [folder.career("nurse", "Nurse", PAGE), folder.career("cook", "Cook", ""), certification];
    server.publish(&files).await;

    let page = "seo { title description noIndex canonical } image { url width height alt credit }";
    let found = server
        .query(&format!(
            "{{ nurse: career(slug: \"nurse\") {{ hiddenTitles {page} }} cook: career(slug: \"cook\") {{ hiddenTitles {page} }}
                rn: certification(code: \"rn\") {{ {page} }} }}"
        ))
        .await;

    insta::assert_json_snapshot!(found, @r#"
    {
      "cook": {
        "hiddenTitles": [],
        "image": null,
        "seo": null
      },
      "nurse": {
        "hiddenTitles": [
          "Nuse",
          "Sister"
        ],
        "image": {
          "alt": "A nurse at a bedside",
          "credit": "Jo Doe, Example Agency",
          "height": 800,
          "url": "https://images.example.org/nurse.jpg",
          "width": 1200
        },
        "seo": {
          "canonical": "https://www.example.org/careers/nurse",
          "description": "How people become nurses.",
          "noIndex": true,
          "title": "Become a nurse"
        }
      },
      "rn": {
        "image": {
          "alt": "",
          "credit": null,
          "height": null,
          "url": "https://images.example.org/rn.svg",
          "width": null
        },
        "seo": {
          "canonical": "https://www.example.org/rn",
          "description": null,
          "noIndex": false,
          "title": null
        }
      }
    }
    "#);
    let token = server.token(&["read-drafts", "write"]).await;
    let save = "mutation { saveCareerSections(slug: \"nurse\", baseRevision: 1, sections: { page: { seo: { title: \"Become a nurse\" } } }) {
        errors { message } career { seo { title noIndex canonical } image { url } hiddenTitles } } }";
    let saved = server.send(&token, save, json!({})).await["data"]["saveCareerSections"].take();
    // Fields that are left out keep their values.
    let page = json!({
        "seo": { "title": "Become a nurse", "noIndex": false, "canonical": null },
        "image": { "url": "https://images.example.org/nurse.jpg" },
        "hiddenTitles": ["Nuse", "Sister"],
    });
    assert_eq!(saved, json!({ "errors": [], "career": page }));
}

#[tokio::test]
async fn an_image_without_a_text_is_warned_of() {
    let image = |more: &str| format!("image: {{url: 'https://images.example.org/nurse.jpg'{more}}}\n");
    for fine in [image(", alt: A nurse"), image(", alt: ''"), PAGE.to_owned(), String::new()] {
        assert_eq!(findings(&fine).await, Vec::<String>::new(), "{fine}");
    }
    let missing = findings(&image("")).await;
    assert_eq!(
        missing,
        [
            "5:1: warning[missing-alt] image: the image has no `alt`; describe it in a sentence, or write `alt: \"\"` if it is only decoration"
        ]
    );
    assert_eq!(findings(&image(", alt:")).await, missing, "what is there and empty counts as missing");

    // A warning keeps nobody from publishing.
    let server = TestServer::empty().await;
    let folder = Folder::new();
    server.import(&[folder.career("nurse", "Nurse", &image(""))], Mode::Publish).await;
    let seen = server.query("{ career(slug: \"nurse\") { image { alt } findings { rule path } } }").await;
    assert_eq!(
        seen["career"],
        json!({ "image": { "alt": null }, "findings": [{ "rule": "missing-alt", "path": "image" }] })
    );
}

#[tokio::test]
async fn each_slip_is_found_at_its_place() {
    for (slip, expected) in [
        ("image: {alt: A nurse}\n", "error[missing-field] image.url: `Image` needs `url`"),
        ("image: {url: /nurse.jpg, alt: A nurse}\n", "error[wrong-type] image.url: "),
        ("image: {url: 'ftp://example.org/nurse.jpg', alt: A nurse}\n", "error[wrong-type] image.url: "),
        ("image: {url: 'https://example.org/a.jpg', alt: ' '}\n", "warning[missing-alt] image: "),
        ("image: {url: 'https://example.org/a.jpg', alt: \"A\\nnurse\"}\n", "error[character] image.alt: "),
        (
            "image: {url: 'https://example.org/a.jpg', alt: A nurse, width: 0}\n",
            "error[out-of-range] image.width: it is 0, and an image",
        ),
        ("image: {url: 'https://example.org/a.jpg', alt: A nurse, height: -3}\n", "error[out-of-range] image.height: "),
        ("image: {url: 'https://example.org/a.jpg', alt: A nurse, width: 1.5}\n", "error[wrong-type] image.width: "),
        ("seo: {noIndex: sometimes}\n", "error[wrong-type] seo.noIndex: "),
        ("seo: {canonical: careers/nurse}\n", "error[wrong-type] seo.canonical: "),
        ("seo: {keywords: nurse}\n", "error[unknown-field] seo.keywords: `Seo` has no field `keywords`"),
        ("hiddenTitles: [Nuse, NUSE]\n", "error[duplicate-value] hiddenTitles[1]: "),
    ] {
        let found = findings(slip).await;
        assert!(found.len() == 1 && found[0].contains(expected), "{slip}: {found:#?}");
    }
}
