//! Parts and entries that stand in lists: what the attributes `part` and `section` generate, and how it is registered.
use document::{CheckedDocument, Findings, HoldsParts, Path};
use sea_orm::EntityTrait;
use store::{Rows, TableSpec};

use super::App;
use crate::{Entry, Kind, Section, list::Listed};

/// A part of a section, as [`part`](macro@crate::part) declares it: a struct with a key that stands for itself.
pub trait Part: Listed {
    /// The section that holds it.
    type Section: Section + HoldsParts<Self>;

    /// The key, unique among the parts of its entry.
    fn key(&self) -> &str;

    /// Registers its filter, its order, and what it adds to other types.
    fn register(app: &mut App);

    /// Its row.
    fn project(&self, entry: &Entry, rows: &mut Rows);
}

/// A kind whose entries stand in a list, as [`section`](macro@crate::section) declares it with `entry = …`.
pub trait ListedEntry: Kind + Listed {
    /// Registers its filter and its order.
    fn register(app: &mut App);

    /// The row of an entry.
    fn project(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows);
}

impl App {
    /// The module owns this part: a node with a list of its own, whose keys are unique in their entry.
    pub fn part<P: Part>(&mut self) {
        self.node::<P>();
        self.list::<P>();
        self.check::<P::Of>(unique_keys::<P>);
        self.project::<P::Of>(project::<P>);
        P::register(self);
    }

    /// A table of the module beside those of its lists, so that it is held against the database too.
    pub fn table<E: EntityTrait>(&mut self) {
        let table = TableSpec::of::<E>(self.module);
        if !self.tables.iter().any(|known| known.name == table.name) {
            self.tables.push(table);
        }
    }

    /// The entries of this kind stand in a list, which a section describes.
    pub fn entries<K: ListedEntry>(&mut self) {
        self.list::<K>();
        self.project::<K>(K::project);
        self.dates::<K>();
        K::register(self);
    }
}

impl App {
    /// Finds what a module declared and did not register.
    pub(super) fn find_omissions(&mut self) {
        let is_node = |object: &str| self.nodes.iter().any(|(_, node)| node == object);
        let held = self.held.iter().filter(|(_, _, object)| !is_node(object)).map(|(module, section, object)| {
            format!(
                "the section `{section}` of `{module}` holds parts of the type `{object}`, and nobody registers it: write \
                 `app.part::<…>()` with the struct of `{object}`"
            )
        });
        let listed = self.listed.iter().filter(|(_, object)| !is_node(object)).map(|(module, object)| {
            format!(
                "`{module}` lists `{object}`, which is not a node: write `app.node::<…>()` with the struct of `{object}`"
            )
        });
        let has_id = |object: &str| self.fields.contains(&format!("{object}.id"));
        let nameless = self.nodes.iter().filter(|(_, object)| !has_id(object)).map(|(module, object)| {
            format!(
                "the node `{object}` of `{module}` has no field `id`: write `complex` in its `#[graphql(…)]` and `async fn id` in \
                 its `#[ComplexObject]`"
            )
        });
        let found: Vec<_> = held.chain(listed).chain(nameless).collect();
        self.contradictions.extend(found);
    }
}

fn unique_keys<P: Part>(guide: &CheckedDocument, findings: &mut Findings) {
    if let Some(section) = guide.section::<P::Section>() {
        findings.unique_keys(&P::Section::path(Path::default()), section.parts().map(|part| part.key()));
    }
}

fn project<P: Part>(guide: &CheckedDocument, entry: &Entry, rows: &mut Rows) {
    if let Some(section) = guide.section::<P::Section>() {
        section.parts().for_each(|part| part.project(entry, rows));
    }
}
