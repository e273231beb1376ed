//! The pages of two known sites, as `docs/sites.md` asks for them: each in one request, within the limits of a server as it comes.
use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::harness::TestServer;

fn queries() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sites.md");
    let text = fs::read_to_string(page).unwrap();
    text.split("```graphql\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_profile_comes_segment_by_segment() {
    let server = TestServer::seeded().await;

    let answer = server.ask(&queries()[0], json!({ "place": "São Paulo & Umgebung" })).await;

    assert_eq!(answer.errors, Vec::<Value>::new());
    let career = &answer.data["career"];
    assert_eq!(career["article"]["category"]["title"], "Career Guide");
    for segment in ["entryRoutes", "certifications", "roles", "advancement", "relatedGuides"] {
        assert!(career[segment].as_array().is_some_and(|list| !list.is_empty()), "{segment}: {}", career[segment]);
    }
    assert!(answer.statements <= 5, "{} statements", answer.statements);
}

#[tokio::test]
async fn industries_occupations_and_questions_come_together() {
    let server = TestServer::seeded().await;

    let answer = server.ask(&queries()[1], json!({})).await;

    assert_eq!(answer.errors, Vec::<Value>::new());
    let industry = &answer.data["industries"]["nodes"][0];
    assert_eq!(industry["occupations"]["nodes"][0]["title"], "Health Information Technology");
    assert_eq!(answer.data["pathways"]["nodes"][0]["career"]["slug"], "health-information-technology");
    assert!(answer.data["questions"]["nodes"].as_array().is_some_and(|questions| questions.len() > 3));
    assert!(answer.statements <= 12, "{} statements", answer.statements);
}
