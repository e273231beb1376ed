//! The files of the publishers, whole: only where `CAREERQL_TEST_DATA` names a folder with them, in folders such as `bls_oews`.
use std::{
    collections::BTreeMap,
    env,
    io::Read,
    path::{Path, PathBuf},
};

use datasets::SyncOptions;
use fastrand::Rng;
use serde_json::{Value, json};

use super::sample::{changes, options, refused, synced};
use crate::harness::TestServer;

/// Data sets, and the folders of their files.
const RELEASES: [(&str, &[&str]); 7] = [
    ("onet", &["onet_30_3/csv"]),
    ("soc-crosswalks", &["crosswalks"]),
    ("bls-oews", &["bls_oews"]),
    ("bls-projections", &["bls_projections"]),
    ("ai-eloundou", &["ai_exposure/eloundou_gpts"]),
    ("ai-microsoft", &["ai_exposure/microsoft_applicability"]),
    ("cip-soc", &["training/cip_soc"]),
];

/// Number of cells of wages that are looked up.
const CELLS: usize = 2_000;

/// The folder of the files; none, with a word about it, where it is not named.
#[expect(clippy::print_stdout, reason = "whoever runs the test learns that it did nothing")]
fn folder() -> Option<PathBuf> {
    let folder = env::var_os("CAREERQL_TEST_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("the files of the publishers are not tested: CAREERQL_TEST_DATA names no folder");
    }
    folder
}

/// A server with all data sets.
async fn server(folder: &Path) -> TestServer {
    let server = TestServer::empty().await;
    for (dataset, folders) in RELEASES {
        let paths = folders.iter().map(|name| folder.join(name)).collect();
        let options = SyncOptions { dataset: dataset.to_owned(), paths, ..options(PathBuf::new()) };
        synced(&server, options).await;
    }
    server
}

#[tokio::test]
async fn whole_releases_join_and_each_cell_is_found_again() {
    let Some(folder) = folder() else { return };
    let server = server(&folder).await;
    spot_checks(&server).await;
    joins(&server).await;
    cells(&server, &folder).await;
}

#[tokio::test]
async fn a_newer_layout_of_onet_follows_an_older_one_without_acceptance() {
    let Some(folder) = folder() else { return };
    let server = TestServer::empty().await;
    let of = |path: &str| SyncOptions { dataset: "onet".to_owned(), ..options(folder.join(path)) };
    synced(&server, of("onet_30_1")).await;

    let plan = synced(&server, of("onet_30_3/csv")).await;
    let back = refused(&server, of("onet_30_1")).await;

    let ended = [("work-values", 7_866), ("tools", 41_662), ("commodities", 4_264)];
    assert_eq!(plan.ended, ended.map(|(table, rows)| (table.to_owned(), rows)));
    assert!(plan.waived.is_empty(), "{plan}");
    assert!(changes(&plan).contains(&("job-zones", [0, 1, 1])), "{plan}");
    let rules = |rule: &str| back.iter().all(|fault| fault.contains(rule));
    assert!(rules("error[lost-rows]"), "{back:#?}");
}

async fn spot_checks(server: &TestServer) {
    let answer = server
        .query_once(
            "{ occupations { totalCount } places { totalCount } states: places(filter: {kind: {eq: STATE}}) { totalCount } \
             records: occupation(code: \"29-2072.00\") { title wage { annual { median { value } } } \
             california: wage(place: \"US-CA\") { annual { median { value } } } tasks { totalCount } \
             projection { percentChange { value } openings { value } } } \
             technologists: occupation(code: \"29-9021.00\") { projection { percentChange { value } } } \
             managers: occupation(code: \"11-9111.00\") { projection { percentChange { value } } } \
             laboratory: occupation(code: \"29-2011.00\") { wage { publishedFor { code } } } }",
        )
        .await;
    assert_eq!(answer["occupations"]["totalCount"], 1_016);
    assert_eq!(answer["places"]["totalCount"], 585);
    assert_eq!(answer["states"]["totalCount"], 56);
    let records = &answer["records"];
    assert_eq!(records["title"], "Medical Records Specialists");
    assert_eq!(records["wage"]["annual"]["median"]["value"], 51_140);
    assert_eq!(records["california"]["annual"]["median"]["value"], 61_810);
    assert!((16..=18).contains(&records["tasks"]["totalCount"].as_i64().unwrap()));
    assert_eq!(records["projection"]["percentChange"]["value"], 7.1);
    assert_eq!(records["projection"]["openings"]["value"], 14_200);
    assert_eq!(answer["technologists"]["projection"]["percentChange"]["value"], 14.7);
    assert_eq!(answer["managers"]["projection"]["percentChange"]["value"], 23.2);
    assert_eq!(answer["laboratory"]["wage"]["publishedFor"]["code"], "29-2010");
}

/// Counts what the occupations with tasks have.
async fn joins(server: &TestServer) {
    let (mut after, mut counts) = (Value::Null, [0; 3]);
    loop {
        let query = format!(
            "{{ occupations(first: 100, after: {after}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ tasks {{ totalCount }} \
             projection {{ openings {{ value }} }} wage {{ annual {{ median {{ value atLeast }} }} hourly {{ median {{ value }} }} }} }} }} }}"
        );
        let page = server.query_once(&query).await["occupations"].clone();
        for occupation in page["nodes"].as_array().unwrap() {
            if occupation["tasks"]["totalCount"] == 0 {
                continue;
            }
            let has_pay = ["/wage/annual/median/value", "/wage/annual/median/atLeast", "/wage/hourly/median/value"]
                .iter()
                .any(|path| occupation.pointer(path).is_some_and(Value::is_number));
            counts[0] += 1;
            counts[1] += i32::from(occupation["projection"].is_object());
            counts[2] += i32::from(has_pay);
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(counts, [923, 923, 921], "occupations with tasks, with an outlook, with pay");
}

/// Paths of the measures in the answer, by the columns of the files.
const PATHS: [(&str, &str); 17] = [
    ("tot_emp", "/employment"),
    ("emp_prse", "/employmentError"),
    ("h_mean", "/hourly/mean"),
    ("a_mean", "/annual/mean"),
    ("mean_prse", "/meanError"),
    ("h_pct10", "/hourly/p10"),
    ("h_pct25", "/hourly/p25"),
    ("h_median", "/hourly/median"),
    ("h_pct75", "/hourly/p75"),
    ("h_pct90", "/hourly/p90"),
    ("a_pct10", "/annual/p10"),
    ("a_pct25", "/annual/p25"),
    ("a_median", "/annual/median"),
    ("a_pct75", "/annual/p75"),
    ("a_pct90", "/annual/p90"),
    ("jobs_1000", "/jobsPerThousand"),
    ("loc_quotient", "/locationQuotient"),
];

/// Looks cells of all files of wages up, by chance, the same in each run.
async fn cells(server: &TestServer, folder: &Path) {
    let mut rows: Vec<BTreeMap<String, String>> = Vec::new();
    for name in ["oews_2025_national.csv", "oews_2025_state.csv.zst", "oews_2025_metro.csv.zst"] {
        let mut text = String::new();
        let file = std::fs::File::open(folder.join("bls_oews").join(name)).unwrap();
        if Path::new(name).extension().is_some_and(|ending| ending == "zst") {
            ruzstd::decoding::StreamingDecoder::new(file).unwrap().read_to_string(&mut text).unwrap();
        } else {
            std::io::BufReader::new(file).read_to_string(&mut text).unwrap();
        }
        rows.extend(csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap));
    }
    let mut rng = Rng::with_seed(15);
    for _ in 0..CELLS {
        let row = &rows[rng.usize(..rows.len())];
        let (column, path) = PATHS[rng.usize(..PATHS.len())];
        let place = places::key_of(&row["area_code"], &row["area_type"]).unwrap();
        let figures = "{ value atLeast missing }";
        let wages =
            format!("{{ mean {figures} p10 {figures} p25 {figures} median {figures} p75 {figures} p90 {figures} }}");
        let query = format!(
            "{{ wages(code: \"{}\", places: [\"{place}\"]) {{ nodes {{ employment {figures} employmentError {figures} meanError {figures} \
             jobsPerThousand {figures} locationQuotient {figures} hourly {wages} annual {wages} publishedFor {{ code }} }} }} }}",
            row["soc_code"]
        );
        let answer = server.query_once(&query).await;
        let found = answer.pointer(&format!("/wages/nodes/0{path}")).unwrap_or_else(|| panic!("{row:?}: {answer}"));
        let note = row["footnotes"].split(';').find_map(|note| note.strip_prefix(&format!("{column}:")));
        let number = row[column].parse::<f64>().ok();
        let expected = match (number, note) {
            (_, Some("5")) => {
                let bound = number.unwrap_or(if column.starts_with("h_") { 115.0 } else { 239_200.0 });
                json!({ "value": null, "atLeast": bound, "missing": null })
            }
            (Some(number), _) => json!({ "value": number, "atLeast": null, "missing": null }),
            (None, Some("4")) if column.starts_with("h_") => {
                json!({ "value": null, "atLeast": null, "missing": "ANNUAL_ONLY" })
            }
            (None, Some("4")) => json!({ "value": null, "atLeast": null, "missing": "HOURLY_ONLY" }),
            (None, _) if row[column].is_empty() => {
                json!({ "value": null, "atLeast": null, "missing": "NOT_APPLICABLE" })
            }
            (None, _) => json!({ "value": null, "atLeast": null, "missing": "NOT_RELEASED" }),
        };
        let same = |name: &str| found[name].as_f64() == expected[name].as_f64();
        assert!(
            same("value") && same("atLeast") && found["missing"] == expected["missing"],
            "{column} of {row:?}: {found}"
        );
    }
}
