//! The root file system of the container image, assembled and started without a container daemon.
use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{compose, environment, folder, image_environment, instruction, servers};
use crate::harness::{Binary, Folder, Running};

/// Mounts the folder `root` read-only and `data` over its volume, in a mount namespace of its own, and runs the binary in it, as `who`.
const WITHIN: &str = r#"set -e
root=$1 data=$2 who=$3
shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind "$data" "$root/data"
exec chroot $who "$root" /usr/bin/careerql "$@""#;

/// Ways to enter the root file system, as far as this machine allows it.
enum Door {
    /// As the user of the image.
    User,
    /// In a namespace of users, in which whoever runs the test stands for root.
    Namespace,
    /// Not at all: the binary runs outside, without anything in its environment.
    None,
}

impl Door {
    #[expect(clippy::print_stderr, reason = "whoever reads the result should know what was not tried")]
    fn of_this_machine() -> Self {
        let can =
            |arguments: &[&str]| Command::new("unshare").args(arguments).output().is_ok_and(|run| run.status.success());
        if can(&["--mount", "true"]) {
            Self::User
        } else if can(&["--map-root-user", "--mount", "true"]) {
            Self::Namespace
        } else {
            eprintln!(
                "neither mounts nor namespaces of users are allowed here: the binary runs outside of its root file system"
            );
            Self::None
        }
    }
}

/// A root file system, and the volume that is mounted over its folder `data`.
struct Image {
    root: PathBuf,
    data: PathBuf,
    door: Door,
    _folder: Folder,
}

impl Image {
    fn assembled() -> Self {
        let temporary = Folder::new();
        let (root, data) = (temporary.path().join("root"), temporary.path().join("data"));
        let made = Command::new(folder().join("rootfs.sh")).arg(Binary::file()).arg(&root).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        fs::create_dir(&data).unwrap();
        let door = Door::of_this_machine();
        if matches!(door, Door::User) {
            chown(&data, Some(65_532), Some(65_532)).unwrap();
        }
        Self { root, data, door, _folder: temporary }
    }

    /// The binary with the environment of the image and of `compose.yaml`, as the image runs it; on a port of its own.
    fn run(&self, arguments: &[&str]) -> Binary {
        let (root, data) = (self.root.to_str().unwrap(), self.data.to_str().unwrap());
        let compose = compose("compose.yaml");
        let set = image_environment().into_iter().chain(environment(servers(&compose)[0].1));
        let binary = set.fold(Binary::new(arguments), |binary, (name, value)| binary.env(&name, &value));
        let binary = binary.env("CAREERQL_LISTEN", "127.0.0.1:0");
        let within = ["/bin/sh", "-c", WITHIN, "within", root, data];
        match self.door {
            Door::User => binary.by(&[&["unshare", "--mount"], &within[..], &["--userspec=65532:65532"]].concat()),
            Door::Namespace => binary.by(&[&["unshare", "--map-root-user", "--mount"], &within[..], &[""]].concat()),
            Door::None => {
                let database = format!("sqlite://{data}/careerql.sqlite");
                let binary = binary.env("DATABASE_URL", &database).by(&[&format!("{root}/usr/bin/careerql")]);
                binary.within(&self.data)
            }
        }
    }
}

/// All files in a folder, by their paths in it.
fn files(folder: &Path, within: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            let file = || path.strip_prefix(within).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() { files(&path, within) } else { vec![file()] }
        })
        .collect()
}

#[test]
fn the_image_has_the_binary_its_libraries_and_nothing_else() {
    let image = Image::assembled();
    let mut files = files(&image.root, &image.root);
    files.sort();
    let (libraries, rest): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.contains(".so"));
    assert_eq!(
        rest,
        ["etc/group", "etc/nsswitch.conf", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "usr/bin/careerql"]
    );
    assert!(libraries.len() <= 5, "{libraries:?}");
}

#[tokio::test]
async fn the_image_serves_from_a_volume_and_is_healthy_until_it_is_stopped() {
    let image = Image::assembled();
    let text = "kind: career\nslug: one\ntitle: One\nsummary: About it.\n";
    fs::write(image.data.join("one.yaml"), text).unwrap();

    let mut server = Running::start(image.run(&["serve"]));
    let file = if matches!(image.door, Door::None) { image.data.join("one.yaml") } else { "/data/one.yaml".into() };
    let imported = image.run(&["import", "--publish", file.to_str().unwrap()]).run().await;
    assert_eq!(imported.status, 0, "{imported:?}");

    let query = json!({ "query": "{ careers { nodes { title } } }" });
    let answer = reqwest::Client::new().post(&server.url).json(&query).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer, json!({ "data": { "careers": { "nodes": [{ "title": "One" }] } } }));
    let address = server.address().to_string();
    let health = || image.run(&["health"]).env("CAREERQL_LISTEN", &address).run();
    let healthy = health().await;
    assert_eq!((healthy.status, healthy.out), (0, format!("The server on {address} is ready.\n")), "{}", healthy.err);

    if matches!(image.door, Door::User) {
        let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
        let user = instruction("USER").split(':').next().unwrap().to_owned();
        assert!(status.contains(&format!("\nUid:\t{user}\t{user}\t")), "{status}");
    }
    if !matches!(image.door, Door::None) {
        let written = image.run(&["export", "/usr/careers"]).run().await;
        assert_eq!(written.status, 1, "the root cannot be written: {written:?}");
        assert!(!image.root.join("usr/careers").exists());
    }
    assert!(image.data.join("careerql.sqlite").is_file());

    server.signal("TERM");
    server.ends().await;
    let unhealthy = health().await;
    assert_eq!(unhealthy.status, 1, "{unhealthy:?}");
    assert!(unhealthy.err.contains("[NOT_READY]"), "{unhealthy:?}");
}
