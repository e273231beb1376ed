//! Tables of a release that are empty, have lost rows, or have no file.
use std::{fs, path::PathBuf};

use datasets::{Outcome, SyncOptions};

use super::{
    sample::{CALIFORNIA, NATION, changes, options, refused, sample, sync, synced, table, wage},
    workbook::workbook,
};
use crate::harness::{Folder, TestServer};

/// Options of a sync of a folder.
pub(super) fn of(dataset: &str, path: PathBuf) -> SyncOptions {
    SyncOptions { dataset: dataset.to_owned(), ..options(path) }
}

/// The files of a sample in a folder of their own.
pub(super) fn copied(folder: &Folder, name: &str) -> PathBuf {
    for entry in fs::read_dir(sample(name)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder.path().to_owned()
}

/// Leaves the first lines of a file.
fn cut(folder: &Folder, file: &str, lines: usize) {
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, text.split_inclusive('\n').take(lines).collect::<String>()).unwrap();
}

#[track_caller]
fn has(faults: &[String], expected: &str) {
    assert!(faults.iter().any(|fault| fault.starts_with(expected)), "{expected}: {faults:#?}");
}

#[tokio::test]
async fn a_file_that_is_missing_in_the_same_layout_is_lost_rows_by_its_name() {
    let cases = [
        ("skills/text", "Tools Used.txt", "the table `tools` had 1 rows and has 0"),
        ("skills/text", "UNSPSC Reference.txt", "the table `commodities` had 1 rows and has 0"),
        ("skills/text", "Technology Skills.txt", "the table `software` had 4 rows and has 0"),
        ("skills/text", "Scales Reference.txt", "the table `scales` had 6 rows and has 0"),
        ("skills/text", "RIASEC Keywords.txt", "the table `element-facts` had 1 rows of `keywords` and has 0"),
        ("skills/csv", "essential_skills.csv", "the table `skills` had 2 rows of `2.A` and has 0"),
        ("skills/csv", "career_interest_types.csv", "the table `interests` had 4 rows and has 0"),
        (
            "onet-education/csv",
            "education_categories.csv",
            "the table `education-categories` had 2 rows of `categories of 2.D` and has 0",
        ),
        ("onet-education/csv", "job_zone_reference.csv", "the table `job-zones` had 1 rows and has 0"),
    ];
    for (sample, file, expected) in cases {
        let (server, folder) = (TestServer::empty().await, Folder::new());
        let path = copied(&folder, sample);
        synced(&server, of("onet", path.clone())).await;
        fs::remove_file(path.join(file)).unwrap();

        let faults = refused(&server, of("onet", path.clone())).await;
        let accepted = SyncOptions { accept: vec!["lost-rows".to_owned()], ..of("onet", path) };

        has(&faults, &format!("{file}:1:1: error[lost-rows] {expected}"));
        synced(&server, accepted).await;
    }
}

#[tokio::test]
async fn one_row_of_a_small_table_is_missed() {
    for (file, lines, expected) in [
        ("Scales Reference.txt", 6, "the table `scales` had 6 rows and has 5"),
        ("Technology Skills.txt", 4, "the table `software` had 4 rows and has 3"),
    ] {
        let (server, folder) = (TestServer::empty().await, Folder::new());
        let path = copied(&folder, "skills/text");
        synced(&server, of("onet", path.clone())).await;
        cut(&folder, file, lines);

        let faults = refused(&server, of("onet", path)).await;

        has(&faults, &format!("{file}:1:1: error[lost-rows] {expected}"));
    }
}

#[tokio::test]
async fn tables_that_the_publisher_dropped_are_gone_with_a_word_and_come_back_by_hand() {
    let server = TestServer::empty().await;
    synced(&server, of("onet", sample("skills/text"))).await;

    let plan = synced(&server, of("onet", sample("skills/csv"))).await;

    assert_eq!(plan.ended, [("tools".to_owned(), 1), ("commodities".to_owned(), 1)]);
    assert!(plan.to_string().contains("`tools` is no longer published: its 1 rows are gone\n"), "{plan}");
    assert!(plan.waived.is_empty(), "{plan}");
    let back = refused(&server, of("onet", sample("skills/text"))).await;
    has(&back, "Content Model Reference.txt:1:1: error[lost-rows] the table `elements`");
}

#[tokio::test]
async fn job_zones_become_four_with_a_release_that_has_four_only() {
    let zones = |from: u32| {
        let rows = (from..=5).map(|zone| format!("{zone},Zone {zone},,,,,\n"));
        "Job Zone,Name,Experience,Education,Job Training,Examples,SVP Range\n".to_owned() + &rows.collect::<String>()
    };
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let release = |name: &str, zones: &str| {
        folder.file(&format!("{name}/Read Me.txt"), &format!("O*NET {name} Database\n"));
        folder.file(&format!("{name}/occupation_data.csv"), "O*NET-SOC Code,Title,Description\n29-2072.00,Clerks,\n");
        let file = folder.file(&format!("{name}/job_zone_reference.csv"), zones);
        of("onet", file.parent().unwrap().to_owned())
    };
    synced(&server, release("30.1", &zones(1))).await;

    let without = release("30.3", &zones(2));
    fs::remove_file(folder.path().join("30.3/job_zone_reference.csv")).unwrap();
    let faults = refused(&server, without).await;
    let plan = synced(&server, release("30.3", &zones(2))).await;
    let next = refused(&server, release("31.0", &zones(3))).await;

    has(&faults, "job_zone_reference.csv:1:1: error[lost-rows] the table `job-zones` had 5 rows and has 0");
    assert!(changes(&plan).contains(&("job-zones", [0, 1, 0])), "{plan}");
    has(&next, "job_zone_reference.csv:1:1: error[lost-rows] the table `job-zones` had 4 rows and has 3");
}

#[tokio::test]
async fn scores_that_two_files_make_up_are_missed_in_either() {
    for (file, other) in
        [("soc_ai_applicability_scores.csv", "soc_metrics.csv"), ("soc_metrics.csv", "soc_ai_applicability_scores.csv")]
    {
        let (server, folder) = (TestServer::empty().await, Folder::new());
        let path = copied(&folder, "ai-microsoft");
        cut(&folder, file, 2);

        let faults = refused(&server, of("ai-microsoft", path.clone())).await;
        has(
            &faults,
            &format!("{file}:1:1: error[lost-rows] occupations of the other file of scores are not in this one: 2,"),
        );
        assert!(!faults.iter().any(|fault| fault.starts_with(other)), "{faults:#?}");

        fs::copy(sample("ai-microsoft").join(file), path.join(file)).unwrap();
        synced(&server, of("ai-microsoft", path.clone())).await;
        cut(&folder, file, 2);
        has(&refused(&server, of("ai-microsoft", path)).await, &format!("{file}:1:1: error[lost-rows]"));
    }
}

#[tokio::test]
async fn wages_of_the_nation_are_missed_among_those_of_all_places() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let codes = (1_000..1_100).map(|number| format!("51-{number}"));
    let states: Vec<_> = codes.map(|code| wage(CALIFORNIA, &code, 40_000)).collect();
    let nation = folder.file("oews_2025_national.csv", &table(&[wage(NATION, "51-1000", 40_000)]));
    folder.file("oews_2025_state.csv", &table(&states));
    synced(&server, options(folder.path().to_owned())).await;
    fs::remove_file(nation).unwrap();

    let faults = refused(&server, options(folder.path().to_owned())).await;

    // No file of other areas was ever given.
    assert!(!faults.iter().any(|fault| fault.contains("*metro*")), "{faults:#?}");
    has(&faults, "*national*.csv:1:1: error[lost-rows] the table `wages` had 1 rows of `the nation` and has 0");
}

#[tokio::test]
async fn a_file_without_rows_is_refused_at_the_first_sync() {
    for (dataset, sample, files) in [
        ("bls-projections", "bls-projections", &["Employment Projections 2023-2033.csv"] as &[&str]),
        ("bls-oews", "bls-oews", &["oews_2024_state.csv"]),
        ("cip-soc", "cip-soc", &["CIPCode2020.csv", "CIP2020_SOC2018_Crosswalk.csv"]),
        ("ai-eloundou", "ai-eloundou", &["occ_level.csv", "full_labelset.tsv"]),
        ("ai-microsoft", "ai-microsoft", &["soc_metrics.csv", "iwa_metrics.csv"]),
        ("onet", "skills/csv", &["occupation_data.csv", "transferable_skills.csv", "scales_reference.csv"]),
    ] {
        for file in files {
            let (server, folder) = (TestServer::empty().await, Folder::new());
            let path = copied(&folder, sample);
            cut(&folder, file, 1);

            let faults = refused(&server, of(dataset, path)).await;

            has(&faults, &format!("{file}:1:1: error[empty-table] the file names columns and has no rows"));
        }
    }
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let header = ["2010 SOC Code", "2010 SOC Title", "2018 SOC Code", "2018 SOC Title"];
    fs::write(folder.path().join("soc_2010_to_2018_crosswalk.xlsx"), workbook(&[&header])).unwrap();
    let asked = SyncOptions { edition: Some("1".to_owned()), ..of("soc-crosswalks", folder.path().to_owned()) };
    has(&refused(&server, asked).await, "soc_2010_to_2018_crosswalk.xlsx:1:1: error[empty-table]");
}

#[tokio::test]
async fn a_table_whose_rows_are_all_left_out_is_empty() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = copied(&folder, "skills/csv");
    let text = fs::read_to_string(path.join("knowledge.csv")).unwrap();
    fs::write(path.join("knowledge.csv"), text.replace("15-1252.00", "15-9999.00")).unwrap();

    let asked = SyncOptions { accept: vec!["unknown-code".to_owned()], ..of("onet", path) };

    has(&refused(&server, asked).await, "knowledge.csv:1:1: error[empty-table] the table `knowledge` has no rows");
}

#[tokio::test]
async fn a_plan_names_the_files_that_are_not_given() {
    let (server, folder) = (TestServer::empty().await, Folder::new());
    let path = sample("soc-crosswalks");
    let asked = SyncOptions { is_plan: true, ..of("soc-crosswalks", path) };
    let Outcome::Planned(plan) = sync(&server, asked).await else { panic!("a plan") };

    let skills = copied(&folder, "skills/csv");
    fs::remove_file(skills.join("essential_skills.csv")).unwrap();
    let skills = synced(&server, of("onet", skills)).await;

    let files = ["onetsoc_2019_structure.csv", "soc_2010_to_2018_crosswalk.xlsx", "onetsoc_2010_to_2019_crosswalk.csv"];
    for file in files {
        assert!(plan.absent.iter().any(|absent| absent == file), "{plan}");
        assert!(plan.to_string().contains(file), "{plan}");
    }
    assert_eq!(plan.absent.len(), files.len(), "{plan}");
    assert!(skills.absent.contains(&"essential_skills.csv".to_owned()), "{skills}");
    assert!(!skills.absent.contains(&"transferable_skills.csv".to_owned()), "{skills}");
}
