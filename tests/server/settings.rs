//! Settings from the environment, each of those that the command line has.
use careerql_server::cli::Cli;
use clap::{Command, CommandFactory};

use crate::harness::{Binary, Folder, Output};

/// A variable, its flag, and whether it switches something on.
struct Setting {
    variable: String,
    flag: String,
    is_switch: bool,
    /// The command that has it.
    command: Vec<String>,
}

/// All settings, each once.
fn settings() -> Vec<Setting> {
    let mut cli = Cli::command();
    cli.build();
    let mut settings = Vec::new();
    collect(&cli, &mut Vec::new(), &mut settings);
    assert!(settings.len() > 40, "{}", settings.len());
    settings
}

fn collect(command: &Command, path: &mut Vec<String>, settings: &mut Vec<Setting>) {
    for argument in command.get_arguments() {
        let (Some(variable), Some(flag)) = (argument.get_env(), argument.get_long()) else { continue };
        let variable = variable.to_str().unwrap().to_owned();
        if path.is_empty() || settings.iter().any(|known| known.variable == variable) {
            continue;
        }
        let is_switch = !argument.get_action().takes_values();
        settings.push(Setting { variable, flag: flag.to_owned(), is_switch, command: path.clone() });
    }
    for command in command.get_subcommands() {
        path.push(command.get_name().to_owned());
        collect(command, path, settings);
        path.pop();
    }
}

/// Starts a server whose database cannot be opened: it ends with status 1 once its settings were read, and with 2 where they are
/// wrong.
async fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = Folder::new();
    let url = format!("sqlite://{}", folder.path().join("none/x").display());
    let arguments = [&["serve", "--database-url", &url], arguments].concat();
    let binary = Binary::new(&arguments).within(folder.path());
    variables.iter().fold(binary, |binary, (name, value)| binary.env(name, value)).run().await
}

#[tokio::test]
async fn an_empty_variable_is_none_for_every_setting() {
    let settings = settings();
    for empty in ["", " "] {
        let variables: Vec<_> = settings.iter().map(|setting| (setting.variable.as_str(), empty)).collect();
        let output = start(&[], &variables).await;
        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.err.contains("[DATABASE_UNAVAILABLE]"), "{output:?}");
    }
    // The default database is that of a folder without one.
    let folder = Folder::new();
    let output = Binary::new(&["token", "list"]).within(folder.path()).env("DATABASE_URL", "").run().await;
    assert_eq!(output.status, 0, "{output:?}");
    assert!(folder.path().join("careerql.sqlite").is_file());
}

#[tokio::test]
async fn every_switch_takes_the_usual_words() {
    let settings = settings();
    for word in ["1", "0", "yes", "no", "true", "false", "on", "off", "TRUE", "Yes", "OFF", "y", "n", "t", "f"] {
        let switches = settings.iter().filter(|setting| setting.is_switch);
        let variables: Vec<_> = switches.map(|setting| (setting.variable.as_str(), word)).collect();
        assert!(variables.len() >= 2);
        let output = start(&[], &variables).await;
        assert_eq!(output.status, 1, "{word}: {output:?}");
    }
}

#[tokio::test]
async fn a_wrong_value_is_told_with_its_variable_and_what_it_takes() {
    for setting in settings() {
        // What takes any text cannot be wrong.
        let any =
            ["DATABASE_URL", "CAREERQL_SEED", "CAREERQL_AUTHOR", "CAREERQL_PREVIEW_URL", "CAREERQL_TRUSTED_DOCUMENTS"];
        if any.contains(&&*setting.variable) || setting.command != ["serve"] {
            continue;
        }
        let output = start(&[], &[(&setting.variable, "\u{1}a=b=c")]).await;
        if output.status == 1 && !output.err.contains("careerql: the variable") {
            // Taken as text.
            continue;
        }
        assert_eq!(output.status, 2, "{}: {output:?}", setting.variable);
        for part in [&setting.variable, "a=b=c", &format!("--{}", setting.flag)] {
            assert!(output.err.contains(part), "{part}: {output:?}");
        }
        assert!(output.err.contains("Meaning: "), "{output:?}");
    }
    for (variable, value, told) in [
        ("CAREERQL_HIDE_SCHEMA", "maybe", "As a word: 1, yes, true or on; 0, no, false or off."),
        ("CAREERQL_PERSPECTIVE", "all", "[possible values: published, draft]"),
        ("CAREERQL_MAX_TOKENS", "many", "Without the variable, it is 4000."),
        ("CAREERQL_LISTEN", "8000", "it must be an IP address and a port"),
    ] {
        let output = start(&[], &[(variable, value)]).await;
        assert_eq!(output.status, 2);
        assert!(output.err.contains(&format!("the variable {variable} has the value `{value}`")), "{output:?}");
        assert!(output.err.contains(told), "{output:?}");
    }
}

#[tokio::test]
async fn a_flag_wins_and_is_named_itself() {
    let output = start(&["--max-tokens", "7"], &[("CAREERQL_MAX_TOKENS", "8")]).await;
    assert_eq!(output.status, 1, "{output:?}");
    let output = start(&["--max-tokens", "many"], &[("CAREERQL_MAX_TOKENS", "8")]).await;
    assert_eq!(output.status, 2);
    assert!(output.err.contains("invalid value 'many' for '--max-tokens"), "{output:?}");
    assert!(!output.err.contains("variable"), "{output:?}");
}

#[tokio::test]
async fn secrets_of_settings_are_shown_nowhere() {
    let url = "postgres://me:s3cret@127.0.0.1:1/db";
    for arguments in [
        &["serve", "--help"][..],
        &["--help"],
        &["settings"],
        &["import", "--help"],
        &["token", "list", "--help"],
        &["serve", "postgres://me:s3cret@h/db"],
        &["token", "list", "--databaseurl=postgres://me:s3cret@h/db"],
        &["--database-url", "postgres://me:s3cret@h/db", "--listen", "x"],
        &["token", "list", "--log-level", "trace"],
        &[
            "token",
            "list",
            "--log-level",
            "trace",
            "--database-url",
            "postgres://127.0.0.1:1/db?user=me&password=s3cret",
        ],
        &[
            "token",
            "list",
            "--log-level",
            "trace",
            "--database-url",
            "postgres://me:s3cret@127.0.0.1:1/db?sslpassword=s3cret",
        ],
        &["token", "list", "--log-level", "trace", "--database-url", "postgres://me:s3#cret@127.0.0.1:1/db"],
    ] {
        let output = Binary::new(arguments).database(url).env("PGPASSWORD", "s3cret").run().await;
        assert!(!output.err.contains("s3cret") && !output.out.contains("s3cret"), "{arguments:?}: {output:?}");
        assert!(!output.err.contains("#cret"), "{arguments:?}: {output:?}");
    }
}
