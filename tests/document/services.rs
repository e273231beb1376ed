//! Fields of national services: routes and what they require, licences by place, hours, restrictions, stories, links to what is offered now.
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

const LINKS: &str = "
codes:
  - {scheme: SOC, version: '2018', code: 29-1141, match: EXACT}
  - {scheme: SOC, version: '2018', code: 29-1171, match: CLOSE}
  - {scheme: ONET_SOC, version: '2019', code: 29-1141.00, match: EXACT}
courseLinks:
  - {label: Courses, provider: A catalogue, template: 'https://courses.example.org/{slug}?q={title}&soc={soc}'}
  - {label: Near you, template: 'https://courses.example.org/near/{place}?q={onetSoc}'}
jobLinks:
  - {label: Jobs, template: 'https://jobs.example.org/search?occupation={isco}'}
  - {label: All jobs, template: 'https://jobs.example.org'}
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

/// A server with a career of this title that has all of these fields, and another that has none.
async fn server(title: &str) -> TestServer {
    let (server, folder) = (TestServer::empty().await, folder());
    folder.career("nurse", title, &[ROUTES, LICENCES, WORK, LINKS].concat());
    folder.career("cook", "Cook", "");
    server.publish(&[folder.path().to_owned()]).await;
    server
}

const ALL: &str = "entryRoutes { key route title description { plain } subjects requirementsPreface requirements equivalents links { label url } }
    licences { key kind title place need authority { name fullName } certification { title } description { plain } url }
    workingHours { perWeek { low high source { slug } asOf } pattern description { plain } }
    restrictions { kind title minimumAge description { plain } }
    stories { name role quote text { plain } image { url alt } video }";

#[tokio::test]
async fn fields_of_services_are_answered_as_they_were_written() {
    let server = server("Nurse").await;

    let found = server.query(&format!("{{ career(slug: \"nurse\") {{ {ALL} }} }}")).await;
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
      ],
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

    let none = server
        .query(&format!("{{ career(slug: \"cook\") {{ {ALL} courseLinks {{ url }} jobLinks {{ url }} }} }}"))
        .await;
    let empty = json!({
        "entryRoutes": [], "licences": [], "workingHours": null, "restrictions": [], "stories": [], "courseLinks": [], "jobLinks": []
    });
    assert_eq!(none["career"], empty);
}

#[tokio::test]
async fn routes_and_licences_are_lists_that_lead_to_their_careers() {
    let server = server("Nurse").await;

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

/// The live links of the career `nurse`.
async fn links(server: &TestServer, place: &str) -> Value {
    let query = format!(
        "{{ career(slug: \"nurse\") {{ courseLinks {{ label provider template url{place} }} jobLinks {{ url{place} }} }} }}"
    );
    server.query(&query).await["career"].take()
}

#[tokio::test]
async fn links_are_filled_with_what_the_career_says() {
    let server = server("\"R&D / café nurse: 100 %?\"").await;

    let found = links(&server, "(place: \"São Paulo/../#x\")").await;

    insta::assert_json_snapshot!(found, @r#"
    {
      "courseLinks": [
        {
          "label": "Courses",
          "provider": "A catalogue",
          "template": "https://courses.example.org/{slug}?q={title}&soc={soc}",
          "url": "https://courses.example.org/nurse?q=R%26D%20%2F%20caf%C3%A9%20nurse%3A%20100%20%25%3F&soc=29-1141"
        },
        {
          "label": "Near you",
          "provider": null,
          "template": "https://courses.example.org/near/{place}?q={onetSoc}",
          "url": "https://courses.example.org/near/S%C3%A3o%20Paulo%2F..%2F%23x?q=29-1141.00"
        }
      ],
      "jobLinks": [
        {
          "url": null
        },
        {
          "url": "https://jobs.example.org"
        }
      ]
    }
    "#);
    let without = links(&server, "").await;
    assert_eq!(without["courseLinks"][0], found["courseLinks"][0], "it needs no place");
    assert_eq!(without["courseLinks"][1]["url"], json!(null), "the place is missing");
}

#[tokio::test]
async fn a_place_is_a_place() {
    let server = server("Nurse").await;
    let asked = |place: &str| format!("{{ career(slug: \"nurse\") {{ courseLinks {{ url(place: \"{place}\") }} }} }}");

    let long = server.ask(&asked(&"x".repeat(201)), json!({})).await;
    // The first error makes the list null; the other link may have failed by then, or not.
    assert!(long.codes().iter().all(|code| *code == "BAD_USER_INPUT"), "{:?}", long.errors);
    assert_eq!(long.errors[0]["message"], "A place has at most 200 characters. Send its name or its code.");
    let empty = server.ask(&asked(""), json!({})).await;
    assert_eq!(empty.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
    let longest = server.query(&asked(&"é".repeat(200))).await;
    assert!(longest["career"]["courseLinks"][1]["url"].as_str().unwrap().contains(&"%C3%A9".repeat(200)));
    let dots = server.query(&asked("..")).await;
    assert_eq!(dots["career"]["courseLinks"][1]["url"], json!(null), "it would lead to another page");
}

#[tokio::test]
async fn live_links_take_no_statement_for_each_link_or_career() {
    let (server, folder) = (TestServer::empty().await, folder());
    for number in 0..20 {
        folder.career(&format!("nurse-{number:02}"), "Nurse", &[ROUTES, LICENCES, WORK, LINKS].concat());
    }
    server.publish(&[folder.path().to_owned()]).await;
    let statements = async |first: usize| {
        let query = format!(
            "{{ careers(first: {first}) {{ nodes {{ title {ALL} courseLinks {{ url }} jobLinks {{ url }} }} }} }}"
        );
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
    let link = |template: &str| format!("jobLinks: [{{label: Jobs, template: '{template}'}}]\n");
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
        (
            link("https://jobs.example.org/{titel}"),
            "error[link-template] jobLinks[0].template: there is no variable `{titel}`; it may be `{title}`, `{slug}`, `{place}`, `{soc}`",
        ),
        (link("https://jobs.example.org/{title"), "error[link-template] jobLinks[0].template: `{` and `}` enclose"),
        (link("https://jobs.example.org/title}"), "error[link-template] jobLinks[0].template: `{` and `}` enclose"),
        (link("https://jobs.example.org/{{title}}"), "error[link-template] jobLinks[0].template: `{` and `}` enclose"),
        (link("javascript:alert({title})"), "error[link-template] jobLinks[0].template: it must be a web address"),
        (link("/search?q={title}"), "error[link-template] jobLinks[0].template: it must be a web address"),
        (
            link("https://jobs.example.org/a b"),
            "error[link-template] jobLinks[0].template: it must be a web address without spaces",
        ),
        (link("https://{place}.example.org/"), "error[link-template] jobLinks[0].template: the host must end"),
        (link("https://jobs.example.org{place}"), "error[link-template] jobLinks[0].template: the host must end"),
        (link("{title}"), "error[link-template] jobLinks[0].template: it must be a web address"),
        (
            link("https://jobs.example.org/{titel}").replace("jobLinks", "courseLinks"),
            "error[link-template] courseLinks[0].template: there is no variable",
        ),
    ] {
        let found = findings(&slip).await;
        assert!(found.len() == 1 && found[0].contains(expected), "{expected}: {found:#?}");
    }
    for fine in
        [link("http://jobs.example.org?q={title}"), link("https://jobs.example.org/#{place}"), hours("low: 168")]
    {
        assert_eq!(findings(&fine).await, Vec::<String>::new(), "{fine}");
    }
    assert_eq!(findings(&[ROUTES, LICENCES, WORK, LINKS].concat()).await, Vec::<String>::new());
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
