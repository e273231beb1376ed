//! A database of its own for each test.
use std::{
    env,
    sync::atomic::{AtomicU32, Ordering},
};

use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

/// A fresh database. SQLite files go with it; databases on a Postgres server are replaced by the next run.
pub struct TestDatabase {
    pub url: String,
    _folder: Option<TempDir>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// On the Postgres server that the environment names, else in an SQLite file.
    pub async fn fresh() -> Self {
        match env::var("CAREERQL_TEST_POSTGRES") {
            Ok(server) => Self::on_postgres(&server).await,
            Err(_) => Self::sqlite(),
        }
    }

    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.sqlite").display());
        Self { url, _folder: Some(folder) }
    }

    async fn on_postgres(server: &str) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("careerql_test_{}_{number}", std::process::id());
        let server = server.trim_end_matches('/');
        let admin = Database::connect(format!("{server}/postgres")).await.expect("CAREERQL_TEST_POSTGRES answers");
        for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
            admin.execute_unprepared(&statement).await.unwrap();
        }
        admin.close().await.unwrap();
        Self { url: format!("{server}/{name}"), _folder: None }
    }
}
