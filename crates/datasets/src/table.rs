//! Tables of data sets: what a module says of the rows that it makes of a release.
use std::{borrow::Cow, collections::HashSet, sync::Arc};

use kernel::{
    Error, Result,
    store::{Row as SqlRow, Rows},
};
use sea_orm::sea_query::{DynIden, IntoIden, SelectStatement};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Fault, Layout, Place, files::InputFiles};

/// A data set of a publisher, which `careerql sync` brings in.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The slug of the data set, such as `bls-oews`.
    pub slug: &'static str,
    /// Its name.
    pub title: &'static str,
    /// Its publisher.
    pub publisher: &'static str,
    /// Address at which the publisher describes it.
    pub url: &'static str,
    /// The licence it may be used under.
    pub licence: &'static str,
    /// Reads which release the files are of, and what belongs to the release as a whole.
    pub release: fn(&InputFiles) -> Result<Release, Fault>,
}

/// A release, as its files tell it.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// Its name, such as `May 2025` or `30.3`; none where no file tells, so that whoever syncs has to.
    pub name: Option<String>,
    /// The time that its figures are about.
    pub period: Option<String>,
    /// The day it was published, as `2026-05-15`.
    pub published_on: Option<String>,
    /// The sentence to show beside its figures. `{release}` stands for the name of the release.
    pub attribution: String,
    /// Codes of footnotes, with their meaning.
    pub footnotes: Vec<(String, String)>,
    /// Scales: code, name, least and greatest value.
    pub scales: Vec<(String, String, Option<f64>, Option<f64>)>,
    /// The occupation codes that rows of the release may have; none where any may.
    pub codes: Option<Arc<HashSet<String>>>,
}

/// A row of a table of a data set.
pub trait Row: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The key, unique in the table.
    fn key(&self) -> Cow<'_, str>;

    /// The key of the block that it is stored in: rows that are read together, such as those of an occupation.
    fn block(&self) -> Cow<'_, str>;

    /// The name of [`figure`](Self::figure) in a plan.
    const FIGURE: &'static str = "value";

    /// The figure by which a plan tells the largest changes.
    fn figure(&self) -> Option<f64> {
        None
    }

    /// The part of the table that it belongs to, where several files make up the table: rows that are lost are counted for each part, so that
    /// a small file is missed among large ones.
    fn part(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// The code of the occupation that it is about, by O*NET-SOC or SOC, where it is about one.
    fn occupation(&self) -> Option<&str> {
        None
    }
}

/// A table that a module makes of a release.
pub trait DataTable: Send + Sync + 'static {
    /// A row.
    type Row: Row;

    /// The slug of the data set.
    const DATASET: &'static str;
    /// The name of the table, unique in the data set.
    const NAME: &'static str;
    /// Number that grows when [`read`](Self::read) makes other rows of the same files.
    const FORMAT: i32 = 1;
    /// False where the rows lie in a table of the module alone, and not in blocks.
    const IN_BLOCKS: bool = true;

    /// Layouts of the files that the rows come from, the oldest first. A file of a layout may be missing, which a plan tells; where all of them have
    /// to be there for a [`Release`] to be read, there is no need to name them.
    const LAYOUTS: &'static [Layout] = &[];
    /// True for a small table by whose rows lists are made: its rows stay when those of old releases are dropped, so that lists of the past are
    /// whole.
    const LASTS: bool = false;

    /// Reads the rows from the files of a release. What is wrong with a row goes to [`Reading::fault`], so that one run tells all of it; what
    /// makes the rest unreadable is returned.
    fn read(input: &Input<'_>, rows: &mut Reading<'_, Self::Row>) -> Result<(), Fault>;

    /// The rows of the module's own tables, such as those by which lists are filtered. Each has the version in its column `version`.
    fn project(_row: &Self::Row, _version: i64, _rows: &mut Rows) {}

    /// The module's own tables.
    fn tables() -> Vec<DynIden> {
        Vec::new()
    }

    /// Statement that reads stored rows back which are not in blocks: all columns that [`stored_row`](Self::stored_row) reads, of some of the rows
    /// whose keys come after this one, in the order of the keys. None where rows lie in blocks.
    fn stored(_version: i64, _after: Option<&str>) -> Option<SelectStatement> {
        None
    }

    /// A row of that statement.
    fn stored_row(_row: &SqlRow<'_>) -> Result<Self::Row> {
        Err(Error::internal("rows of this table lie in blocks"))
    }
}

/// The files of a release, and what is known of it as a whole.
pub struct Input<'a> {
    /// The files.
    pub files: &'a InputFiles,
    /// The release.
    pub release: &'a Release,
}

impl Input<'_> {
    /// Tells whether rows of the release may be about this occupation.
    pub fn knows(&self, code: &str) -> bool {
        self.release.codes.as_ref().is_none_or(|codes| codes.contains(code))
    }

    /// Rule `unknown-code`: the fault of a row about an occupation that the release does not have.
    pub fn unknown_code(&self, code: &str, place: Place) -> Option<Fault> {
        (!self.knows(code)).then(|| {
            Fault::new("unknown-code", place, format!("`{code}` is not among the occupations of this release"))
        })
    }
}

/// Takes the rows of a table one by one.
pub struct Reading<'a, R> {
    take: &'a mut dyn FnMut(R, Place) -> Result<(), Fault>,
    faults: &'a mut dyn FnMut(Fault) -> Result<(), Fault>,
}

impl<'a, R> Reading<'a, R> {
    pub(crate) fn new(
        take: &'a mut dyn FnMut(R, Place) -> Result<(), Fault>,
        faults: &'a mut dyn FnMut(Fault) -> Result<(), Fault>,
    ) -> Self {
        Self { take, faults }
    }

    /// Takes a row, which stands at a place. Fails where it is of no use to read on.
    pub fn row(&mut self, row: R, place: Place) -> Result<(), Fault> {
        (self.take)(row, place)
    }

    /// Notes a fault. Fails where there are so many that it is of no use to read on.
    pub fn fault(&mut self, fault: Fault) -> Result<(), Fault> {
        (self.faults)(fault)
    }
}

/// The table of an entity whose rows have a version, for [`DataTable::tables`].
pub fn own_rows<E: sea_orm::EntityTrait + IntoIden>(entity: E) -> DynIden {
    entity.into_iden()
}
