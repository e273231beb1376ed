//! The binary as a newcomer and an operator meet it.
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Running, TestDatabase, seed};

#[cfg(unix)]
#[tokio::test]
async fn the_first_start_fills_the_database_and_the_second_serves_it_at_once() {
    let database = TestDatabase::fresh().await;
    let start = || {
        Binary::new(&["--listen", "127.0.0.1:0"]).database(&database.url).env("CAREERQL_SEED", seed().to_str().unwrap())
    };
    for (name, seeded) in [("INT", true), ("TERM", false)] {
        let mut server = Running::start(start());
        assert_eq!(server.lines[0].starts_with("Imported "), seeded, "{:?}", server.lines);
        let query = json!({ "query": "{ careers { totalCount } certifications { totalCount } }" });
        let answer: Value =
            reqwest::Client::new().post(&server.url).json(&query).send().await.unwrap().json().await.unwrap();
        assert_eq!(
            answer,
            json!({ "data": { "careers": { "totalCount": 1 }, "certifications": { "totalCount": 6 } } })
        );
        server.signal(name);
        assert_eq!(server.wait(), Some(0), "it drains and ends well");
    }
}

#[tokio::test]
async fn three_servers_start_at_once_on_an_empty_database() {
    let database = TestDatabase::fresh().await;
    let start = || {
        let binary = Running::on(&database);
        tokio::task::spawn_blocking(move || Running::start(binary))
    };
    let (first, second, third) = tokio::join!(start(), start(), start());
    let servers = [first.unwrap(), second.unwrap(), third.unwrap()];

    for server in &servers {
        let query = json!({ "query": "{ careers { totalCount } }" });
        let answer = reqwest::Client::new().post(&server.url).json(&query).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer, json!({ "data": { "careers": { "totalCount": 1 } } }));
    }
    // One of them filled it; the others waited and found all there, or found it filled when they looked.
    let lines: Vec<_> = servers.iter().map(|server| server.lines[0].as_str()).collect();
    let has_filled = |line: &&&str| line.starts_with("Imported ") && !line.contains(": 0 created");
    assert_eq!(lines.iter().filter(has_filled).count(), 1, "{lines:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn without_any_setting_it_serves_the_seed_of_the_working_folder() {
    let folder = Folder::new();
    folder.file("seed/careers/one.yaml", "kind: career\nslug: one\ntitle: One\nsummary: About it.\n");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();

    let binary = Binary::new(&["serve", "--listen", &format!("127.0.0.1:{port}")]).within(folder.path());
    let mut server = Running::start(binary);

    assert!(folder.path().join("careerql.sqlite").is_file());
    assert!(
        server.lines.iter().any(|line| line == "Imported seed: 1 created, 0 updated, 0 unchanged (0 warnings)."),
        "{:?}",
        server.lines
    );
    server.signal("INT");
    assert_eq!(server.wait(), Some(0));
}

#[tokio::test]
async fn wrong_settings_are_refused_at_start() {
    let cases: [(&[&str], &str, &str); 7] = [
        (&["--listen", "nowhere"], "CAREERQL_X", "it must be an IP address and a port"),
        (&[], "CAREERQL_LISTEN=8000", "it must be an IP address and a port"),
        (&["--log-level", "a=b=c"], "CAREERQL_X", "it must be error, warn, info, debug or trace"),
        (&["--log-format", "xml"], "CAREERQL_X", "[possible values: text, json]"),
        (&["--perspective", "all"], "CAREERQL_X", "[possible values: published, draft]"),
        (&["improt", "x"], "CAREERQL_X", "unrecognized subcommand 'improt'"),
        (&["import"], "CAREERQL_X", "required arguments were not provided"),
    ];
    for (arguments, setting, message) in cases {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        let output = Binary::new(arguments).env(name, value).run().await;
        assert_eq!(output.status, 2, "{arguments:?}");
        assert!(output.err.contains(message), "{arguments:?}: {}", output.err);
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_named_without_its_password() {
    let cases = ["sqlite:///nowhere/at/all/x.sqlite", "postgres://me:s3cret@127.0.0.1:1/none"];
    for url in cases {
        let output = Binary::new(&["migrate"]).database(url).run().await;
        assert_eq!(output.status, 1);
        assert!(output.err.contains("careerql: The database"), "{}", output.err);
        assert!(!output.err.contains("s3cret"), "{}", output.err);
    }
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = Binary::new(&["--listen", &address]).within(folder.path()).run().await;

    assert_eq!(output.status, 1);
    assert!(output.err.contains(&format!("Cannot listen on the address {address}")), "{}", output.err);
}

#[tokio::test]
async fn a_broken_seed_stops_the_first_start() {
    let folder = Folder::new();
    folder.career("broken", "Broken", "titel: x\n");

    let output = Binary::new(&["serve", "--listen", "127.0.0.1:0", "--seed", folder.path().to_str().unwrap()])
        .within(folder.path())
        .run()
        .await;

    assert_eq!(output.status, 1);
    assert!(output.out.contains("error[unknown-field] titel"), "{}", output.out);
    assert!(output.err.contains("has errors"), "{}", output.err);
}

#[tokio::test]
async fn help_names_every_command_and_setting() {
    let help = Binary::new(&["--help"]).run().await.out;
    for command in ["serve", "migrate", "import", "export", "check", "schema", "settings"] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
    }
    let help = Binary::new(&["serve", "--help"]).run().await.out;
    for setting in [
        "CAREERQL_LISTEN",
        "DATABASE_URL",
        "CAREERQL_SEED",
        "CAREERQL_LOG_FORMAT",
        "CAREERQL_LOG_LEVEL",
        "127.0.0.1:8000",
    ] {
        assert!(help.contains(setting), "{setting}: {help}");
    }
}

#[tokio::test]
async fn every_setting_stands_in_the_table() {
    let table = Binary::new(&["settings"]).run().await.out;
    assert!(table == include_str!("../../SETTINGS.md"), "SETTINGS.md is stale; regenerate it with `just settings`");
    for command in ["serve", "import", "export", "check"] {
        let help = Binary::new(&[command, "--help"]).run().await.out;
        let variables = help.split("[env: ").skip(1).map(|rest| rest.split(['=', ']']).next().unwrap());
        for variable in variables {
            assert!(table.contains(&format!("| `{variable}` |")), "{variable} of {command}");
        }
    }
}

#[tokio::test]
async fn migrate_may_be_repeated() {
    let database = TestDatabase::fresh().await;
    for _ in 0..2 {
        let output = Binary::new(&["migrate"]).database(&database.url).run().await;
        assert_eq!((output.status, output.out.as_str()), (0, "The tables are up to date.\n"), "{}", output.err);
    }
}
