//! Three-way comparison of an import whose entry exists: the file, of what the last import made of it, and of what people made
//! of the entry since. `diff` asks the same before.
use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult,
    sea_query::{Alias, Condition, Expr, ExprTrait as _, JoinType, Query, SelectStatement},
};

use super::summary::Mode;
use crate::{
    Result,
    tables::{entry, revision},
};

/// Side whose content stays where the database was changed since the last import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Winner {
    /// Nobody's: an entry that was changed in the database and in its file is a conflict, and nothing is written. One that was changed in
    /// the database only stays as it is.
    #[default]
    Nobody,
    /// That of the database, also where the file was changed as well.
    Database,
    /// That of the files.
    Files,
}

/// State of a document in the store.
#[derive(FromQueryResult)]
pub(crate) struct LastImport {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) slug: String,
    pub(crate) published_revision_id: Option<i64>,
    pub(crate) draft_revision_id: Option<i64>,
    draft_base_id: Option<i64>,
    pub(crate) imported_published_id: Option<i64>,
    pub(crate) imported_draft_id: Option<i64>,
    pub(crate) renamed_to: Option<i64>,
    pub(crate) lineage_id: Option<i64>,
    is_archived: bool,
    pub(crate) published_hash: Option<String>,
    pub(crate) draft_hash: Option<String>,
    imported_published_hash: Option<String>,
    imported_draft_hash: Option<String>,
    published_number: Option<i32>,
    draft_number: Option<i32>,
    published_author: Option<String>,
    draft_author: Option<String>,
    pub(crate) last_number: Option<i32>,
}

/// Decision about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It says the same.
    Same,
    /// Its draft says the same, and is published.
    PublishDraft(i64),
    /// It gets a new revision.
    Write,
    /// It stays as people made it: its file has not changed since the last import.
    Keep,
    /// Both were changed.
    Conflict,
}

impl LastImport {
    /// Why the entry stays as people made it.
    pub(crate) fn why_kept(&self, mode: Mode) -> String {
        format!("kept {} {}: {}", self.kind, self.slug, self.change(mode))
    }

    /// Decides about the entry where the file has this hash.
    pub(crate) fn verdict(&self, hash: &str, mode: Mode, winner: Winner) -> Verdict {
        let says = |known: &Option<String>| known.as_deref() == Some(hash);
        let draft = self.draft_revision_id.filter(|_| mode == Mode::Publish && says(&self.draft_hash));
        let write = draft.map_or(Verdict::Write, Verdict::PublishDraft);
        let is_same = match mode {
            Mode::Draft if self.draft_revision_id.is_some() => says(&self.draft_hash),
            Mode::Draft | Mode::Publish => says(&self.published_hash),
        };
        if is_same {
            return Verdict::Same;
        }
        let goes_on = draft.is_some() && self.draft_base_id == self.published_revision_id && !self.is_archived;
        if goes_on || !self.is_changed(mode) || winner == Winner::Files {
            return write;
        }
        let is_file_as_before = says(&self.imported_published_hash) || says(&self.imported_draft_hash);
        if is_file_as_before || winner == Winner::Database { Verdict::Keep } else { Verdict::Conflict }
    }

    /// Tells whether people changed what an import in this mode would replace.
    fn is_changed(&self, mode: Mode) -> bool {
        let replaced = match mode {
            Mode::Draft => self.draft_revision_id.or(self.published_revision_id),
            Mode::Publish => self.published_revision_id,
        };
        self.is_archived || replaced.is_some() && !self.is_imported(replaced)
    }

    /// Tells whether it is noted that what the entry says came from a file.
    pub(crate) fn is_noted(&self, mode: Mode) -> bool {
        match self.draft_revision_id.filter(|_| mode == Mode::Draft) {
            Some(draft) => self.imported_draft_id == Some(draft),
            None => self.imported_published_id == self.published_revision_id,
        }
    }

    fn is_imported(&self, revision: Option<i64>) -> bool {
        revision == self.imported_published_id || revision == self.imported_draft_id
    }

    /// Tells whether anything of it ever came from a file.
    pub(crate) fn was_imported(&self) -> bool {
        self.imported_published_id.is_some() || self.imported_draft_id.is_some()
    }

    /// Tells whether people published something else than the last import did.
    pub(crate) fn is_published_by_people(&self) -> bool {
        self.is_changed(Mode::Publish)
    }

    /// Changes that people made to the entry, in a sentence.
    pub(crate) fn change(&self, mode: Mode) -> String {
        if self.is_archived {
            return "it was archived".to_owned();
        }
        let draft = || self.draft_number.zip(self.draft_author.as_deref()).filter(|_| mode == Mode::Draft);
        let (verb, revision) = match (draft(), self.published_number.zip(self.published_author.as_deref())) {
            (Some(draft), _) => ("drafted", Some(draft)),
            (None, published) => ("published", published),
        };
        let since = if self.was_imported() { " since its last import" } else { " and never came from a file" };
        revision.map_or_else(String::new, |(number, author)| format!("revision {number} by {author} was {verb}{since}"))
    }
}

/// States of entries of these kinds and slugs: one statement.
pub(crate) async fn known<'a>(
    db: &impl ConnectionTrait,
    keys: impl Iterator<Item = (&'static str, &'a str)>,
) -> Result<HashMap<(String, String), LastImport>> {
    let mut slugs: HashMap<&'static str, Vec<&str>> = HashMap::new();
    for (kind, slug) in keys {
        slugs.entry(kind).or_default().push(slug);
    }
    let asked = slugs.into_iter().fold(Condition::any(), |any, (kind, slugs)| {
        any.add(entry::Column::Kind.eq(kind).and(entry::Column::Slug.is_in(slugs)))
    });
    let rows = all_known(db, asked).await?;
    Ok(rows.into_iter().map(|known| ((known.kind.clone(), known.slug.clone()), known)).collect())
}

/// States of the entries that the condition admits.
pub(crate) async fn all_known(db: &impl ConnectionTrait, asked: Condition) -> Result<Vec<LastImport>> {
    let rows = db.query_all(&select(asked)).await?;
    rows.iter().map(|row| Ok(LastImport::from_query_result(row, "")?)).collect()
}

/// Entries, what they point at, and the number of their last revision.
fn select(asked: Condition) -> SelectStatement {
    use entry::Column::{
        ArchivedAt, DraftBaseId, DraftRevisionId, Id, ImportedDraftId, ImportedPublishedId, Kind, LineageId,
        PublishedRevisionId, RenamedTo, Slug,
    };
    let mut select = Query::select();
    select.from(entry::Entity).cond_where(asked);
    for column in [
        Id,
        Kind,
        Slug,
        PublishedRevisionId,
        DraftRevisionId,
        DraftBaseId,
        ImportedPublishedId,
        ImportedDraftId,
        RenamedTo,
        LineageId,
    ] {
        select.column((entry::Entity, column));
    }
    select.expr_as(Expr::col((entry::Entity, ArchivedAt)).is_not_null(), Alias::new("is_archived"));
    for (alias, pointer) in [
        ("published", PublishedRevisionId),
        ("draft", DraftRevisionId),
        ("imported_published", ImportedPublishedId),
        ("imported_draft", ImportedDraftId),
    ] {
        let of = |column: revision::Column| Expr::col((Alias::new(alias), column));
        let pointed = of(revision::Column::Id).eq(Expr::col((entry::Entity, pointer)));
        select.expr_as(of(revision::Column::Hash), Alias::new(format!("{alias}_hash")));
        if !alias.starts_with("imported") {
            select.expr_as(of(revision::Column::Number), Alias::new(format!("{alias}_number")));
            select.expr_as(of(revision::Column::Author), Alias::new(format!("{alias}_author")));
        }
        select.join_as(JoinType::LeftJoin, revision::Entity, Alias::new(alias), pointed);
    }
    select.expr_as(of_last_revision(revision::Column::Number), Alias::new("last_number")).take()
}

/// A column of the last revision of the entry.
pub(crate) fn of_last_revision(column: revision::Column) -> Expr {
    let last = Query::select()
        .column((revision::Entity, column))
        .from(revision::Entity)
        .and_where(revision::Column::EntryId.into_expr().eq(Expr::col((entry::Entity, entry::Column::Id))))
        .order_by(revision::Column::Number, sea_orm::sea_query::Order::Desc)
        .limit(1)
        .take();
    Expr::SubQuery(None, Box::new(last.into()))
}
