//! Small releases of wages, made of rows.
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use datasets::{Outcome, Plan, SyncOptions, Target};
use kernel::store::ChangeInfo;

use crate::harness::{Folder, TestServer};

/// The columns of a file of wages.
const HEADER: &str = "area_code,area_type,state_fips,area_title,soc_code,soc_title,soc_level,tot_emp,emp_prse,h_mean,a_mean,\
                      mean_prse,h_pct10,h_pct25,h_median,h_pct75,h_pct90,a_pct10,a_pct25,a_median,a_pct75,a_pct90,jobs_1000,\
                      loc_quotient,footnotes";

/// The nation, as files of wages name it.
pub const NATION: &str = "0000000,N,00,National";
/// California, as files of wages name it.
pub const CALIFORNIA: &str = "0600000,S,06,California";
/// A metropolitan area in three states, as files of wages name it.
pub const CINCINNATI: &str = "0017140,M,39,\"Cincinnati, OH-KY-IN\"";

/// A row of wages: all figures follow from the annual median, and are told apart.
pub fn wage(area: &str, code: &str, annual: u32) -> String {
    let hourly = f64::from(annual) / 2_080.0;
    format!(
        "{area},{code},Title of {code},3,{},1.5,{:.2},{},0.9,{:.2},{:.2},{hourly:.2},{:.2},{:.2},{},{},{annual},{},{},1.25,0.75,",
        annual / 10,
        hourly + 1.0,
        annual + 1_000,
        hourly - 10.0,
        hourly - 5.0,
        hourly + 5.0,
        hourly + 10.0,
        annual - 20_000,
        annual - 10_000,
        annual + 10_000,
        annual + 20_000,
    )
}

/// The text of a file of wages.
pub fn table(rows: &[String]) -> String {
    let lines = std::iter::once(HEADER.to_owned()).chain(rows.iter().cloned());
    lines.map(|line| line + "\n").collect()
}

/// Writes a release of wages of a year, in a folder of its own.
pub fn release(folder: &Folder, year: u32, rows: &[String]) -> PathBuf {
    let file = folder.file(&format!("{year}/oews_{year}_national.csv"), &table(rows));
    file.parent().unwrap().to_owned()
}

/// Options of a sync of wages that publishes.
pub fn options(path: PathBuf) -> SyncOptions {
    SyncOptions {
        dataset: "bls-oews".to_owned(),
        paths: vec![path],
        is_plan: false,
        target: Target::Published,
        accept: Vec::new(),
        edition: None,
        published_on: None,
        next_release_on: None,
        keep: 4,
        change: ChangeInfo::now("test", ""),
    }
}

/// Options of a sync of a sample in `tests/data/samples` that publishes.
pub fn of_sample(dataset: &str, sample: &str) -> SyncOptions {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/samples").join(sample);
    SyncOptions { dataset: dataset.to_owned(), ..options(folder) }
}

/// Syncs, and tells what came of it.
pub async fn sync(server: &TestServer, options: SyncOptions) -> Outcome {
    datasets::sync(&server.db, server.graph.catalog(), options, Arc::new(|_, _| {})).await.unwrap()
}

/// Syncs, and expects that it is written.
pub async fn synced(server: &TestServer, options: SyncOptions) -> Plan {
    match sync(server, options).await {
        Outcome::Synced(plan) => plan,
        other => panic!("{other:?}"),
    }
}

/// Syncs, and expects that it is refused: the faults, a line each.
pub async fn refused(server: &TestServer, options: SyncOptions) -> Vec<String> {
    match sync(server, options).await {
        Outcome::Refused(faults) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

/// The numbers of added, removed and changed rows of each table.
pub fn changes(plan: &Plan) -> Vec<(&str, [usize; 3])> {
    plan.tables.iter().map(|table| (table.name.as_str(), [table.added, table.removed, table.changed])).collect()
}

/// The folder of a sample that was written by hand in the layout of its publisher.
pub fn sample(dataset: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/samples").join(dataset)
}
