//! The folder `deploy`: its files agree with each other and with the binary.
#[cfg(target_os = "linux")]
mod image;

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::harness::{Binary, Folder};

/// Variables that are no setting of the server: Postgres reads the password of the user from it.
const FOREIGN: [&str; 1] = ["PGPASSWORD"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// A Compose file, as Compose reads it.
fn compose(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).unwrap()
}

/// The arguments of an instruction of the Containerfile, each time that it stands there.
fn instructions(name: &str) -> Vec<String> {
    let text = text("Containerfile");
    let lines = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    lines.map(str::to_owned).collect()
}

fn instruction(name: &str) -> String {
    instructions(name).pop().unwrap_or_else(|| panic!("{name} in the Containerfile"))
}

/// The environment of the image.
fn image_environment() -> Vec<(String, String)> {
    let pairs = instructions("ENV");
    pairs.iter().map(|pair| pair.split_once('=').unwrap()).map(|(name, value)| (name.into(), value.into())).collect()
}

/// The services of a Compose file that are servers, by name.
fn servers(compose: &Value) -> Vec<(&String, &Value)> {
    let services = compose["services"].as_object().unwrap();
    services.iter().filter(|(_, service)| service["image"] == "careerql").collect()
}

/// The environment that a Compose file gives a server.
fn environment(service: &Value) -> Vec<(String, String)> {
    let environment = service["environment"].as_object().unwrap();
    environment.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// Asserts that the binary knows the settings and accepts their values: it goes on until its database cannot be opened.
async fn accepts(environment: &[(String, String)]) {
    let table = Binary::new(&["settings"]).run().await.out;
    for (name, _) in environment.iter().filter(|(name, _)| !FOREIGN.contains(&name.as_str())) {
        assert!(table.contains(&format!("| `{name}` |")), "{name} is no setting");
    }
    let folder = Folder::new();
    let url = format!("sqlite://{}", folder.path().join("none/x").display());
    let binary = Binary::new(&["serve", "--database-url", &url]).within(folder.path());
    let output = environment.iter().fold(binary, |binary, (name, value)| binary.env(name, value)).run().await;
    assert_eq!(output.status, 1, "{environment:?}: {output:?}");
    assert!(output.err.contains("[DATABASE_UNAVAILABLE]"), "{environment:?}: {output:?}");
}

#[tokio::test]
async fn the_image_sets_what_the_binary_knows() {
    let environment = image_environment();
    accepts(&environment).await;
    let set = |name: &str| environment.iter().find(|(known, _)| known == name).unwrap().1.as_str();

    assert_eq!(set("CAREERQL_LISTEN"), format!("0.0.0.0:{}", instruction("EXPOSE")));
    assert!(set("DATABASE_URL").starts_with(&format!("sqlite://{}/", instruction("VOLUME"))));
    assert_eq!(instruction("WORKDIR"), instruction("VOLUME"));
    let (user, group) = instruction("USER").split_once(':').map(|(user, group)| (user.parse(), group.parse())).unwrap();
    assert_eq!((user, group), (Ok(65_532_u32), Ok(65_532_u32)), "a number, which Kubernetes can tell from root");
    let command = |name: &str| -> Vec<String> {
        let text = instruction(name);
        serde_json::from_str(&text[text.find('[').unwrap()..]).unwrap()
    };
    let program = command("ENTRYPOINT");
    let health = command("HEALTHCHECK");
    assert_eq!(health[0], program[0]);
    for words in [&command("CMD")[..], &health[1..]] {
        let words: Vec<_> = words.iter().map(String::as_str).chain(["--help"]).collect();
        assert_eq!(Binary::new(&words).run().await.status, 0, "{words:?}");
    }
}

#[tokio::test]
async fn the_compose_files_set_what_the_binary_and_the_image_know() {
    for name in ["compose.yaml", "compose.cluster.yaml"] {
        let compose = compose(name);
        let servers = servers(&compose);
        assert!(!servers.is_empty(), "{name}");
        for (_, server) in servers {
            accepts(&environment(server)).await;
            assert_eq!(server["build"]["dockerfile"], "deploy/Containerfile");
            assert_eq!(server["read_only"], true);
            for port in server["ports"].as_array().into_iter().flatten() {
                assert!(port.as_str().unwrap().ends_with(&format!(":{}", instruction("EXPOSE"))), "{name}: {port}");
            }
            for volume in server["volumes"].as_array().into_iter().flatten() {
                let (volume, place) = volume.as_str().unwrap().split_once(':').unwrap();
                assert_eq!(place, instruction("VOLUME"));
                assert!(compose["volumes"].get(volume).is_some(), "{name}: {volume}");
            }
        }
    }
}

#[test]
fn one_server_trusts_the_machine_that_it_is_published_on_alone() {
    let compose = compose("compose.yaml");
    let servers = servers(&compose);
    let [(_, server)] = &servers[..] else { panic!("{servers:?}") };
    let port = server["ports"][0].as_str().unwrap();
    assert!(port.starts_with("127.0.0.1:"), "{port}: whoever reaches it is believed");
    let gateway = &compose["networks"]["default"]["ipam"]["config"][0]["gateway"];
    assert_eq!(&server["environment"]["CAREERQL_TRUSTED_PROXIES"], gateway);
}

#[test]
fn the_proxy_of_the_cluster_knows_all_servers_and_they_trust_it_alone() {
    let compose = compose("compose.cluster.yaml");
    let (servers, proxy) = (servers(&compose), &compose["services"]["proxy"]);
    assert_eq!(servers.len(), 3);
    let asked: Vec<_> = proxy["environment"]["SERVERS"].as_str().unwrap().split(' ').collect();
    for (name, server) in servers {
        assert!(asked.contains(&&*format!("{name}:{}", instruction("EXPOSE"))), "{name}: {asked:?}");
        let address = &proxy["networks"]["default"]["ipv4_address"];
        assert_eq!(&server["environment"]["CAREERQL_TRUSTED_PROXIES"], address);
        assert_eq!(proxy["depends_on"][name]["condition"], "service_healthy");
        assert_eq!(server["depends_on"]["postgres"]["condition"], "service_healthy");
        let database = server["environment"]["DATABASE_URL"].as_str().unwrap();
        let user = compose["services"]["postgres"]["environment"]["POSTGRES_USER"].as_str().unwrap();
        assert_eq!(database, format!("postgres://{user}@postgres/{user}"));
        assert_eq!(
            server["environment"]["PGPASSWORD"],
            compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
        );
    }
    let caddyfile = text("Caddyfile");
    for variable in caddyfile.split("{$").skip(1).map(|rest| rest.split('}').next().unwrap()) {
        assert!(proxy["environment"].get(variable).is_some(), "{variable}");
    }
    assert!(caddyfile.contains("header_up -Forwarded\n") && caddyfile.contains("health_uri /readyz\n"));
}

#[tokio::test]
async fn the_unit_runs_what_the_binary_knows_in_the_folder_of_its_state() {
    let unit = text("careerql.service");
    let set = |name: &str| unit.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap();
    let mut words: Vec<_> = set("ExecStart").split(' ').skip(1).collect();
    words.push("--help");
    assert_eq!(Binary::new(&words).run().await.status, 0, "{words:?}");
    assert_eq!(set("WorkingDirectory"), format!("/var/lib/{}", set("StateDirectory")));
    let example = unit.lines().find_map(|line| line.strip_prefix("#     ")?.split_once('=')).unwrap();
    accepts(&[(example.0.to_owned(), example.1.to_owned())]).await;
}
