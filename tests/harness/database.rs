//! A database of its own for each test.
use std::{
    env, fs,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;
use tokio::runtime::Runtime;

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

    /// The same with the tables of the binary, copied from a database in which they were made once.
    pub async fn migrated() -> Self {
        static TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let template = TestDatabase::sqlite();
            migrate(template.url.clone());
            fs::read(template.url.trim_start_matches("sqlite://")).unwrap()
        });
        if let Ok(server) = env::var("CAREERQL_TEST_POSTGRES") {
            return Self::copied_on_postgres(&server).await;
        }
        let database = Self::sqlite();
        fs::write(database.url.trim_start_matches("sqlite://"), &*TEMPLATE).unwrap();
        database
    }

    async fn copied_on_postgres(server: &str) -> Self {
        static TEMPLATE: LazyLock<String> = LazyLock::new(|| {
            let server = env::var("CAREERQL_TEST_POSTGRES").unwrap();
            let name = format!("careerql_test_template_{}", std::process::id());
            let url = in_runtime(async move { TestDatabase::created(&server, &name, "").await.url });
            migrate(url.clone());
            url.rsplit('/').next().unwrap().to_owned()
        });
        Self::created(server, &Self::next(), &format!(" TEMPLATE {}", *TEMPLATE)).await
    }

    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.sqlite").display());
        Self { url, _folder: Some(folder) }
    }

    async fn on_postgres(server: &str) -> Self {
        Self::created(server, &Self::next(), "").await
    }

    fn next() -> String {
        format!("careerql_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    async fn created(server: &str, name: &str, of: &str) -> Self {
        let server = server.trim_end_matches('/');
        let admin = Database::connect(format!("{server}/postgres")).await.expect("CAREERQL_TEST_POSTGRES answers");
        for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}{of}")] {
            admin.execute_unprepared(&statement).await.unwrap();
        }
        admin.close().await.unwrap();
        Self { url: format!("{server}/{name}"), _folder: None }
    }
}

/// Makes the tables of the binary in the database with this URL, and closes it.
fn migrate(url: String) {
    in_runtime(async move {
        let (_, migrations) = careerql_server::app().build().unwrap();
        let connection = careerql_server::connect(&url).await.unwrap();
        migrations.up(connection).await.unwrap().close().await.unwrap();
    });
}

/// Runs what all tests wait for in a runtime of its own: that of a test ends with it.
fn in_runtime<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    thread::spawn(|| Runtime::new().unwrap().block_on(work)).join().unwrap()
}
