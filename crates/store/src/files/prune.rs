//! Mirroring files: what is published beside them is withdrawn.
use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, ConnectionTrait,
    sea_query::{Expr, Func, Order, Query},
};

use super::BATCH;
use crate::{
    Result,
    access::audit::{self, Action, AuditEntry},
    tables::{
        entry,
        publication::{begin, retire},
    },
    writer::{
        Conflict, Import,
        merge::{Winner, known},
        summary::{Imported, Mode},
    },
};

impl Import<'_> {
    /// Withdraws what is published of a kind and has none of these slugs. Its revision stays: it is the draft, where there is no
    /// newer one.
    pub(crate) async fn withdraw_others(&mut self, kind: &'static str, slugs: &HashSet<Box<str>>) -> Result<()> {
        use entry::Column::{DraftRevisionId, Id, Kind, PublishedRevisionId, Slug};
        let published = Query::select()
            .columns([Id, Slug])
            .from(entry::Entity)
            .and_where(Kind.eq(kind))
            .and_where(PublishedRevisionId.is_not_null())
            .order_by(Slug, Order::Asc)
            .take();
        let mut others: Vec<(i64, String)> = Vec::new();
        for row in self.txn.query_all(&published).await? {
            let slug: String = row.try_get("", "slug")?;
            if !slugs.contains(slug.as_str()) {
                others.push((row.try_get("", "id")?, slug));
            }
        }
        let others = self.of_files(kind, others).await?;
        if !self.conflicts.is_empty() {
            return Ok(());
        }
        for others in others.chunks(BATCH) {
            let ids: Vec<_> = others.iter().map(|(id, _)| *id).collect();
            let before = retire(&self.txn, ids.clone(), self.change.at).await?;
            let draft = Func::coalesce([Expr::col(DraftRevisionId), Expr::col(PublishedRevisionId)]);
            let pointers = [(DraftRevisionId, draft.into()), (PublishedRevisionId, Expr::val(None::<i64>))];
            self.update(ids, pointers).await?;
            for (id, slug) in others {
                self.rows.insert(begin(*id, None, self.change.at, before.get(id)));
                self.summary.add(kind, slug, Imported::Withdrawn);
                if !self.former.is_empty() {
                    self.unsettled.push((kind, slug.clone()));
                }
            }
            let deeds = others.iter().map(|(_, slug)| AuditEntry::to(Action::Unpublished, kind, slug, None));
            audit::record(&self.txn, &self.change, deeds).await?;
        }
        Ok(())
    }

    /// Those that came from files and are as the last import left them. What people made stays; what they changed since is a
    /// conflict, as its file was deleted meanwhile.
    async fn of_files(&mut self, kind: &'static str, others: Vec<(i64, String)>) -> Result<Vec<(i64, String)>> {
        if self.winner == Winner::Files {
            return Ok(others);
        }
        let mut withdrawn = Vec::new();
        for others in others.chunks(BATCH) {
            let known = known(&*self.txn, others.iter().map(|(_, slug)| (kind, slug.as_str()))).await?;
            for (id, slug) in others {
                let Some(known) = known.get(&(kind.to_owned(), slug.clone())) else { continue };
                if !known.is_published_by_people() {
                    withdrawn.push((*id, slug.clone()));
                } else if known.was_imported() && self.winner == Winner::Nobody {
                    let message = format!(
                        "the {kind} `{slug}` was changed in the database, and its file is gone: {}; withdraw it with `careerql unpublish \
                         {kind} {slug}`, or import with `--theirs`, which withdraws it, or with `--ours`, which keeps it",
                        known.change(Mode::Publish)
                    );
                    self.conflicts.push(Conflict { at: None, rule: "changed-since-import", message });
                } else {
                    self.summary.keep(known.why_kept(Mode::Publish));
                    self.summary.add(kind, slug, Imported::Kept);
                }
            }
        }
        Ok(withdrawn)
    }
}
