//! Plans: the fate of each document of an import, before anything of it is written.
use document::{CheckedDocument, Document};

use super::{
    Hashed, Import,
    merge::{LastImport, Verdict, Winner},
    summary::{Imported, Mode},
};
use crate::{Error, Result, entries::slugs::renamed_to};

/// Document that cannot be imported as things stand in the database.
pub(crate) struct Conflict {
    /// The file and the line of the document.
    pub at: Option<(usize, u64)>,
    /// The rule that forbids it.
    pub rule: &'static str,
    /// Problem, and what to do.
    pub message: String,
}

/// The fate of a document.
pub(super) enum Plan {
    /// It stays as it is.
    Nothing,
    /// The entry says the same.
    Same { entry: i64 },
    /// The draft of this entry says the same: it is published.
    PublishDraft { entry: i64, revision: i64 },
    /// A new revision of this entry.
    Write { entry: i64, number: i32 },
}

impl Import<'_> {
    /// Notes that an entry with a former slug comes into view.
    pub(super) fn note_appeared(&mut self, known: &LastImport, plan: &Plan) {
        let is_seen =
            known.published_revision_id.is_some() || self.mode == Mode::Draft && known.draft_revision_id.is_some();
        if self.is_of_files && known.lineage_id.is_some() && !is_seen && !matches!(plan, Plan::Nothing) {
            self.appeared.push(known.id);
        }
    }

    /// Notes a document that may link by a slug that was given up, or whose draft may follow what is published of it.
    pub(super) fn note_unsettled(&mut self, guide: &CheckedDocument, known: Option<&LastImport>) {
        if self.former.is_empty() {
            return;
        }
        let Document { kind, slug, sections } = &guide.document;
        let has_draft = known.is_some_and(|known| known.draft_revision_id.is_some());
        // Texts of JSON stand between quotes, and slugs have nothing that is escaped.
        let mentions = |(_, body): &(_, String)| body.split('"').any(|text| self.former.contains(text));
        if has_draft || sections.iter().any(mentions) {
            self.unsettled.push((*kind, slug.clone()));
        }
    }

    /// A slug that was given up is not taken up again, but by renaming.
    pub(super) async fn refuse_renamed(&self, known: &LastImport) -> Result<()> {
        let Some(now) = known.renamed_to.filter(|_| self.after == 0) else { return Ok(()) };
        let slugs = renamed_to(&*self.txn, vec![now]).await?;
        let (kind, slug) = (&known.kind, &known.slug);
        let now = slugs.get(&now).map(String::as_str).unwrap_or_default();
        Err(Error::caller(
            "RENAMED",
            format!("The {kind} `{slug}` was renamed to `{now}`. Use that slug; nothing was written."),
        ))
    }

    /// The plan for a document whose entry exists.
    pub(super) fn plan<G: AsRef<CheckedDocument>>(
        &mut self,
        known: &LastImport,
        hashed: &Hashed<G>,
    ) -> (Plan, Imported) {
        // What an editor saves was compared with the head before.
        let winner = if self.is_of_files { self.winner } else { Winner::Files };
        match known.verdict(&hashed.hash, self.mode, winner) {
            Verdict::Same if known.is_noted(self.mode) => (Plan::Nothing, Imported::Unchanged),
            Verdict::Same => (Plan::Same { entry: known.id }, Imported::Unchanged),
            Verdict::PublishDraft(revision) => (Plan::PublishDraft { entry: known.id, revision }, Imported::Updated),
            Verdict::Write => {
                let number = Ord::max(known.last_number.unwrap_or_default(), self.after) + 1;
                (Plan::Write { entry: known.id, number }, Imported::Updated)
            }
            Verdict::Keep => {
                self.summary.keep(known.why_kept(self.mode));
                (Plan::Nothing, Imported::Kept)
            }
            Verdict::Conflict => {
                let message = format!(
                    "the {} `{}` was changed in the database and in its file: {}; merge the two and import with `--theirs`, \
                     which takes the file, or import with `--ours`, which keeps what the database has",
                    known.kind,
                    known.slug,
                    known.change(self.mode)
                );
                self.conflicts.push(Conflict { at: hashed.at, rule: "changed-since-import", message });
                (Plan::Nothing, Imported::Kept)
            }
        }
    }
}
