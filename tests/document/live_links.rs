//! Live links: addresses of courses and jobs, made of a template and of what a career says of itself.
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, TestServer};

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

/// A server with a career of this title that has live links.
async fn server(title: &str) -> TestServer {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    server.publish(&[folder.career("nurse", title, LINKS)]).await;
    server
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
    assert_eq!(long.codes(), ["BAD_USER_INPUT", "BAD_USER_INPUT"]);
    assert_eq!(long.errors[0]["message"], "A place has at most 200 characters. Send its name or its code.");
    assert_eq!(long.errors[0]["path"], json!(["career", "courseLinks", 0, "url"]));
    assert_eq!(long.data["career"]["courseLinks"], json!([{ "url": null }, { "url": null }]), "the rest is answered");
    let empty = server.ask(&asked(""), json!({})).await;
    assert_eq!(empty.codes(), ["GRAPHQL_VALIDATION_FAILED"]);
    let longest = server.query(&asked(&"é".repeat(200))).await;
    assert!(longest["career"]["courseLinks"][1]["url"].as_str().unwrap().contains(&"%C3%A9".repeat(200)));
    let dots = server.query(&asked("..")).await;
    assert_eq!(dots["career"]["courseLinks"][1]["url"], json!(null), "it would lead to another page");
}

#[tokio::test]
async fn twenty_careers_take_as_many_statements_as_one() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    for number in 0..20 {
        folder.career(&format!("nurse-{number:02}"), "Nurse", LINKS);
    }
    folder.career("cook", "Cook", "");
    server.publish(&[folder.path().to_owned()]).await;
    let statements = async |first: usize| {
        let query = format!(
            "{{ careers(first: {first}, orderBy: [{{ title: DESC }}]) {{ nodes {{ courseLinks {{ url }} jobLinks {{ url }} }} }} }}"
        );
        let answer = server.ask(&query, json!({})).await;
        assert_eq!(answer.errors, Vec::<Value>::new());
        answer.statements
    };

    let one = statements(1).await;
    assert!(one <= 3, "{one} statements: the list, the sections with the templates, and the profiles");
    assert!(statements(20).await <= one);
    let none = server.query("{ career(slug: \"cook\") { courseLinks { url } jobLinks { url } } }").await;
    assert_eq!(none["career"], json!({ "courseLinks": [], "jobLinks": [] }));
}

/// Findings about a career with a link by this template, without the name of its file.
async fn findings(list: &str, template: &str) -> Vec<String> {
    let folder = Folder::new();
    let file = folder.career("nurse", "Nurse", &format!("{list}: [{{label: Jobs, template: '{template}'}}]\n"));
    let output = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;
    let mut lines: Vec<_> = output.out.lines().map(|line| line.replace(&format!("{}:", file.display()), "")).collect();
    lines.pop();
    lines
}

#[tokio::test]
async fn each_slip_of_a_template_is_found_at_its_place() {
    for (template, expected) in [
        (
            "https://jobs.example.org/{titel}",
            "there is no variable `{titel}`; it may be `{title}`, `{slug}`, `{place}`, `{soc}`",
        ),
        ("https://jobs.example.org/{title", "`{` and `}` enclose the name of a variable; it may be `{title}`"),
        ("https://jobs.example.org/title}", "`{` and `}` enclose"),
        ("https://jobs.example.org/{{title}}", "`{` and `}` enclose"),
        ("javascript:alert({title})", "it must be a web address"),
        ("/search?q={title}", "it must be a web address"),
        ("{title}", "it must be a web address"),
        ("https://jobs.example.org/a b", "it must be a web address without spaces"),
        ("https://{place}.example.org/", "the host must end"),
        ("https://jobs.example.org{place}", "the host must end"),
        ("https://jobs.example.org\\{place}", "the host must end"),
        ("https:///{place}", "the host must end"),
        ("https:////{place}/", "the host must end"),
        ("https://\\/{place}", "the host must end"),
    ] {
        for list in ["jobLinks", "courseLinks"] {
            let expected = format!("error[link-template] {list}[0].template: {expected}");
            let found = findings(list, template).await;
            assert!(found.len() == 1 && found[0].contains(&expected), "{expected}: {found:#?}");
        }
    }
    for fine in ["http://jobs.example.org?q={title}", "https://jobs.example.org/#{place}", "https://jobs.example.org"] {
        assert_eq!(findings("jobLinks", fine).await, Vec::<String>::new(), "{fine}");
    }
}
