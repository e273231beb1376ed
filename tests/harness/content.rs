//! Content for tests: the seed, and small documents.
use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// The seed of the project.
pub fn seed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../seed")
}

/// A folder of documents that goes with the test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file; returns its path.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// A career with little more than a title.
    pub fn career(&self, slug: &str, title: &str, more: &str) -> PathBuf {
        let text = format!("kind: career\nslug: {slug}\ntitle: {title}\nsummary: About it.\n{more}");
        self.file(&format!("careers/{slug}.yaml"), &text)
    }

    /// A source that figures can cite.
    pub fn source(&self, slug: &str) -> PathBuf {
        let text = format!("kind: source\nslug: {slug}\ntitle: Source {slug}\npublisher: A publisher\n");
        self.file(&format!("sources/{slug}.yaml"), &text)
    }

    /// A certification.
    pub fn certification(&self, slug: &str, issuer: &str) -> PathBuf {
        let text = format!(
            "kind: certification\nslug: {slug}\ntitle: Certified {slug}\nissuer: {{name: {issuer}}}\nlevel: ENTRY\n\
             summary: About it.\n"
        );
        self.file(&format!("certifications/{slug}.yaml"), &text)
    }

    /// The text of a median pay for [`career`](Self::career), which cites the source `survey`.
    pub fn median(amount: u32) -> String {
        format!(
            "pay: {{median: {{amount: {amount}, currency: USD, period: YEAR, source: survey, asOf: 2025-05-01}}}}\n"
        )
    }
}
