//! Fields of national services: routes and what they require, licences by place, hours, restrictions, stories.
use kernel::store::Mode;
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

const ROUTES: &str = "
entryRoutes:
  - key: university
    route: STUDY
    title: University
    description: A degree of three years.
    subjects: [Nursing]
    requirementsPreface: 'You will usually need:'
    requirements: [Three subjects at school]
    equivalents: [A diploma of access]
    links: [{label: Find a university, url: 'https://www.example.org/universities'}]
  - {key: apprentice, route: APPRENTICESHIP, title: Apprenticeship}
";

const LICENCES: &str = "
licences:
  - key: register
    kind: REGISTRATION
    title: Register of nurses
    place: GB
    need: TITLE_PROTECTED
    authority: {name: NMC, fullName: Nursing and Midwifery Council}
    certification: rn
    description: You register once you have a degree.
    url: https://www.example.org/register
";

const WORK: &str = "
workingHours:
  perWeek: {low: 37.5, high: 40, source: survey, asOf: 2025-05-01}
  pattern: [SHIFTS, NIGHTS]
  description: Wards are open at night.
restrictions:
  - {kind: AGE, title: At least 18 years old, minimumAge: 18}
  - {kind: BACKGROUND_CHECK, title: Enhanced background check, description: You work with vulnerable people.}
stories:
  - name: Sam
    role: Ward nurse
    quote: No day is like another.
    text: I began as a porter.
    image: {url: 'https://images.example.org/sam.jpg', alt: Sam in uniform}
    video: https://video.example.org/sam
";

/// A folder with what the careers of these tests name.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.source("survey");
    folder.certification("rn", "Council");
    folder
}

/// Findings about a career with these fields, without the name of its file.
async fn findings(more: &str) -> Vec<String> {
    let folder = folder();
    let file = folder.career("nurse", "Nurse", more);
    let output = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;
    let mut lines: Vec<_> = output.out.lines().map(|line| line.replace(&format!("{}:", file.display()), "")).collect();
    lines.pop();
    lines
}

/// A server with a career that has all of these fields, and another that has none.
async fn server() -> TestServer {
    let (server, folder) = (TestServer::empty().await, folder());
    folder.career("nurse", "Nurse", &[ROUTES, LICENCES, WORK].concat());
    folder.career("cook", "Cook", "");
    server.publish(&[folder.path().to_owned()]).await;
    server
}

const PARTS: &str = "entryRoutes { key route title description { plain } subjects requirementsPreface requirements equivalents links { label url } }
    licences { key kind title place need authority { name fullName } certification { title } description { plain } url }";

const CONDITIONS: &str = "workingHours { perWeek { low high source { slug } asOf } pattern description { plain } }
    restrictions { kind title minimumAge description { plain } }
    stories { name role quote text { plain } image { url alt } video }";

#[tokio::test]
async fn routes_and_licences_are_answered_as_they_were_written() {
    let server = server().await;

    let found = server.query(&format!("{{ career(slug: \"nurse\") {{ {PARTS} }} }}")).await;

    insta::assert_json_snapshot!(found["career"], @r#"
    {
      "entryRoutes": [
        {
          "description": {
            "plain": "A degree of three years."
          },
          "equivalents": [
            "A diploma of access"
          ],
          "key": "university",
          "links": [
            {
              "label": "Find a university",
              "url": "https://www.example.org/universities"
            }
          ],
          "requirements": [
            "Three subjects at school"
          ],
          "requirementsPreface": "You will usually need:",
          "route": "STUDY",
          "subjects": [
            "Nursing"
          ],
          "title": "University"
        },
        {
          "description": null,
          "equivalents": [],
          "key": "apprentice",
          "links": [],
          "requirements": [],
          "requirementsPreface": null,
          "route": "APPRENTICESHIP",
          "subjects": [],
          "title": "Apprenticeship"
        }
      ],
      "licences": [
        {
          "authority": {
            "fullName": "Nursing and Midwifery Council",
            "name": "NMC"
          },
          "certification": {
            "title": "Certified rn"
          },
          "description": {
            "plain": "You register once you have a degree."
          },
          "key": "register",
          "kind": "REGISTRATION",
          "need": "TITLE_PROTECTED",
          "place": "GB",
          "title": "Register of nurses",
          "url": "https://www.example.org/register"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn hours_restrictions_and_stories_are_answered_as_they_were_written() {
    let server = server().await;

    let found = server.query(&format!("{{ career(slug: \"nurse\") {{ {CONDITIONS} }} }}")).await;

    insta::assert_json_snapshot!(found["career"], @r#"
    {
      "restrictions": [
        {
          "description": null,
          "kind": "AGE",
          "minimumAge": 18,
          "title": "At least 18 years old"
        },
        {
          "description": {
            "plain": "You work with vulnerable people."
          },
          "kind": "BACKGROUND_CHECK",
          "minimumAge": null,
          "title": "Enhanced background check"
        }
      ],
      "stories": [
        {
          "image": {
            "alt": "Sam in uniform",
            "url": "https://images.example.org/sam.jpg"
          },
          "name": "Sam",
          "quote": "No day is like another.",
          "role": "Ward nurse",
          "text": {
            "plain": "I began as a porter."
          },
          "video": "https://video.example.org/sam"
        }
      ],
      "workingHours": {
        "description": {
          "plain": "Wards are open at night."
        },
        "pattern": [
          "SHIFTS",
          "NIGHTS"
        ],
        "perWeek": {
          "asOf": "2025-05-01",
          "high": 40,
          "low": 37.5,
          "source": {
            "slug": "survey"
          }
        }
      }
    }
    "#);
    let none = server.query(&format!("{{ career(slug: \"cook\") {{ {PARTS} {CONDITIONS} }} }}")).await;
    let empty = json!({
        "entryRoutes": [], "licences": [], "workingHours": null, "restrictions": [], "stories": []
    });
    assert_eq!(none["career"], empty);
}

#[tokio::test]
async fn routes_and_licences_are_lists_that_lead_to_their_careers() {
    let server = server().await;

    let found = server
        .query(
            "{ entryRoutes(filter: { route: { eq: APPRENTICESHIP } }) { totalCount nodes { id title career { slug } } }
               licences(filter: { place: { eq: \"GB\" } }) { nodes { title career { slug } } }
               careers(filter: { entryRoutes: { none: { route: { eq: STUDY } } }, maxWeeklyHours: { isNull: true } }) { nodes { slug } } }",
        )
        .await;

    let id = found["entryRoutes"]["nodes"][0]["id"].as_str().unwrap();
    assert_eq!(found["entryRoutes"]["totalCount"], 1);
    assert_eq!(found["entryRoutes"]["nodes"][0]["career"]["slug"], "nurse");
    let licence = json!({ "title": "Register of nurses", "career": { "slug": "nurse" } });
    assert_eq!(found["licences"]["nodes"], json!([licence]));
    assert_eq!(found["careers"]["nodes"], json!([{ "slug": "cook" }]));
    let node = server.query(&format!("{{ node(id: \"{id}\") {{ ... on EntryRoute {{ key }} }} }}")).await;
    assert_eq!(node["node"]["key"], "apprentice");
}

#[tokio::test]
async fn twenty_careers_take_as_many_statements_as_one() {
    let (server, folder) = (TestServer::empty().await, folder());
    for number in 0..20 {
        folder.career(&format!("nurse-{number:02}"), "Nurse", &[ROUTES, LICENCES, WORK].concat());
    }
    server.publish(&[folder.path().to_owned()]).await;
    let statements = async |first: usize| {
        let query = format!("{{ careers(first: {first}) {{ nodes {{ title {PARTS} {CONDITIONS} }} }} }}");
        let answer = server.ask(&query, json!({})).await;
        assert_eq!(answer.errors, Vec::<Value>::new());
        answer.statements
    };

    let one = statements(1).await;
    assert!(one <= 6, "{one} statements: the list, the sections, the sources and the certifications with theirs");
    assert!(statements(20).await <= one);
}

#[tokio::test]
async fn each_slip_is_found_at_its_place() {
    let hours = |range: &str| format!("workingHours: {{perWeek: {{{range}, source: survey, asOf: 2025-05-01}}}}\n");
    for (slip, expected) in [
        (ROUTES.replace("STUDY", "SCHOOL"), "error[unknown-value] entryRoutes[0].route: "),
        (ROUTES.replace("key: apprentice", "key: university"), "error[duplicate-key] entryRoutes[1].key: "),
        (LICENCES.replace("GB", "Britain"), "error[wrong-type] licences[0].place: "),
        (LICENCES.replace("GB", "us-ca"), "error[wrong-type] licences[0].place: "),
        (LICENCES.replace("certification: rn", "certification: rx"), "error[broken-link] licences[0].certification: "),
        (hours("low: 40, high: 37"), "error[low-above-high] workingHours.perWeek.low: "),
        (hours("high: 169"), "error[out-of-range] workingHours.perWeek.high: it is 169, and a week has 168 hours"),
        (
            hours("low: 0"),
            "error[out-of-range] workingHours.perWeek.low: it is 0, and a week of work has more than 0 hours",
        ),
        (
            "workingHours: {perWeek: {source: survey, asOf: 2025-05-01}}\n".to_owned(),
            "error[empty-range] workingHours.perWeek: ",
        ),
        (
            "restrictions: [{kind: AGE, title: Adults, minimumAge: 0}]\n".to_owned(),
            "error[out-of-range] restrictions[0].minimumAge: it is 0, and an age is between 1 and 120 years",
        ),
        (
            "stories: [{name: Sam, image: {url: 'https://images.example.org/sam.jpg'}}]\n".to_owned(),
            "warning[missing-alt] stories[0].image: ",
        ),
    ] {
        let found = findings(&slip).await;
        assert!(found.len() == 1 && found[0].contains(expected), "{expected}: {found:#?}");
    }
    assert_eq!(findings(&hours("low: 168")).await, Vec::<String>::new());
    assert_eq!(findings(&[ROUTES, LICENCES, WORK].concat()).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_renamed_certification_takes_its_licences_along() {
    let (server, folder) = (TestServer::empty().await, folder());
    folder.career("nurse", "Nurse", LICENCES);
    server.import(&[folder.path().to_owned()], Mode::Publish).await;
    let token = server.token(&["read-drafts", "write", "publish"]).await;

    let rename =
        "mutation { rename(kind: CERTIFICATION, slug: \"rn\", to: \"nurse-registered\") { errors { message } } }";
    let renamed = server.send(&token, rename, json!({})).await;

    assert_eq!(renamed["data"]["rename"]["errors"], json!([]), "{renamed}");
    let found = server.query("{ career(slug: \"nurse\") { licences { certification { slug } } } }").await;
    assert_eq!(found["career"]["licences"][0]["certification"]["slug"], "nurse-registered");
}
