//! Mirroring files: what is published beside them is withdrawn.
use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, ConnectionTrait,
    sea_query::{Expr, Func, Order, Query},
};

use super::{
    audit::{self, Action, Deed},
    batch::Import,
    entry,
    files::BATCH,
    import::Imported,
    publish::{begin, retire},
};
use crate::Result;

impl Import<'_> {
    /// Withdraws what is published of a kind and has none of these slugs. Its revision stays: it is the draft, where there is no
    /// newer one.
    pub(super) async fn withdraw_others(&mut self, kind: &'static str, slugs: &HashSet<Box<str>>) -> Result<()> {
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
        for others in others.chunks(BATCH) {
            let ids: Vec<_> = others.iter().map(|(id, _)| *id).collect();
            retire(&self.txn, ids.clone(), self.change.at).await?;
            let draft = Func::coalesce([Expr::col(DraftRevisionId), Expr::col(PublishedRevisionId)]);
            let pointers = [(DraftRevisionId, draft.into()), (PublishedRevisionId, Expr::val(None::<i64>))];
            self.update(ids, pointers).await?;
            for (id, slug) in others {
                self.rows.insert(begin(*id, None, self.change.at));
                self.summary.add(kind, slug, Imported::Withdrawn);
            }
            let deeds = others.iter().map(|(_, slug)| Deed::to(Action::Unpublished, kind, slug, None));
            audit::record(&self.txn, &self.change, deeds).await?;
        }
        Ok(())
    }
}
