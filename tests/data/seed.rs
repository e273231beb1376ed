//! The data sets of the seed: a newcomer sees figures at the first start.
use std::fs;

use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Running, TestDatabase};

async fn asked(server: &Running, query: &str) -> Value {
    let query = json!({ "query": query });
    reqwest::Client::new().post(&server.url).json(&query).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn the_first_start_shows_what_the_occupations_of_the_guide_earn() {
    let database = TestDatabase::fresh().await;
    let first = Running::start(Running::on(&database));

    let answer = asked(
        &first,
        "{ careers { nodes { occupations { match occupation { title wage(place: \"US-CA\") { annual { median { value unit } } \
         publishedFor { place { name } dataset { release } } } } } } } }",
    )
    .await;

    let wage = |median: u32| {
        json!({
            "annual": { "median": { "value": median, "unit": "USD_PER_YEAR" } },
            "publishedFor": { "place": { "name": "California" }, "dataset": { "release": "May 2025" } },
        })
    };
    assert_eq!(
        answer["data"]["careers"]["nodes"][0]["occupations"],
        json!([
            { "match": "CLOSE", "occupation": { "title": "Medical Records Specialists", "wage": wage(61_810) } },
            {
                "match": "CLOSE",
                "occupation": { "title": "Health Information Technologists and Medical Registrars", "wage": wage(90_750) },
            },
        ])
    );
    let is_told = |server: &Running, words: &str| server.lines.iter().any(|line| line.contains(words));
    assert!(is_told(&first, "onet 30.3") && is_told(&first, "bls-oews May 2025"), "{:?}", first.lines);

    drop(first);
    let second = Running::start(Running::on(&database));
    assert!(!is_told(&second, "Synced"), "{:?}", second.lines);
    let history = asked(&second, "{ datasets { nodes { slug history { release } } } }").await;
    assert_eq!(
        history["data"]["datasets"]["nodes"],
        json!([
            { "slug": "onet", "history": [{ "release": "30.3" }] },
            { "slug": "bls-oews", "history": [{ "release": "May 2025" }] },
        ])
    );
}

#[tokio::test]
async fn a_data_set_of_the_seed_that_is_refused_is_told_and_the_server_starts() {
    let (database, folder) = (TestDatabase::fresh().await, Folder::new());
    folder.career("nurse", "Nurse", "");
    folder.file("data/onet/Read Me.txt", "Something else\n");
    folder.file("data/odd/a.csv", "a\n");
    let binary = Binary::new(&["--listen", "127.0.0.1:0"]).env("CAREERQL_SEED", folder.path().to_str().unwrap());

    let server = Running::start(binary.env("CAREERQL_LOG_LEVEL", "warn").database(&database.url));

    let answer = asked(&server, "{ careers { totalCount } datasets { totalCount } }").await;
    assert_eq!(answer["data"], json!({ "careers": { "totalCount": 1 }, "datasets": { "totalCount": 0 } }));
    server.tells("data/odd");
}

#[tokio::test]
async fn files_of_data_sets_are_no_documents_of_the_seed() {
    let folder = Folder::new();
    folder.career("nurse", "Nurse", "");
    fs::create_dir_all(folder.path().join("data/onet")).unwrap();
    folder.file("data/onet/occupation_data.csv", "O*NET-SOC Code,Title,Description\n");

    let check = Binary::new(&["check", folder.path().to_str().unwrap()]).run().await;

    assert_eq!(check.status, 0, "{check:?}");
    assert!(check.out.contains("1 file, 0 errors"), "{check:?}");
}
